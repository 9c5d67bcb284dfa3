// swift-tools-version:6.2
import PackageDescription

// The library as a user's package gets it, with its default traits or with `QPW_PROBE_TRAITLESS=1` without any.
let isTraitless = Context.environment["QPW_PROBE_TRAITLESS"] != nil

let package = Package(
    name: "hotpath",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "qpw", path: "../..", traits: isTraitless ? [] : [.defaults])
    ],
    targets: [
        .executableTarget(
            name: "HotPath",
            dependencies: [
                .product(name: "QPW", package: "qpw"), .product(name: "QPWObjects", package: "qpw"),
                .product(name: "QPWPages", package: "qpw"),
            ],
            swiftSettings: [.swiftLanguageMode(.v6)])
    ]
)
