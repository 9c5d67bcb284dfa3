// swift-tools-version:6.2
import PackageDescription

// `QPW_PORTABLE=1 swift test` selects the POSIX-only backend on Linux: it is what other systems get.
let portable = Context.environment["QPW_PORTABLE"] != nil
// `QPW_TORTURE=1 swift build` puts points into the protocols at which `qpw torture` disturbs them.
let torture = Context.environment["QPW_TORTURE"] != nil

let swiftSettings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (portable ? [.define("QPW_PORTABLE")] : []) + (torture ? [.define("QPW_TORTURE")] : [])

let cSettings: [CSetting] = portable ? [.define("QPW_PORTABLE")] : []

let package = Package(
    name: "qpw",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "QPW", targets: ["QPW"]),
        .library(name: "QPWObjects", targets: ["QPWObjects"]),
        .library(name: "QPWPages", targets: ["QPWPages"]),
        .executable(name: "qpw", targets: ["QPWCommand"]),
    ],
    traits: [
        .trait(name: "QPW", description: "Compile in every policy; without it `.queue` is the only one."),
        .trait(
            name: "QPWDefault", description: "Make `.lock` the process default.", enabledTraits: ["QPW"]),
        .default(enabledTraits: ["QPW"]),
    ],
    dependencies: [
        // The command's arguments: parsing, help and one-line errors.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        // The command's distributions: every percentile it prints.
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.1.0"),
    ],
    targets: [
        .target(name: "CQPW", cSettings: cSettings),
        .target(name: "QPW", dependencies: ["CQPW"], swiftSettings: swiftSettings),
        .target(name: "QPWObjects", dependencies: ["CQPW", "QPW"], swiftSettings: swiftSettings),
        .target(name: "QPWPages", dependencies: ["CQPW", "QPW"], swiftSettings: swiftSettings),
        // Not in a folder named `qpw`: on a file system that ignores case it would be the library's.
        .executableTarget(
            name: "QPWCommand",
            dependencies: [
                "CQPW", "QPW", "QPWObjects", "QPWPages",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ],
            // The requests of a real program, for `qpw bench pages`.
            resources: [.copy("Bench/Pages/Traces")],
            swiftSettings: swiftSettings),
        // Test-only: fork, and a process that a test runs without restartable sequences, under valgrind, forking.
        .target(name: "CQPWTestSupport", path: "Tests/CQPWTestSupport"),
        .executableTarget(
            name: "QPWProbe", dependencies: ["CQPW", "CQPWTestSupport", "QPW"], path: "Tests/QPWProbe",
            swiftSettings: swiftSettings),
        // Test-only: threads, flags, seeds and signals, what there is to test on, and a CPU that is offline for a moment.
        .target(
            name: "QPWTestSupport", dependencies: ["CQPW", "QPW"], path: "Tests/QPWTestSupport",
            swiftSettings: swiftSettings),
        .testTarget(
            name: "QPWCommandTests",
            dependencies: [
                "QPW", "QPWCommand", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "QPWObjectsTests", dependencies: ["QPW", "QPWObjects", "QPWTestSupport"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "QPWPagesTests", dependencies: ["QPW", "QPWPages", "QPWTestSupport"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "QPWTests", dependencies: ["CQPW", "QPW", "QPWProbe", "QPWTestSupport"],
            swiftSettings: swiftSettings),
    ]
)
