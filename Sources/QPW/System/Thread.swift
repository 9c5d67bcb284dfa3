#if canImport(Glibc)
package import Glibc
#elseif canImport(Musl)
package import Musl
#elseif canImport(Darwin)
package import Darwin
#endif

/// Starts a thread of ordinary scheduling that runs `body` with every signal blocked, so that handlers run on the
/// program's own threads.
///
/// Nil if the system has no room for one. The caller joins or detaches it.
package func startThread(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
    let start = Unmanaged.passRetained(ThreadStart(body))
    // Not the caller's scheduling class: a real-time caller's would be inherited.
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setinheritsched(&attributes, Int32(PTHREAD_EXPLICIT_SCHED))
    #if canImport(Darwin)
    var thread: pthread_t?
    let failed = withSignalsBlocked {
        pthread_create(&thread, &attributes, { runThread($0) }, start.toOpaque())
    }
    #else
    var thread = pthread_t()
    let failed = withSignalsBlocked {
        pthread_create(&thread, &attributes, { runThread($0!) }, start.toOpaque())
    }
    #endif
    if failed != 0 {
        start.release()
        return nil
    }
    return thread
}

private final class ThreadStart: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private func runThread(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue().body()
    return nil
}

/// Runs `body` with every signal of the calling thread blocked, then restores its mask.
@usableFromInline
package func withSignalsBlocked<R: ~Copyable, E: Error>(_ body: () throws(E) -> sending R) throws(E)
    -> sending R
{
    var all = sigset_t(), before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    return try body()
}
