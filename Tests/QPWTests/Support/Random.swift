/// A seed for one thread of a run: the same choices in every run with the same seed, though not the same schedule.
func seededRandom(_ seed: UInt64, thread: Int) -> CPUTestRandom {
    CPUTestRandom(state: seed &* 1_000_003 &+ UInt64(thread))
}
