extension CPU {
    /// The CPU on which the calling thread ran a moment ago; by now it may run on another.
    ///
    /// On the portable backend the virtual CPU of the thread. Costs a load, or a system call where the thread has no
    /// restartable sequences. Kernel counterpart: `raw_smp_processor_id`.
    public static var current: CPU { CPU(System.currentCPU()) }

    /// Whether this is not the CPU on which the calling thread ran a moment ago: a hint.
    ///
    /// Kernel counterpart: `pw_is_cpu_remote` of the proposal.
    public var isRemote: Bool { self != .current }
}
