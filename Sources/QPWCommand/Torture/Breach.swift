/// What may not happen.
enum Breach: Int, CaseIterable, Sendable {
    case overlap
    case lostEntry
    case lateRun
    case simultaneousRuns
    case unfinishedFlush
    case lostRun
    case unfinishedDrain
    case reclaimedWhileRead
    case unfinishedBarrier
    case unbounded
    case handedOutTwice
    case overwritten
    case leaked
    case freedTwice
    case evictedWhilePinned
    case lostFolio
    case wrongList
    case mistaken
    case overCapacity
    case loadedTwice
    case stuck

    var text: String {
        switch self {
        case .overlap: "two were in one slot at once"
        case .lostEntry: "what was entered under the lock and what is there differ"
        case .lateRun: "a body ran after its caller had been told that it would not"
        case .simultaneousRuns: "a work's function was on two threads at once"
        case .unfinishedFlush: "a flush returned before what had been queued had run"
        case .lostRun: "what was queued has not been run"
        case .unfinishedDrain: "a drain returned before what had been added was on the list"
        case .reclaimedWhileRead: "a reader saw what had been reclaimed"
        case .unfinishedBarrier: "a barrier returned before a callback had been run"
        case .unbounded: "more callbacks were pending than the bound allows"
        case .handedOutTwice: "an object was handed out twice"
        case .overwritten: "somebody else wrote to an object"
        case .leaked: "an object was lost, or memory is kept for none"
        case .freedTwice: "a folio was freed twice"
        case .evictedWhilePinned: "a folio was evicted or freed while it was pinned"
        case .lostFolio: "the lists hold others than those folios that were added and not removed"
        case .wrongList: "a folio is on another list than its pins or its last hint call for"
        case .mistaken: "who looked something up was given something else"
        case .overCapacity: "a cache holds more than its bound"
        case .loadedTwice: "a key was loaded by two at once"
        case .stuck: "a thread waits for ever"
        }
    }
}
