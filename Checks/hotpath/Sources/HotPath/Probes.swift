import QPW
import QPWObjects
import QPWPages

// What `run` disassembles: each function is one use of a slot and nothing else. The names are symbols as written.

@_silgen_name("probe_withLocal") @inline(never)
func probeWithLocal(_ slots: borrowing PerCPU<Int>) {
    slots.withLocal { count, _ in count &+= 1 }
}

@_silgen_name("probe_tryWithLocal") @inline(never)
func probeTryWithLocal(_ slots: borrowing PerCPU<Int>) -> Bool {
    slots.tryWithLocal { count, _ in count &+= 1 } != nil
}

@_silgen_name("probe_lockLocal") @inline(never)
func probeLockLocal(_ lock: QPWLock) {
    let cpu = lock.lockLocal()
    lock.unlockLocal(cpu)
}

@_silgen_name("probe_counterAdd") @inline(never)
func probeCounterAdd(_ counter: borrowing PerCPUCounter) {
    counter.add()
}

@_silgen_name("probe_cacheAllocate") @inline(never)
func probeCacheAllocate(_ cache: ObjectCache) throws(OutOfMemory) -> UnsafeMutableRawPointer {
    try cache.allocate()
}

@_silgen_name("probe_cacheDeallocate") @inline(never)
func probeCacheDeallocate(_ cache: ObjectCache, _ object: UnsafeMutableRawPointer) {
    cache.deallocate(object)
}

@_silgen_name("probe_sizesAllocate") @inline(never)
func probeSizesAllocate(_ sizes: SizeClasses) throws(OutOfMemory) -> UnsafeMutableRawPointer {
    try sizes.allocate(byteCount: 64)
}

@_silgen_name("probe_sizesDeallocate") @inline(never)
func probeSizesDeallocate(_ sizes: SizeClasses, _ memory: UnsafeMutableRawPointer) {
    sizes.deallocate(memory, byteCount: 64)
}

@_silgen_name("probe_pageAdd") @inline(never)
func probePageAdd(_ lru: PageLRU, _ folio: Folio) {
    lru.add(folio)
}
