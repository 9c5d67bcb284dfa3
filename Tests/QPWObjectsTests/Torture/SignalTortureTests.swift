import QPW
import QPWTestSupport
import Synchronization
import Testing

@testable import QPWObjects

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Allocates and frees in a signal's handler, on the stack of a thread that does the same.
///
/// One at a time: the handler finds it in a global.
private final class Interrupter: @unchecked Sendable {
    private let cache: ObjectCache
    private let stamps: Stamps
    /// What could not be given back in the handler: one object, for the next time.
    private let kept = Atomic<UInt>(0)
    private let allocations = Atomic<Int>(0)
    private let frees = Atomic<Int>(0)

    nonisolated(unsafe) private static var current: Unmanaged<Interrupter>?
    /// No other test's: handlers are the process's, and suites run side by side.
    private static let signal = SIGUSR2
    private static let tag = 1000

    var handled: (allocations: Int, frees: Int) {
        (allocations.load(ordering: .relaxed), frees.load(ordering: .relaxed))
    }

    init(_ cache: ObjectCache, _ stamps: Stamps) {
        self.cache = cache
        self.stamps = stamps
        Self.current = .passUnretained(self)
        var action = sigaction()
        #if canImport(Darwin)
        action.__sigaction_u.__sa_handler = { _ in Interrupter.handleCurrent() }
        #else
        action.__sigaction_handler.sa_handler = { _ in Interrupter.handleCurrent() }
        #endif
        action.sa_flags = SA_RESTART
        sigaction(Self.signal, &action, nil)
    }

    private static func handleCurrent() {
        let before = errno
        current?._withUnsafeGuaranteedRef { $0.handle() }
        errno = before
    }

    private func handle() {
        guard let object = UnsafeMutableRawPointer(bitPattern: kept.load(ordering: .relaxed)) else {
            guard let object = cache.tryAllocate() else { return }
            stamps.take(object, tag: Self.tag)
            kept.store(UInt(bitPattern: object), ordering: .relaxed)
            allocations.wrappingAdd(1, ordering: .relaxed)
            return
        }
        stamps.give(object, tag: Self.tag)
        if cache.tryDeallocate(object) {
            kept.store(0, ordering: .relaxed)
            frees.wrappingAdd(1, ordering: .relaxed)
        } else {
            stamps.take(object, tag: Self.tag)
        }
    }

    /// Lets the calling thread be interrupted while it runs `body`, by a thread that does nothing else.
    func interrupt(_ body: () -> Void) {
        let thread = pthread_self()
        let done = Flag(), gone = Flag()
        let raging = startThread {
            while !done.isRaised {
                pthread_kill(thread, Self.signal)
                System.sleep(nanoseconds: 50_000)
            }
            gone.raise()
        }
        guard let raging else { fatalError("no room for a thread") }
        pthread_detach(raging)
        mask(SIG_UNBLOCK)
        body()
        mask(SIG_BLOCK)
        done.raise()
        gone.wait()
    }

    private func mask(_ how: Int32) {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, Self.signal)
        pthread_sigmask(how, &set, nil)
    }

    func end() {
        Self.current = nil
        if let object = UnsafeMutableRawPointer(bitPattern: kept.load(ordering: .relaxed)) {
            stamps.give(object, tag: Self.tag)
            cache.deallocate(object)
        }
    }
}

extension ObjectTests {
    @Suite(.enabled(if: Machine.isOptimised, "what a signal handler may call is promised for release builds"))
    struct SignalTortureTests {
        @Test(arguments: everyPolicy) func handlersAllocateAndFree(policy: QPWPolicy) async throws {
            let cache = makeCache(capacity: 7, policy: policy)
            let stamps = Stamps()
            let handled = try await onThread {
                let interrupter = Interrupter(cache, stamps)
                defer { interrupter.end() }
                var torturer = Torturer(cache, stamps, thread: 0, seed: 5) { _ throws(OutOfMemory) in
                    try cache.allocate()
                }
                interrupter.interrupt {
                    repeat { torturer.run(steps: 10_000) } while interrupter.handled.frees < 100
                }
                return interrupter.handled
            }
            #expect(handled.allocations >= 100 && handled.frees >= 100)
            #expect(stamps.errorCount == 0)
            try await onThread {
                cache.barrier()
                cache.shrink()
            }
            #expect(cache.objectsInUse == 0)
        }
    }
}
