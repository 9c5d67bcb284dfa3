import QPW
import QPWTestSupport
import Testing

@testable import QPWObjects

/// Memory that is refused from the n-th request on for as long as wanted, and that is counted.
final class FailingMemory: Sendable {
    private struct State {
        var requests = 0
        var refused = 0..<0
        var refusals = 0
        var interruption: (@Sendable () -> Void)?
        var blocks = 0
        var mapped = 0
    }

    private let state = Guarded(State())

    /// Requests since ``refuse(_:)``.
    var requests: Int { state.withLock { $0.requests } }
    /// Requests that were ever refused.
    var refusals: Int { state.withLock { $0.refusals } }
    /// Blocks that were not freed.
    var blocks: Int { state.withLock { $0.blocks } }
    /// Bytes that were not unmapped.
    var mapped: Int { state.withLock { $0.mapped } }

    /// Waits until all is given back: the closure of a thread may keep a cache a moment longer than its result.
    func expectAllBack(sourceLocation: SourceLocation = #_sourceLocation) {
        waitUntil(sourceLocation: sourceLocation) { blocks == 0 && mapped == 0 }
    }

    /// Refuses the requests with these numbers, counted from now.
    func refuse(_ numbers: Range<Int>) {
        state.withLock {
            $0.requests = 0
            $0.refused = numbers
        }
    }

    /// Does something within the next request, which a thread makes while it holds nothing: as if it were preempted there.
    func duringNextRequest(_ interruption: @escaping @Sendable () -> Void) {
        state.withLock { $0.interruption = interruption }
    }

    private func isRefused() -> Bool {
        let (isRefused, interruption) = state.withLock { state in
            defer { state.interruption = nil }
            state.requests += 1
            let isRefused = state.refused.contains(state.requests - 1)
            if isRefused { state.refusals += 1 }
            return (isRefused, state.interruption)
        }
        interruption?()
        return isRefused
    }

    var source: MemorySource {
        let system = MemorySource.system
        return MemorySource(
            map: { bytes, alignment in
                if self.isRefused() { return nil }
                self.state.withLock { $0.mapped += bytes }
                return system.map(bytes, alignment)
            },
            unmap: { address, bytes in
                self.state.withLock { $0.mapped -= bytes }
                system.unmap(address, bytes)
            },
            allocate: { bytes in
                if self.isRefused() { return nil }
                self.state.withLock { $0.blocks += 1 }
                return system.allocate(bytes)
            },
            free: { block in
                self.state.withLock { $0.blocks -= 1 }
                system.free(block)
            })
    }
}
