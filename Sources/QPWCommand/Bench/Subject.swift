/// Something that is measured: each round yields one figure.
struct Subject: Sendable {
    enum Unit: String {
        case cycles
        case nanoseconds = "ns"
        case nanosecondsPerCPU = "ns/CPU"
        case kibibytes = "KiB"
        case callbacks
        case percent
        case updates
    }

    let suite: Suite
    let name: String
    let threads: Int
    let unit: Unit
    let measureRound: @Sendable () -> Double
}
