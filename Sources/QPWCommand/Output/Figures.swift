import Foundation

/// How a person reads a figure: three digits that matter, and a unit.
enum Figures {
    static func time(nanoseconds: Double) -> String {
        switch nanoseconds {
        case ..<999.5: significant(nanoseconds) + " ns"
        case ..<999_500: significant(nanoseconds / 1e3) + " µs"
        case ..<999_500_000: significant(nanoseconds / 1e6) + " ms"
        default: significant(nanoseconds / 1e9) + " s"
        }
    }

    static func time(nanoseconds: UInt64) -> String { time(nanoseconds: Double(nanoseconds)) }

    static func significant(_ value: Double) -> String {
        switch abs(value) {
        case ..<0.0005: "0"
        case ..<10: String(format: "%.2f", value)
        case ..<100: String(format: "%.1f", value)
        default: String(format: "%.0f", value)
        }
    }

    /// Small ratios keep a third place: a hundredth is where targets lie.
    static func ratio(_ value: Double) -> String {
        value < 1 ? String(format: "%.3f", value) : significant(value)
    }

    /// For documents: more places than were measured would only be noise.
    static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}
