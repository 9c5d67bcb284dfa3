import Foundation
import QPW
import Synchronization

/// The greatest of a figure that a thread looks at every few milliseconds.
final class Peak: Sendable {
    private let isOver = Atomic<Bool>(false)
    private let watcher = Guarded<MeasuringThread<Double>?>(nil)

    private static let interval: Int64 = 2_000_000

    init(of figure: @escaping @Sendable () -> Double) {
        let thread = try? MeasuringThread { [self] in
            var highest = figure()
            while !isOver.load(ordering: .relaxed) {
                System.sleep(nanoseconds: Self.interval)
                highest = max(highest, figure())
            }
            return highest
        }
        guard let thread else { fatalError(OutOfThreads().description) }
        watcher.withLock { $0 = thread }
    }

    /// Ends the watching.
    func end() -> Double {
        isOver.store(true, ordering: .relaxed)
        return watcher.withLock { $0 }?.join() ?? 0
    }
}

/// Memory of this process that is in use, in KiB; zero where the system does not tell.
func residentKibibytes() -> Int {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return pages * sysconf(Int32(_SC_PAGESIZE)) / 1024
}
