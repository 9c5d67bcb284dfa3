import QPW
import Synchronization

// next  | who notes on that CPU | relaxed read-modify-write
// time, | who notes             | relaxed: an entry may be torn by one who comes round the ring meanwhile, which a reader of
// word  |                       | last events can live with

/// The last events of each CPU, to be read once something went wrong. Noting one is async-signal-safe.
final class Journal: @unchecked Sendable {
    struct Event: Sendable {
        var cycles: UInt64
        var actor: Int
        var deed: Deed
        var cpu: CPU?
    }

    private static let length = 16
    private static let stride = 2 * (length + 1)
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    private let cpuCount: Int
    private let isClosed = Atomic<Bool>(false)

    init(cpuCount: Int) {
        self.cpuCount = cpuCount
        words = .allocate(capacity: cpuCount * Self.stride)
        for index in 0..<cpuCount * Self.stride { (words + index).initialize(to: Atomic(0)) }
    }

    deinit { words.deallocate() }

    func note(_ deed: Deed, by actor: Int, about cpu: CPU?) {
        guard !isClosed.load(ordering: .relaxed) else { return }
        let here = words + min(CPU.current.id, cpuCount - 1) * Self.stride
        let index = here.pointee.wrappingAdd(1, ordering: .relaxed).oldValue % UInt64(Self.length)
        let entry = here + 2 + 2 * Int(index)
        entry.pointee.store(CycleClock.now(), ordering: .relaxed)
        let word = UInt64(deed.rawValue) | UInt64(actor) << 8 | UInt64((cpu?.id ?? -1) + 1) << 32
        (entry + 1).pointee.store(word, ordering: .relaxed)
    }

    /// Keeps what there is.
    func close() { isClosed.store(true, ordering: .relaxed) }

    /// The last events that were noted on a CPU, the oldest first.
    func events(of cpu: Int) -> [Event] {
        let here = words + cpu * Self.stride
        return (1...Self.length).compactMap { index in
            let word = here[2 * index + 1].load(ordering: .relaxed)
            guard let deed = Deed(rawValue: UInt8(word & 0xFF)) else { return nil }
            let about = Int(word >> 32) - 1
            return Event(
                cycles: here[2 * index].load(ordering: .relaxed), actor: Int(word >> 8 & 0xFFFF), deed: deed,
                cpu: about < 0 ? nil : CPU(about))
        }.sorted { $0.cycles < $1.cycles }
    }
}
