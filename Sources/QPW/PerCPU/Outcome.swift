import Synchronization

/// What a body that ran elsewhere returned or threw.
enum Outcome<R: ~Copyable, E: Error>: ~Copyable {
    case none
    case value(R)
    case failure(E)

    init(catching body: () throws(E) -> sending R) {
        do throws(E) {
            self = .value(try body())
        } catch {
            self = .failure(error)
        }
    }

    consuming func take() throws(E) -> sending R {
        switch consume self {
        case .value(let value):
            nonisolated(unsafe) let value = value
            return value
        case .failure(let error): throw error
        case .none: trap("a remote operation ended without running its body")
        }
    }
}

/// The same, where the body outlives its caller's stack frame.
final class AsyncResult<R: Sendable, E: Error>: Sendable {
    private let outcome = Guarded<Result<R, E>?>(nil)

    func store(_ body: () throws(E) -> R) {
        let result: Result<R, E>
        do throws(E) { result = .success(try body()) } catch { result = .failure(error) }
        outcome.withLock { $0 = result }
    }

    func take() throws(E) -> R {
        guard let result = outcome.withLock({ $0 }) else {
            trap("a remote operation ended without running its body")
        }
        return try result.get()
    }
}

/// The first error of several bodies that run at once.
final class FirstError<E: Error>: Sendable {
    private let error = Guarded<E?>(nil)

    /// False if the body threw.
    func catching(_ body: () throws(E) -> Void) -> Bool {
        do throws(E) {
            try body()
            return true
        } catch let thrown {
            error.withLock { if $0 == nil { $0 = thrown } }
            return false
        }
    }

    func rethrow() throws(E) {
        if let error = error.withLock({ $0 }) { throw error }
    }
}
