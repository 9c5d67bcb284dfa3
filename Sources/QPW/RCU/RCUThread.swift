import CQPW

enum RCUThread {
    /// What the calling thread has to do with RCU.
    ///
    /// Never inlined, and the only caller: a thread-local word of a C header exists once for each object file
    /// that refers to it, and an optimised module consists of several.
    @inline(never)
    static func current() -> UnsafeMutablePointer<qpw_rcu> {
        qpw_rcu_of_this_thread()
    }
}
