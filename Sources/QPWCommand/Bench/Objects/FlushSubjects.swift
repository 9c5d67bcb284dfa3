import QPW
import QPWObjects

/// A flush of all CPUs where none holds anything, one does, ten do, all do: over CPUs of which this machine has the first few.
enum FlushSubjects {
    static let cpus = 4096
    static let holders = [0, 1, 10, cpus]

    static let note =
        "flush: nanoseconds for a flush of \(cpus) injected CPUs, so many of which hold a full sheaf"

    /// Not under the policies that queue: each CPU that is visited would get a worker thread.
    static func all(_ settings: BenchSettings) -> [Subject] {
        guard let conductor = Conductor(settings) else { return [] }
        return settings.policies.flatMap { choice in
            let caches = ManyCPUs(choice.policy)
            guard caches.canFlushAll else { return [Subject]() }
            return holders.map { count in
                let name = "flush/\(choice.name)/\(cpus)/\(count)"
                return Subject(suite: .objects, name: name, threads: 1, unit: .nanoseconds) {
                    conductor.median {
                        caches.stockUp(count)
                        return cycles { caches.flush() }
                    }
                }
            }
        }
    }

    private final class ManyCPUs: Sendable {
        private let cache: ObjectCache

        init(_ policy: QPWPolicy) {
            cache = ObjectCache(
                name: "bench", objectSize: CacheSource.objectSize, policy: policy,
                topology: Topology(possible: CPUSet(ids: 0..<FlushSubjects.cpus)))
        }

        var canFlushAll: Bool {
            switch cache.inForce.remote {
            case .inline, .fence: true
            case .queue, .deferred: false
            }
        }

        /// Spread out, so that their places say nothing.
        func stockUp(_ count: Int) {
            do throws(OutOfMemory) {
                for index in 0..<count { try cache.stockUp(CPU(index * (FlushSubjects.cpus / count))) }
            } catch {
                fatalError(error.description)
            }
        }

        func flush() { cache.flush() }
    }
}
