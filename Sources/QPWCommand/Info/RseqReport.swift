import CQPW
import QPW

/// Restartable sequences as this thread has them.
struct RseqReport: Encodable {
    var registered: Bool
    var areaBytes: UInt32
    var kernelFeatureBytes: UInt64
    var registration: String
    var sliceExtension: String
    var usable: Bool
    var reason: String?

    /// What the area held before it could grow; a longer one asks for the kernel's V2 registration.
    private static let originalArea: UInt32 = 32

    static func ofThisThread() -> RseqReport {
        let (isRegistered, area) = registeredArea()
        let features = qpw_rseq_feature_size()
        let availability = Capabilities.system.rseq
        return RseqReport(
            registered: isRegistered, areaBytes: area, kernelFeatureBytes: features,
            registration: isRegistered ? registration(areaBytes: area) : "none",
            sliceExtension: sliceExtension(featureBytes: features),
            usable: availability == .available, reason: availability.reason)
    }

    private static func registeredArea() -> (isRegistered: Bool, bytes: UInt32) {
        #if os(Linux) && !QPW_PORTABLE
        (qpw_rseq_registered(), qpw_rseq_area_size())
        #else
        (false, 0)
        #endif
    }

    static func registration(areaBytes: UInt32) -> String {
        areaBytes > originalArea ? "V2" : "legacy"
    }

    /// Its control word is the first field past the original area's last.
    static func sliceExtension(featureBytes: UInt64) -> String {
        featureBytes > originalArea ? "offered by this kernel" : "not offered by this kernel"
    }
}
