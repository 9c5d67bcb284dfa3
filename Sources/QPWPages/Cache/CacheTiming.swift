import QPW
import Synchronization

// Behind the value of an entry of a cache whose values expire:
//
// field   | who writes           | under                | memory order
// --------|----------------------|----------------------|------------------------------------------------
// deadline| who inserts; who uses| before use; nothing  | relaxed: of two who use it at once either is right
// latest  | who inserts          | before use           | none

/// When a cache's entries expire.
@usableFromInline
struct CacheTiming: Sendable {
    private let clock: CacheClock
    private let afterWrite: Int64?
    private let afterAccess: Int64?
    /// Where an entry's two words lie.
    private let offset: Int

    static let bytes = 16

    /// Nil if nothing expires.
    init?(_ expiry: Expiry, _ clock: CacheClock, offset: Int, name: String) {
        guard expiry.afterWrite != nil || expiry.afterAccess != nil else { return nil }
        for limit in [expiry.afterWrite, expiry.afterAccess] {
            precondition(limit ?? .seconds(1) > .zero, "'\(name)': values are good for more than no time")
        }
        self.clock = clock
        self.offset = offset
        afterWrite = expiry.afterWrite?.nanoseconds
        afterAccess = expiry.afterAccess?.nanoseconds
    }

    func start(_ folio: Folio) {
        let now = clock.now()
        let latest = Self.time(after: afterWrite, from: now)
        latestOf(folio).pointee = latest
        deadline(of: folio).initialize(to: Atomic(min(latest, Self.time(after: afterAccess, from: now))))
    }

    /// False if an entry has expired; else it is good for longer, if uses count.
    func use(_ folio: Folio) -> Bool {
        let now = clock.now()
        let deadline = deadline(of: folio)
        let seen = deadline.pointee.load(ordering: .relaxed)
        guard now < seen else { return false }
        if let afterAccess {
            let next = min(latestOf(folio).pointee, Self.time(after: afterAccess, from: now))
            if next - seen > afterAccess / 16 { deadline.pointee.store(next, ordering: .relaxed) }
        }
        return true
    }

    func hasExpired(_ folio: Folio) -> Bool {
        clock.now() >= deadline(of: folio).pointee.load(ordering: .relaxed)
    }

    private func deadline(of folio: Folio) -> UnsafeMutablePointer<Atomic<Int64>> {
        (folio.address + offset).assumingMemoryBound(to: Atomic<Int64>.self)
    }

    private func latestOf(_ folio: Folio) -> UnsafeMutablePointer<Int64> {
        (folio.address + offset + 8).assumingMemoryBound(to: Int64.self)
    }

    private static func time(after duration: Int64?, from now: Int64) -> Int64 {
        guard let duration else { return .max }
        let (time, overflow) = now.addingReportingOverflow(duration)
        return overflow ? .max : time
    }
}
