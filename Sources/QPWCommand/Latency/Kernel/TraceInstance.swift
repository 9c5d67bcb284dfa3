#if os(Linux)
import Foundation
import QPW

/// A trace buffer of our own, beside whatever else is traced on the machine: one CPU's switches and work functions.
///
/// It is a folder in tracefs, which outlasts the process that made it: it is removed when this ends, and what a process
/// left behind that was killed is removed by the next.
final class TraceInstance {
    private static let prefix = "qpw-"
    private static let events = ["sched/sched_switch", "workqueue/workqueue_execute_start"]

    private let folder: String
    private let pipe: Int32
    private var rest: [UInt8] = []

    init(in tracefs: String, of cpu: CPU) throws(SystemFile.Failure) {
        let instances = tracefs + "/instances"
        Self.removeAbandoned(in: instances)
        folder = "\(instances)/\(Self.prefix)\(getpid())"
        guard mkdir(folder, 0o700) == 0 else { throw SystemFile.Failure(path: folder, code: errno) }
        do throws(SystemFile.Failure) {
            try Self.configure(folder, cpu)
            pipe = try Self.openPipe(folder, cpu)
        } catch {
            rmdir(folder)
            throw error
        }
    }

    deinit {
        close(pipe)
        rmdir(folder)
    }

    /// The events since the last call; never waits.
    func read() -> [TraceEvent] {
        var bytes = rest
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Foundation.read(pipe, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        let end = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        rest = Array(bytes[end...])
        return bytes[..<end].split(separator: UInt8(ascii: "\n"))
            .compactMap { TraceEvent(line: Self.text($0)) }
    }

    /// One character for each byte, as the columns are counted.
    private static func text(_ line: ArraySlice<UInt8>) -> String {
        String(decoding: line.map { $0 < 0x80 ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }

    private static func configure(_ folder: String, _ cpu: CPU) throws(SystemFile.Failure) {
        try SystemFile.write("mono", to: folder + "/trace_clock")
        try SystemFile.write(mask(of: cpu), to: folder + "/tracing_cpumask")
        for event in events { try SystemFile.write("1", to: "\(folder)/events/\(event)/enable") }
        try SystemFile.write("1", to: folder + "/tracing_on")
    }

    private static func openPipe(_ folder: String, _ cpu: CPU) throws(SystemFile.Failure) -> Int32 {
        let path = "\(folder)/per_cpu/cpu\(cpu.id)/trace_pipe"
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemFile.Failure(path: path, code: errno) }
        return descriptor
    }

    /// A CPU mask as the kernel reads it: groups of eight hexadecimal digits, the highest first.
    static func mask(of cpu: CPU) -> String {
        let highest = String(UInt32(1) << UInt32(cpu.id % 32), radix: 16)
        return ([highest] + Array(repeating: "00000000", count: cpu.id / 32)).joined(separator: ",")
    }

    /// Of processes that there are no more. The kernel refuses to remove one that somebody still reads.
    private static func removeAbandoned(in instances: String) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: instances)) ?? []
        for name in names where name.hasPrefix(prefix) {
            guard let process = pid_t(name.dropFirst(prefix.count)) else { continue }
            if process == getpid() || (kill(process, 0) != 0 && errno == ESRCH) {
                rmdir("\(instances)/\(name)")
            }
        }
    }
}
#endif
