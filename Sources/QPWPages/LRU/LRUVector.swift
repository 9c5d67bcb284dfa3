import QPW
import Synchronization

// field          | who writes          | under         | memory order
// ---------------|---------------------|---------------|------------------------------------------------------------
// lists          | whoever moves folios| the list lock | none; their sizes relaxed, so that anybody may read them
// nonresidentAge | as the lists        | the list lock | relaxed
// updates, culled| as the lists        | the list lock | relaxed
// rescued        |                     |               |

/// The lists of one NUMA node: inactive, active and unevictable, under one lock.
///
/// By the address of its memory, so that no class's stored property is checked for exclusive access. What is done here is
/// done for a batch of folios at a time; `held` is what its lock protects. Kernel counterpart: `struct lruvec`
/// (include/linux/mmzone.h).
struct LRUVector: @unchecked Sendable {
    private let lock = ListLock()
    private let storage: UnsafeMutablePointer<Held>

    /// What the lock protects.
    struct Held: ~Copyable {
        var inactive = FolioList()
        var active = FolioList()
        var unevictable = FolioList()
        /// The weight of all that was evicted or activated: the clock of refault distances.
        let nonresidentAge = Atomic<UInt64>(0)
        /// What batches have asked for.
        let updates = Atomic<Int>(0)
        /// Folios that were found pinned and came to the unevictable list, and those that came back from it.
        let culled = Atomic<Int>(0)
        let rescued = Atomic<Int>(0)
    }

    init() {
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: (MemoryLayout<Held>.size + 127) & ~127, alignment: 128)
        storage = memory.bindMemory(to: Held.self, capacity: 1)
        storage.initialize(to: Held())
    }

    func destroy() {
        storage.deinitialize(count: 1)
        storage.deallocate()
        lock.destroy()
    }

    /// Takes the list lock for `body`.
    func withLock<R>(_ body: (inout Held) -> R) -> R {
        lock.lock()
        defer { lock.unlock() }
        inject(.listed)
        return body(&storage.pointee)
    }

    /// As ``withLock(_:)``, or nil at once if the lock is held, by the caller's own thread perhaps.
    func tryWithLock<R>(_ body: (inout Held) -> R) -> R? {
        guard lock.tryLock() else { return nil }
        defer { lock.unlock() }
        inject(.listed)
        return body(&storage.pointee)
    }
}

// MARK: - What anybody may read

extension LRUVector {
    var sizes: ListSizes {
        ListSizes(
            inactive: storage.pointee.inactive.size, active: storage.pointee.active.size,
            unevictable: storage.pointee.unevictable.size)
    }

    var age: UInt64 { storage.pointee.nonresidentAge.load(ordering: .relaxed) }
    var updates: Int { storage.pointee.updates.load(ordering: .relaxed) }
    var culled: Int { storage.pointee.culled.load(ordering: .relaxed) }
    var rescued: Int { storage.pointee.rescued.load(ordering: .relaxed) }
    var lockAcquisitions: Int { lock.acquisitionCount }
}

// MARK: - Linking

extension LRUVector.Held {
    /// Puts a folio at the head of the list that its state names.
    mutating func link(_ folio: Folio) {
        let state = folio.state
        folio.setState(state.union(.onList))
        if state.contains(.unevictable) {
            unevictable.insertAtHead(folio)
        } else if state.contains(.active) {
            active.insertAtHead(folio)
        } else {
            inactive.insertAtHead(folio)
        }
    }

    /// Puts a folio where the next eviction looks first.
    mutating func linkAtTail(_ folio: Folio) {
        folio.insertState(.onList)
        inactive.insertAtTail(folio)
    }

    /// Takes a folio off its list.
    mutating func unlink(_ folio: Folio) {
        let state = folio.state
        folio.setState(state.subtracting(.onList))
        if state.contains(.unevictable) {
            unevictable.unlink(folio)
        } else if state.contains(.active) {
            active.unlink(folio)
        } else {
            inactive.unlink(folio)
        }
    }

    /// Some folio that is on a list.
    var any: Folio? { inactive.head ?? active.head ?? unevictable.head }

    func addAge(_ weight: Int) {
        nonresidentAge.store(nonresidentAge.load(ordering: .relaxed) &+ UInt64(weight), ordering: .relaxed)
    }

    func noteUpdates(_ count: Int) {
        updates.store(updates.load(ordering: .relaxed) &+ count, ordering: .relaxed)
    }

    /// A pinned folio that is on no list, as the unevictable list wants it.
    func cull(_ folio: Folio) {
        folio.removeState(.active)
        folio.insertState(.unevictable)
        culled.store(culled.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    }

    /// One that is pinned no more.
    func rescue(_ folio: Folio) {
        folio.removeState(.unevictable)
        rescued.store(rescued.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    }
}
