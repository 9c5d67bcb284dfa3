// field   | who writes           | under             | memory order
// --------|----------------------|-------------------|------------------------------------
// count   | inserts, removals    | the stripe's lock | none; relaxed reads would be a guess
// refaults| inserts              | the stripe's lock | none

/// The locks of a table's writers: a hash's highest bits name its stripe, and no line of the table belongs to two.
struct Stripes: ~Copyable, @unchecked Sendable {
    private let base: UnsafeMutableRawPointer
    let bits: Int

    var count: Int { 1 << bits }

    init(bits: Int) {
        self.bits = bits
        base = .allocate(byteCount: (1 << bits) * Stripe.stride, alignment: Stripe.stride)
        for index in 0..<count { self[index].initialize() }
    }

    deinit {
        for index in 0..<(1 << bits) { Stripe(at: base + index * Stripe.stride).lock.destroy() }
        base.deallocate()
    }

    subscript(index: Int) -> Stripe { Stripe(at: base + index * Stripe.stride) }

    /// The stripe of a hash.
    func stripe(of hash: UInt64) -> Stripe { self[Int(truncatingIfNeeded: hash >> (64 - UInt64(bits)))] }

    /// Runs `body` with every stripe locked, in order.
    func withAllLocked<R>(_ body: () -> R) -> R {
        for index in 0..<count { self[index].lock.lock() }
        defer { for index in 0..<count { self[index].lock.unlock() } }
        return body()
    }
}

/// One of them, by its address.
struct Stripe: @unchecked Sendable {
    static let stride = 128

    private struct Content {
        let lock = ListLock()
        var count = 0
        var refaults = 0
    }

    private let content: UnsafeMutablePointer<Content>

    init(at address: UnsafeMutableRawPointer) {
        content = address.assumingMemoryBound(to: Content.self)
    }

    fileprivate func initialize() { content.initialize(to: Content()) }

    var lock: ListLock { content.pointee.lock }

    func withLock<R>(_ body: () -> R) -> R {
        let lock = lock
        lock.lock()
        defer { lock.unlock() }
        return body()
    }

    /// How many entries its part of the table has; with the lock held.
    var entryCount: Int {
        get { content.pointee.count }
        nonmutating set { content.pointee.count = newValue }
    }

    /// How many evicted entries came back soon; with the lock held.
    var refaultCount: Int {
        get { content.pointee.refaults }
        nonmutating set { content.pointee.refaults = newValue }
    }
}
