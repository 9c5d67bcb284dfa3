import Foundation

/// Times on a logarithmic axis of whole decades.
struct LogScale: Equatable {
    let decades: ClosedRange<Int>
    let begin: Double
    let end: Double

    /// Just wide enough for all of `values`, and one decade at least; zeros lie at its beginning.
    init(covering values: some Sequence<UInt64>, from begin: Double, to end: Double) {
        let positive = values.lazy.filter { $0 > 0 }.map { log10(Double($0)) }
        let least = Int((positive.min() ?? 0).rounded(.down))
        let most = Int((positive.max() ?? 1).rounded(.up))
        decades = least...max(most, least + 1)
        self.begin = begin
        self.end = end
    }

    func position(_ value: UInt64) -> Double {
        let exponent = value == 0 ? Double(decades.lowerBound) : log10(Double(value))
        let share = (exponent - Double(decades.lowerBound)) / Double(decades.count - 1)
        return begin + (end - begin) * min(max(share, 0), 1)
    }

    var ticks: [(position: Double, label: String)] {
        decades.map { decade in
            let value = pow(10, Double(decade))
            return (position(UInt64(value)), Self.label(value))
        }
    }

    /// A power of ten without the places that `Figures` gives what was measured.
    static func label(_ nanoseconds: Double) -> String {
        switch nanoseconds {
        case ..<1e3: "\(Int(nanoseconds)) ns"
        case ..<1e6: "\(Int(nanoseconds / 1e3)) µs"
        case ..<1e9: "\(Int(nanoseconds / 1e6)) ms"
        default: "\(Int(nanoseconds / 1e9)) s"
        }
    }
}

/// Percentiles by how many nines they have: 0, 90, 99, 99.9 are equally far apart.
struct PercentileScale: Equatable {
    let most: Double
    let begin: Double
    let end: Double

    /// How many nines a number of samples has something to say about; at its end lies the greatest.
    static func nines(of count: UInt64) -> Double { log10(Double(max(1, count))) }

    static func percentile(nines: Double) -> Double { 100 * (1 - pow(10, -nines)) }

    /// For distributions of so many samples.
    init(counts: some Sequence<UInt64>, from begin: Double, to end: Double) {
        most = max(1, counts.map(Self.nines).max() ?? 1)
        self.begin = begin
        self.end = end
    }

    /// The greatest of `count` samples is drawn where its rank puts it.
    func position(percentile: Double, count: UInt64) -> Double {
        let nines = percentile >= 100 ? Self.nines(of: count) : -log10(1 - percentile / 100)
        return begin + (end - begin) * min(max(nines / most, 0), 1)
    }

    var ticks: [(position: Double, label: String)] {
        (0...Int(most)).map { nines in
            (position(percentile: Self.percentile(nines: Double(nines)), count: .max), Self.label(nines))
        }
    }

    static func label(_ nines: Int) -> String {
        switch nines {
        case 0: "0 %"
        case 1, 2: String(repeating: "9", count: nines) + (nines == 1 ? "0 %" : " %")
        default: "99." + String(repeating: "9", count: nines - 2) + " %"
        }
    }
}
