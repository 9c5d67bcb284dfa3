import Glibc
import QPW
import QPWObjects

// What a signal handler may call: everything that these reach, wherever it lies, must be fit for one.

@_silgen_name("signal_tryAllocate") @inline(never)
func signalTryAllocate(_ cache: ObjectCache) -> UnsafeMutableRawPointer? {
    cache.tryAllocate()
}

@_silgen_name("signal_tryDeallocate") @inline(never)
func signalTryDeallocate(_ cache: ObjectCache, _ object: UnsafeMutableRawPointer) -> Bool {
    cache.tryDeallocate(object)
}

@_silgen_name("signal_sizesTryAllocate") @inline(never)
func signalSizesTryAllocate(_ sizes: SizeClasses, _ count: Int) -> UnsafeMutableRawPointer? {
    sizes.tryAllocate(byteCount: count)
}

@_silgen_name("signal_sizesTryDeallocate") @inline(never)
func signalSizesTryDeallocate(_ sizes: SizeClasses, _ memory: UnsafeMutableRawPointer) -> Bool {
    sizes.tryDeallocate(memory)
}

@_silgen_name("signal_tryLock") @inline(never)
func signalTryLock(_ lock: QPWLock) -> Bool {
    guard let cpu = lock.tryLock() else { return false }
    lock.unlockAfterTry(cpu)
    return true
}

// The broken twins: what no signal handler may call.

@_silgen_name("unsafe_allocate") @inline(never)
func unsafeAllocate(_ cache: ObjectCache) throws(OutOfMemory) -> UnsafeMutableRawPointer {
    try cache.allocate()
}

@_silgen_name("unsafe_malloc") @inline(never)
func unsafeMalloc(_ cache: ObjectCache) -> UnsafeMutableRawPointer {
    cache.tryAllocate() ?? malloc(cache.objectSize)!
}

@_silgen_name("unsafe_object") @inline(never)
func unsafeObject(_ cache: ObjectCache) -> Node? {
    cache.tryAllocate() == nil ? Node() : nil
}

@_silgen_name("unsafe_closure") @inline(never)
func unsafeClosure(_ cache: ObjectCache, _ body: () -> Void) {
    if cache.tryAllocate() == nil { body() }
}
