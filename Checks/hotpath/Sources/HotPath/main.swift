import QPW
import QPWObjects
import QPWPages
import Synchronization

// Nothing runs this. It refers to each probe, so that no linker drops one.
let slots = PerCPU<Int>("probe") { _ in 0 }
let nodes = PerCPU<Node>("probe") { _ in Node() }
let lock = QPWLock("probe")
let counter = PerCPUCounter()
let shared = Atomic(0)

probeWithLocal(slots)
_ = probeTryWithLocal(slots)
probeLockLocal(lock)
probeCounterAdd(counter)
spoiltCall(slots)
spoiltRetain(nodes)
spoiltAllocation(nodes)
spoiltAtomic(slots, shared)

let cache = ObjectCache(name: "probe", objectSize: 64)
let sizes = SizeClasses()
probeCacheDeallocate(cache, try probeCacheAllocate(cache))
probeSizesDeallocate(sizes, try probeSizesAllocate(sizes))
if let object = signalTryAllocate(cache) { _ = signalTryDeallocate(cache, object) }
if let memory = signalSizesTryAllocate(sizes, 64) { _ = signalSizesTryDeallocate(sizes, memory) }
if let folio = Folio.allocate(payloadBytes: 0) { probePageAdd(PageLRU("probe") { _ in }, folio) }
_ = signalTryLock(lock)
_ = try unsafeAllocate(cache)
_ = unsafeMalloc(cache)
_ = unsafeObject(cache)
unsafeClosure(cache) { print("none left") }
