#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension Topology {
    /// The topology of this machine. Never fails.
    ///
    /// On Linux it is read from `/sys` and the calling thread's affinity. Where that can't be, the possible
    /// CPUs are as many as the system says it is configured with (`sysconf(_SC_NPROCESSORS_CONF)`), or more
    /// if the affinity names a higher one, in one node 0, none of them quiet; ``notes`` says so and why.
    ///
    /// The first use costs what ``init(sysfsRoot:affinity:)`` does, later ones nothing.
    public static let system = ofThisPlatform()

    private static func ofThisPlatform() -> Topology {
        #if os(Linux) && !QPW_PORTABLE
        detected(sysfsRoot: "/sys")
        #else
        assumed(because: "this build reads no sysfs")
        #endif
    }

    static func detected(sysfsRoot: String) -> Topology {
        do {
            return try Topology(sysfsRoot: sysfsRoot) { CPUSet.affinityOfCallingThread() ?? [] }
        } catch {
            return assumed(because: error.description)
        }
    }

    private static func assumed(because reason: String) -> Topology {
        let configured = Int(sysconf(Int32(_SC_NPROCESSORS_CONF)))
        let allowed = CPUSet.affinityOfCallingThread()?.last.map { $0.id + 1 } ?? 1
        let count = min(max(configured, allowed), CPU.ids.count)
        let possible = CPUSet(ids: 0..<count)
        return Topology(
            possible: possible,
            nodes: [NUMANode(id: 0, cpus: possible)],
            notes: ["\(reason): CPUs 0 to \(count - 1) in one NUMA node are assumed, all online, none quiet"],
            source: TopologySource(
                online: { nil }, allowed: { CPUSet.affinityOfCallingThread() },
                isolated: { nil }, nohzFull: { nil }))
    }
}
