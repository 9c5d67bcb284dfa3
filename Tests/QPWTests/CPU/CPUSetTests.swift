import QPW
import QPWTestSupport
import Testing

@Suite struct CPUSetTests {
    private static func set(_ ids: Set<Int>) -> CPUSet {
        CPUSet(ids.map { CPU($0) })
    }

    private static func isCanonical(_ set: CPUSet) -> Bool {
        set.words.last != 0
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func agreesWithASetOfIDs(seed: UInt64) {
        var random = SeededRandom(seed)
        let (left, right) = (random.ids(), random.ids())
        let (a, b) = (Self.set(left), Self.set(right))
        #expect(a.map(\.id) == left.sorted())
        #expect(a.count == left.count)
        #expect(a.first?.id == left.min())
        #expect(a.last?.id == left.max())
        #expect(a.isEmpty == left.isEmpty)
        #expect(a.union(b) == Self.set(left.union(right)))
        #expect(a.intersection(b) == Self.set(left.intersection(right)))
        #expect(a.subtracting(b) == Self.set(left.subtracting(right)))
        #expect(a.symmetricDifference(b) == Self.set(left.symmetricDifference(right)))
        #expect(a.isSubset(of: b) == left.isSubset(of: right))
        #expect(a.isSuperset(of: b) == left.isSuperset(of: right))
        #expect(a.isDisjoint(with: b) == left.isDisjoint(with: right))
        #expect(a.intersection(b).isSubset(of: b))
        #expect((a == b) == (left == right))
        for result in [a.intersection(b), a.subtracting(b), a.symmetricDifference(b), a.subtracting(a)] {
            #expect(Self.isCanonical(result))
        }
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func insertsAndRemovesAsASetOfIDs(seed: UInt64) {
        var random = SeededRandom(seed)
        var model: Set<Int> = []
        var set: CPUSet = []
        for _ in 0..<300 {
            let id = Int.random(in: 0..<150, using: &random)
            if Bool.random(using: &random) {
                #expect(set.insert(CPU(id)).inserted == model.insert(id).inserted)
            } else {
                #expect(set.remove(CPU(id))?.id == model.remove(id))
            }
            #expect(set.contains(CPU(id)) == model.contains(id))
            #expect(Self.isCanonical(set))
        }
        #expect(set == Self.set(model))
    }

    @Test func updateSaysWhetherItWasAMember() {
        var set: CPUSet = [3]
        #expect(set.update(with: 3) == 3)
        #expect(set.update(with: 4) == nil)
        #expect(set == [3, 4])
    }

    @Test func trailingZeroWordsDoNotMatter() {
        let short = CPUSet(words: [0b1001])
        let long = CPUSet(words: [0b1001, 0, 0])
        #expect(short == long)
        #expect(short.hashValue == long.hashValue)
        var shrunk: CPUSet = [0, 3, 65_535]
        shrunk.remove(65_535)
        #expect(shrunk == short)
        #expect(CPUSet(words: [0, 0]).isEmpty)
    }

    @Test func wordsHoldTheLowestIDFirst() {
        #expect((CPUSet([0, 63, 64, 130] as [CPU])).words == [1 << 63 | 1, 1, 0b100])
        #expect(CPUSet(words: [0, 2]).map(\.id) == [65])
    }

    @Test(arguments: [0..<0, 0..<1, 0..<64, 0..<65, 63..<65, 60..<200, 64..<128, 0..<65_536])
    func holdsARangeOfIDs(range: Range<Int>) {
        #expect(CPUSet(ids: range).map(\.id) == Array(range))
    }

    @Test func walksTheSetAsItWas() {
        var set: CPUSet = [1, 2, 3]
        var seen: [CPU] = []
        for cpu in set {
            set.remove(cpu)
            seen.append(cpu)
        }
        #expect(seen == [1, 2, 3])
        #expect(set.isEmpty)
    }

    @Test func refusesWordsAboveTheRange() async {
        await #expect(processExitsWith: .failure) {
            _ = CPUSet(words: repeatElement(1, count: 1025))
        }
    }

    @Test func refusesIDsAboveTheRange() async {
        await #expect(processExitsWith: .failure) { _ = CPUSet(ids: 0..<65_537) }
    }
}
