import QPW
import Testing

@Suite struct CPUTests {
    @Test(arguments: [0, 1, 255, 256, 32_768, 65_535])
    func keepsItsID(id: Int) {
        #expect(CPU(id).id == id)
        #expect(CPU(id).description == "CPU \(id)")
    }

    @Test func isALiteral() {
        let cpu: CPU = 65_535
        #expect(cpu.id == 65_535)
    }

    @Test func ordersByID() {
        #expect([CPU(300), 2, 255].sorted() == [2, 255, 300])
        #expect(!(CPU(7) < CPU(7)))
    }

    @Test func isTwoBytes() {
        #expect(MemoryLayout<CPU>.size == 2)
    }

    @Test func refusesANegativeID() async {
        await #expect(processExitsWith: .failure) { _ = CPU(-1) }
    }

    @Test func refusesAnIDAboveTheRange() async {
        await #expect(processExitsWith: .failure) { _ = CPU(65_536) }
    }
}
