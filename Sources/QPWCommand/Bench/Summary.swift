/// What remains of the rounds of one subject.
struct Summary: Equatable {
    var min: Double
    var median: Double
    var max: Double
    var count: Int

    /// Zeros for no figures.
    init(of figures: [Double]) {
        let sorted = figures.sorted()
        count = sorted.count
        min = sorted.first ?? 0
        max = sorted.last ?? 0
        median = sorted.isEmpty ? 0 : (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
    }
}
