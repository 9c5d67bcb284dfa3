@testable import QPW

/// A per-CPU structure that closures of several threads can capture.
final class Cell<Value: ~Copyable>: Sendable {
    let slots: PerCPU<Value>

    init(
        _ name: String = "cell", policy: QPWPolicy, topology: Topology = .system,
        capabilities: Capabilities = .system, _ makeValue: (CPU) -> sending Value
    ) {
        slots = PerCPU(
            name, policy: policy, topology: topology, capabilities: capabilities, makeValue)
    }
}

extension Cell where Value == Int {
    convenience init(_ name: String = "cell", policy: QPWPolicy, topology: Topology = .system) {
        self.init(name, policy: policy, topology: topology) { _ in 0 }
    }

    func sum() -> Int {
        slots.reduce(into: 0) { total, value, _ in total += value }
    }
}
