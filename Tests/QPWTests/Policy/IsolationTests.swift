#if QPW && os(Linux) && !QPW_PORTABLE
import QPWTestSupport
import Synchronization
import Testing

@testable import QPW

extension CoreTests {
    /// `automatic` takes the lock on CPUs that must not be disturbed, and follows when that changes.
    @Suite(.enabled(if: Machine.hasFence, "needs sections and membarrier")) struct IsolationTests {
        private static func isPermanent(_ cell: Cell<Int>, _ cpu: CPU) -> Bool {
            cell.slots.table.slot(of: cpu).claim.pointee.load(ordering: .relaxed) & Claim.permanent != 0
        }

        @Test func quietCPUsAreClaimedForEver() async throws {
            let quiet = Topology(possible: CPUSet(Machine.cpus), isolated: [Machine.last])
            let cell = Cell(policy: .automatic, topology: quiet)
            #expect(Self.isPermanent(cell, Machine.last))
            #expect(!Self.isPermanent(cell, Machine.first) || Machine.first == Machine.last)
            try await onThread(on: Machine.last) {
                for _ in 0..<100 { cell.slots.withLocal { value, _ in value += 1 } }
            }
            try await onThread(on: Machine.first) {
                for _ in 0..<100 { cell.slots.perform(on: Machine.last) { value in value += 1 } }
            }
            #expect(Self.isPermanent(cell, Machine.last))
            #expect(cell.sum() == 200)
        }

        /// `isolcpus=` is fixed at boot: what changes is the file of the cpuset partitions.
        @Test func followsIsolation() async throws {
            let sysfs = try FakeSysfs([
                "cpu/possible": "0-\(Machine.last.id)", "cpu/online": "0-\(Machine.last.id)",
                "cpu/isolated": "",
            ])
            let cell = Cell(policy: .automatic, topology: try sysfs.topology())
            #expect(!Self.isPermanent(cell, Machine.last))
            try sysfs.write("\(Machine.last.id)\n", to: FakeSysfs.partitions)
            // The first remote operation looks; later ones look once a second.
            try await onThread(on: Machine.first) { cell.slots.perform(on: Machine.last) { $0 += 1 } }
            #expect(Self.isPermanent(cell, Machine.last) || !Machine.hasTwoCPUs)
            try sysfs.write("\n", to: FakeSysfs.partitions)
            cell.slots.table.followIsolation()
            #expect(!Self.isPermanent(cell, Machine.last))
            #expect(cell.slots.table.slot(of: Machine.last).claim.pointee.load(ordering: .relaxed) == 0)
        }

        /// A change while owners and housekeepers are at work.
        @Test func excludesWhileIsolationChanges() async throws {
            let sysfs = try FakeSysfs([
                "cpu/possible": "0-\(Machine.last.id)", "cpu/online": "0-\(Machine.last.id)",
                "cpu/isolated": "",
            ])
            let topology = try sysfs.topology()
            let lock = PerCPUExclusion(.automatic, topology: topology)
            let isOver = Flag()
            let administrator = TestThread {
                var quiet = false
                while !isOver.isRaised {
                    quiet.toggle()
                    try? sysfs.write(quiet ? "\(Machine.last.id)\n" : "\n", to: FakeSysfs.partitions)
                    lock.followIsolation()
                }
            }
            let verdict = try await onThread { Torture(seed: 4).run(lock) }
            isOver.raise()
            administrator.join()
            #expect(verdict.isSound, "\(verdict)")
        }
    }
}

extension PerCPUExclusion {
    func followIsolation() { table.followIsolation() }
}
#endif
