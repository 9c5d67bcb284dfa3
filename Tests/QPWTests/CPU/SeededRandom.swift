/// SplitMix64: the same sets in every run.
struct CPUTestRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// Dense and sparse, narrow and wide, the empty set among them.
    mutating func ids() -> Set<Int> {
        let limit = [1, 64, 65, 200, 1024, 65_536].randomElement(using: &self)!
        let count = Int.random(in: 0...min(limit, 300), using: &self)
        return Set((0..<count).map { _ in Int.random(in: 0..<limit, using: &self) })
    }
}
