import QPW

// field | who writes     | under what | memory order
// ------|----------------|------------|-------------
// cells | everybody      | its lock   |

/// The idle objects that are no CPU's: what magazines are filled from and emptied into, half a magazine at a time.
///
/// So objects that are borrowed on one CPU and returned on another find their way back. Magazines are changed here with
/// their slot held, the slot first, then this lock; nothing else is done under it.
final class PoolOverflow: Sendable {
    private let memory: MemorySource
    private let cells: Guarded<Sheaf>

    init(capacity: Int, _ memory: MemorySource) {
        guard let sheaf = Sheaf.make(capacity: capacity, from: memory) else {
            trap("no memory for the list of a pool's idle objects")
        }
        self.memory = memory
        cells = Guarded(sheaf)
    }

    deinit {
        cells.withLock { $0.destroy(memory) }
    }

    /// A cell for the caller, and half a magazine for `magazine`; nil if there is none at all.
    func take(filling magazine: Sheaf) -> UnsafeMutableRawPointer? {
        cells.withLock { cells in
            guard let cell = cells.pop() else { return nil }
            for _ in 0..<magazine.capacity / 2 where !magazine.isFull {
                guard let other = cells.pop() else { break }
                magazine.push(other)
            }
            return cell
        }
    }

    /// Takes a cell in, and half of what is in `magazine`; false if there is no room even for the one.
    func put(_ cell: UnsafeMutableRawPointer, emptying magazine: Sheaf) -> Bool {
        cells.withLock { cells in
            if cells.isFull { return false }
            cells.push(cell)
            for _ in 0..<magazine.size / 2 where !cells.isFull {
                if let other = magazine.pop() { cells.push(other) }
            }
            return true
        }
    }

    func takeAny() -> UnsafeMutableRawPointer? { cells.withLock { $0.pop() } }

    var count: Int { cells.withLock { $0.size } }
}
