import Foundation
import QPW

/// Why no CPU is taken offline.
struct ImpossibleHotplug: Error, CustomStringConvertible {
    var reason: String

    var description: String { reason }
}

#if os(Linux)
/// Takes the last CPU offline now and then, and sees to it that it comes back whatever happens to this process.
final class Hotplug: Sendable {
    private let guardian: Guardian
    private let thread: MeasuringThread<Int>

    /// A shell that puts the CPU back when the pipe that it reads ends: by our doing, or with our end.
    private final class Guardian: @unchecked Sendable {
        private let process = Process()
        private let pipe = Pipe()

        init(_ file: String) throws {
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = ["-c", "trap '' INT TERM HUP; cat >/dev/null; echo 1 >\(file)"]
            process.standardInput = pipe
            try process.run()
        }

        func end() {
            try? pipe.fileHandleForWriting.close()
            process.waitUntilExit()
        }
    }

    /// Throws ``ImpossibleHotplug`` where it cannot be done, or must not.
    init(_ cpus: [CPU], seed: UInt64, until weather: Weather) throws {
        guard let file = Self.file(cpus) else {
            throw ImpossibleHotplug(reason: "it takes root and a second CPU that can be taken")
        }
        if let obstacle = CPUReturn.obstacle() { throw ImpossibleHotplug(reason: obstacle) }
        let guardian = try Guardian(file)
        do {
            thread = try MeasuringThread { Self.plug(file, seed, until: weather) }
        } catch {
            guardian.end()
            throw error
        }
        self.guardian = guardian
    }

    /// CPU 0 stays, and so does the last that there is.
    private static func file(_ cpus: [CPU]) -> String? {
        guard cpus.count > 1, let cpu = cpus.last, cpu.id != 0 else { return nil }
        let file = "/sys/devices/system/cpu/cpu\(cpu.id)/online"
        return FileManager.default.isWritableFile(atPath: file) ? file : nil
    }

    private static func plug(_ file: String, _ seed: UInt64, until weather: Weather) -> Int {
        var random = SeededRandom(seed, thread: -1)
        var count = 0
        while sleep(.random(in: 300_000_000...900_000_000, using: &random), unless: weather) {
            guard write("0", to: file) else { break }
            count += 1
            _ = sleep(.random(in: 5_000_000...150_000_000, using: &random), unless: weather)
            _ = write("1", to: file)
        }
        return count
    }

    /// False as soon as the run is over.
    private static func sleep(_ nanoseconds: Int64, unless weather: Weather) -> Bool {
        let limit = MonotonicClock.now() + nanoseconds
        while MonotonicClock.now() < limit {
            if weather.isOver { return false }
            System.sleep(nanoseconds: 5_000_000)
        }
        return true
    }

    private static func write(_ text: String, to file: String) -> Bool {
        guard let handle = FileHandle(forWritingAtPath: file) else { return false }
        defer { try? handle.close() }
        return (try? handle.write(contentsOf: Data(text.utf8))) != nil
    }

    /// Once the run is over; returns how often the CPU was taken.
    func end() -> Int {
        let count = thread.join()
        guardian.end()
        return count
    }
}
#else
struct Hotplug {
    init(_ cpus: [CPU], seed: UInt64, until weather: Weather) throws {
        throw ImpossibleHotplug(reason: "this system does not offer it")
    }

    func end() -> Int { 0 }
}
#endif
