// A cache of rendered pages: loaded once for all who ask, kept while they are used, and gone when they are old.
import Dispatch
import QPW
import QPWPages
import Synchronization

struct Page: Sendable {
    var number: Int
    var text: String
}

let evicted = Atomic<Int>(0)
let pages = PageCache<Int, Page>(
    "pages", weightCapacity: 64 << 10, expiry: Expiry(afterWrite: .seconds(60)),
    weigher: { _, page in page.text.utf8.count },
    onRemoval: { _, _, cause in
        // Called with no lock held, by whoever made the page leave.
        if cause == .capacity { evicted.wrappingAdd(1, ordering: .relaxed) }
    })

/// What a real program would ask a disk or a database for.
func render(_ number: Int) -> Page {
    Page(number: number, text: String(repeating: "page \(number)\n", count: 16))
}

// The first page is needed throughout: while it is pinned it is not evicted.
_ = try pages.getOrLoad(0, render)
pages.withPinned(0) { first in
    DispatchQueue.concurrentPerform(iterations: 4) { worker in
        for step in 0..<20_000 {
            // Half of the requests are for a few pages, the others for many.
            let number = step % 2 == 0 ? step % 64 : (step &* 7919 &+ worker) % 5000
            do {
                let page = try pages.getOrLoad(number, render)
                precondition(page.number == number)
            } catch {
                print("page \(number): \(error)")
            }
        }
    }
    precondition(pages.contains(first.number))
}

// Without a copy, in place:
let length = pages.withValue(0) { page in page.text.utf8.count }
pages.lazyFree(0)
pages.remove(1)

let statistics = pages.statistics
print("the first page has \(length ?? 0) bytes, \(statistics.count) pages \(statistics.weight)")
print(
    "hit ratio \(statistics.hitRatio), \(statistics.loads) loads, \(evicted.load(ordering: .relaxed)) evicted"
)
