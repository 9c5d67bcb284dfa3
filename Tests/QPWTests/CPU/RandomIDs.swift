import QPWTestSupport

extension SeededRandom {
    /// Dense and sparse, narrow and wide, the empty set among them.
    mutating func ids() -> Set<Int> {
        let limit = [1, 64, 65, 200, 1024, 65_536].randomElement(using: &self)!
        let count = Int.random(in: 0...min(limit, 300), using: &self)
        return Set((0..<count).map { _ in Int.random(in: 0..<limit, using: &self) })
    }
}
