import CQPW

/// Which CPU the calling thread works for, wherever it runs: a worker whose CPU is offline is still that CPU's worker.
enum WorkerIdentity {
    static func becomeWorker(of cpu: CPU) { word().pointee = Int32(cpu.id) + 1 }

    static func isServing(_ cpu: CPU) -> Bool { word().pointee == Int32(cpu.id) + 1 }

    static var isWorker: Bool { word().pointee != 0 }

    /// Never inlined: each object file that C's inline function is compiled into has its own thread-local word.
    @inline(never)
    private static func word() -> UnsafeMutablePointer<Int32> { qpw_worker_cpu_plus_one() }
}
