import QPW
import QPWPages
import Synchronization

// entries | who exchanges | acquire-release; readers acquire

/// Where a client of the lists finds its folios: by numbers, without a lock. The table has a reference to each.
final class FolioTable: @unchecked Sendable {
    static let count = 64

    private let entries: UnsafeMutablePointer<Atomic<UInt>>

    init() {
        entries = .allocate(capacity: Self.count)
        for index in 0..<Self.count { (entries + index).initialize(to: Atomic(0)) }
    }

    deinit { entries.deallocate() }

    private static func folio(_ word: UInt) -> Folio? {
        UnsafeMutableRawPointer(bitPattern: word).map { Folio(at: $0) }
    }

    /// In a read section.
    subscript(index: Int) -> Folio? { Self.folio(entries[index].load(ordering: .acquiring)) }

    /// Puts a folio, or nothing, in the place of another, whose reference is the caller's then.
    func exchange(_ index: Int, for folio: Folio?) -> Folio? {
        let word = folio.map { UInt(bitPattern: $0.address) } ?? 0
        return Self.folio(entries[index].exchange(word, ordering: .acquiringAndReleasing))
    }

    /// Takes this one out, if it is there still: then its reference is the caller's.
    func withdraw(_ folio: Folio) -> Bool {
        guard folio.word < UInt(Self.count) else { return false }
        return entries[Int(folio.word)].compareExchange(
            expected: UInt(bitPattern: folio.address), desired: 0, ordering: .acquiringAndReleasing
        ).exchanged
    }

    var all: [Folio] { (0..<Self.count).compactMap { self[$0] } }
}
