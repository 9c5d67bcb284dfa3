// Memory that is reused once nobody can be reading it: asked for now and then, waited for by nobody.
import QPW

/// Slots of a ring that readers look into, and writers use again.
final class Recycler {
    private let domain = RCUDomain("ring")
    /// What was taken out of use, the oldest first, and when it may be used again.
    private var waiting: [(slot: Int, cookie: RCUDomain.Cookie)] = []

    /// For a reader that cannot do it all in one closure: a parser that is called back, for example.
    func begin() -> RCUDomain.ReadToken { domain.readLock() }

    func end(_ token: consuming RCUDomain.ReadToken) { domain.readUnlock(token) }

    func retire(_ slot: Int) { waiting.append((slot, domain.startPoll())) }

    /// The slots that no reader can be in any more. One load for each.
    func reusable() -> [Int] {
        let ready = waiting.prefix { domain.poll($0.cookie) }.map(\.slot)
        waiting.removeFirst(ready.count)
        return ready
    }

    func waitForReaders() { domain.synchronize() }
}

let recycler = Recycler()

func retireWhileSomebodyReads(_ recycler: Recycler) {
    let reader = recycler.begin()
    recycler.retire(7)
    precondition(recycler.reusable() == [], "the reader may be in it still")
    recycler.end(reader)
}
retireWhileSomebodyReads(recycler)

recycler.waitForReaders()
let reused = recycler.reusable()
print("may be used again: \(reused)")
precondition(reused == [7])
