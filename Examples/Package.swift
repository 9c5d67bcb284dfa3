// swift-tools-version:6.2
import PackageDescription

// One small program for each thing that one would want to do: `swift run --package-path Examples Counting`.
let examples: [(name: String, product: String)] = [
    ("Batches", "QPW"),
    ("Counting", "QPW"),
    ("Deadlines", "QPW"),
    ("Delays", "QPW"),
    ("Forking", "QPW"),
    ("Handlers", "QPW"),
    ("LocksAndWork", "QPW"),
    ("Machine", "QPW"),
    ("Policies", "QPW"),
    ("Polling", "QPW"),
    ("Readers", "QPW"),
    ("Scraping", "QPW"),
    ("Checking", "QPWObjects"),
    ("Objects", "QPWObjects"),
    ("Pools", "QPWObjects"),
    ("Sizes", "QPWObjects"),
    ("Ageing", "QPWPages"),
    ("Lookups", "QPWPages"),
    ("PageCaching", "QPWPages"),
    ("Recency", "QPWPages"),
]

let package = Package(
    name: "examples",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "qpw", path: "..")],
    targets: examples.map { example in
        // Every module is built upon the core, whose types its users need as well.
        let products = Set([example.product, "QPW"]).sorted()
        return .executableTarget(
            name: example.name,
            dependencies: products.map { .product(name: $0, package: "qpw") },
            swiftSettings: [.swiftLanguageMode(.v6)])
    }
)
