package import QPW

/// Every policy that this build has; `deferred` with a deadline, so that callers may block.
package let everyPolicy: [QPWPolicy] = {
    #if QPW
    [.queue, .lock, .fence, .deferred(escalateAfter: .milliseconds(1)), .rtQueue, .rtLock, .automatic]
    #else
    [.queue]
    #endif
}()
