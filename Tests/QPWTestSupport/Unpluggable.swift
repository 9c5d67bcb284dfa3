#if os(Linux) && !QPW_PORTABLE
import Foundation
import QPW

/// The last CPU, taken offline for a moment; it comes back whatever happens to this process.
///
/// Everything on the machine notices, other tests too, so it is done only where it was asked for.
package struct Unpluggable: Sendable {
    /// Why it can't be done here; nil if it can.
    private let isMissing: String?
    private let file: String

    package static let lastCPU = Unpluggable(Topology.system.allowed)

    private init(_ allowed: CPUSet) {
        file = "/sys/devices/system/cpu/cpu\(allowed.last?.id ?? 0)/online"
        isMissing =
            if ProcessInfo.processInfo.environment["QPW_TEST_OFFLINE"] == nil {
                "takes a CPU offline, which every other test would notice: "
                    + "QPW_TEST_OFFLINE=1 swift test --no-parallel --filter Offline"
            } else if allowed.count < 2 || !FileManager.default.isWritableFile(atPath: file) {
                "needs root, and a second CPU that can be taken offline"
            } else {
                CPUReturn.obstacle()
            }
    }

    package var isThere: Bool { isMissing == nil }
    package var reason: String { isMissing ?? "" }

    /// Runs `body` while the CPU is offline, for about a third of a second at most.
    ///
    /// One at a time, over all processes: another's end would bring the CPU back.
    package func whileOffline<R>(_ body: () throws -> R) throws -> R {
        let lock = open(file, O_RDONLY | O_CLOEXEC)
        flock(lock, LOCK_EX)
        defer { close(lock) }
        let guardian = Process()
        guardian.executableURL = URL(fileURLWithPath: "/bin/sh")
        guardian.arguments = ["-c", "sleep 0.4; echo 1 > \(file)"]
        try guardian.run()
        defer { guardian.waitUntilExit() }
        defer { try? write("1") }
        try write("0")
        return try body()
    }

    private func write(_ text: String) throws {
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }
}
#endif
