public import QPW
import Synchronization

extension ObjectCache {
    /// How often `event` has happened, over all CPUs. A load for each CPU; disturbs nobody.
    public func count(of event: CacheEvent) -> Int {
        sheaves.snapshot(into: 0) { sum, sheaves, cpu in sum += count(of: event, in: sheaves, on: cpu) }
    }

    /// How often `event` has happened on `cpu`.
    public func count(of event: CacheEvent, on cpu: CPU) -> Int {
        guard event == .allocSheaf || event == .freeSheaf else { return stock.statistics[event, cpu] }
        return sheaves.snapshot(into: 0) { sum, sheaves, each in
            if each == cpu { sum = count(of: event, in: sheaves, on: cpu) }
        }
    }

    private func count(of event: CacheEvent, in sheaves: borrowing CPUSheaves, on cpu: CPU) -> Int {
        switch event {
        case .allocSheaf: sheaves.pops.load(ordering: .relaxed)
        case .freeSheaf: sheaves.pushes.load(ordering: .relaxed)
        default: stock.statistics[event, cpu]
        }
    }

    /// Objects outside the slabs: in use, in sheaves, or waiting for a grace period.
    public var objectsInUse: Int { stock.objectsInUse }

    /// Slabs of the cache, 64 KiB each.
    public var slabCount: Int { stock.slabCount }

    /// How often CPUs' sheaves were waited for, and how long remote callers held them. Two loads a CPU.
    public var contention: Contention { sheaves.contention }

    /// The policy as this machine carries it out, and why.
    public var inForce: PolicyInForce { sheaves.inForce }
}
