/// How a per-CPU structure is locked, and who runs work that another CPU wants done on it.
///
/// A policy is the product of two choices: what the owner of a slot pays to take it, and what a *remote* operation
/// (drain, flush, scrape) costs the owner. It is fixed when a structure is made. In the kernel proposal the choice is
/// one switch, `qpw=0` (``queue``) or `qpw=1` (`lock`).
public enum QPWPolicy: Hashable, Sendable {
    /// The owner takes its slot without an atomic instruction; remote work is queued to a worker on that CPU.
    ///
    /// Cheapest for the owner between remote operations, dearest at one: two context switches on the owner's CPU.
    /// Kernel counterpart: `qpw=0`, `local_lock` with `queue_work_on`.
    case queue

    #if QPW
    /// The owner takes its slot with one atomic instruction; the remote caller does its work itself.
    ///
    /// Kernel counterpart: `qpw=1`, a per-CPU spinlock.
    case lock

    /// The owner takes its slot without an atomic instruction; the remote caller claims it with a membarrier.
    ///
    /// Then he does his work himself. The membarrier costs the owner one inter-processor interrupt, and no
    /// context switch. The kernel proposal has no counterpart.
    case fence

    /// The owner takes its slot without an atomic instruction, and runs itself what others left on it.
    ///
    /// It does so when it next leaves the slot or calls `safepoint()`. With `escalateAfter`, a caller that waited
    /// so long claims the slot as under ``fence`` and runs what is pending. Without it, a CPU that never comes by
    /// keeps work waiting for ever, so blocking calls trap and only the `async` ones remain. Kernel counterpart:
    /// the reviewers' "flush at return to user space".
    case deferred(escalateAfter: Duration?)

    /// The owner takes a priority-inheriting lock; remote work is queued to a worker on that CPU.
    ///
    /// Kernel counterpart: PREEMPT_RT with `qpw=0`.
    case rtQueue

    /// The owner takes a priority-inheriting lock; the remote caller does its work itself.
    ///
    /// While an owner of higher priority waits, the caller runs with that priority. Kernel counterpart:
    /// PREEMPT_RT with `qpw=1`.
    case rtLock

    /// ``lock`` on isolated and nohz_full CPUs, ``fence`` elsewhere.
    ///
    /// Where CPUs must be left alone a membarrier would disturb. ``lock`` everywhere if the system has no
    /// restartable sequences or no membarrier.
    case automatic
    #endif

    /// The process default; see ``current`` for what it is and why.
    ///
    /// It comes, the stronger first, from ``bootstrap(_:)``, the environment variable `QPW`, the package trait
    /// `QPWDefault`, and else is `automatic` (``queue`` in a build without the trait `QPW`). Reading it fixes it.
    public static var `default`: QPWPolicy { ProcessDefault.shared.fix().policy }

    /// The process default as this machine can carry it out, and why. Reading it fixes it.
    public static var current: PolicyInForce {
        let (policy, source) = ProcessDefault.shared.fix()
        return PolicyInForce(policy, chosenBy: source, capabilities: .system)
    }

    /// Makes `policy` the process default and prepares the process for it.
    ///
    /// Call it once, early in `main`: registering for membarrier takes 15 ms in a process that already has threads.
    /// A second call, or one after the default was used, traps.
    public static func bootstrap(_ policy: QPWPolicy) {
        ProcessDefault.shared.bootstrap(policy)
        _ = Capabilities.system
    }
}
