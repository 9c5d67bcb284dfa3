import QPW
import QPWTestSupport
import Synchronization
import Testing

@testable import QPWObjects

/// Objects of a cache that are published, replaced and freed after a grace period, while readers look at them.
///
/// An object's first word is its generation, written once before it is published. A reader's object is not handed out
/// again while he is in his section, so what he reads there never changes.
private final class Publication: Sendable {
    private let readers: RCUDomain
    private let cache: ObjectCache
    private let published: Atomic<UInt>
    private let generations = Tally()
    let violations = Tally(), reads = Tally(), replacements = Tally()

    /// Sound if `readers` is the cache's own domain.
    init(_ cache: ObjectCache, readers: RCUDomain) throws {
        self.cache = cache
        self.readers = readers
        published = Atomic(0)
        published.store(UInt(bitPattern: try make()), ordering: .releasing)
    }

    func end() {
        cache.deallocate(UnsafeMutableRawPointer(bitPattern: published.load(ordering: .acquiring))!)
    }

    private func make() throws -> UnsafeMutableRawPointer {
        let object = try cache.allocate()
        word(of: object).pointee.store(generations.add(), ordering: .relaxed)
        return object
    }

    private func word(of object: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Atomic<Int>> {
        object.assumingMemoryBound(to: Atomic<Int>.self)
    }

    func replace() throws {
        let new = UInt(bitPattern: try make())
        let old = published.exchange(new, ordering: .acquiringAndReleasing)
        cache.deallocate(afterGracePeriod: UnsafeMutableRawPointer(bitPattern: old)!)
        replacements.add()
    }

    func read(_ linger: () -> Void) {
        readers.read {
            let object = UnsafeMutableRawPointer(bitPattern: published.load(ordering: .acquiring))!
            let before = word(of: object).pointee.load(ordering: .relaxed)
            linger()
            if word(of: object).pointee.load(ordering: .relaxed) != before { violations.add() }
        }
        reads.add()
    }
}

extension ObjectTests {
    @Suite struct GracePeriodTortureTests {
        @Test(arguments: everyPolicy) func noReaderSeesAnObjectHandedOutAgain(policy: QPWPolicy) async throws
        {
            let rcu = RCUDomain("own")
            let publication = try await torture(policy, rcu: rcu, readers: rcu)
            #expect(publication.violations.count == 0)
            #expect(publication.reads.count > 0 && publication.replacements.count > 0)
        }

        /// The cache waits for the readers of another domain: its grace periods are too short.
        @Test(
            .disabled(if: Machine.hasAddressSanitizer, "the address sanitizer is faster"),
            arguments: everyPolicy)
        func graceThatIsTooShortIsCaught(policy: QPWPolicy) async throws {
            let publication = try await torture(
                policy, rcu: RCUDomain("elsewhere"), readers: RCUDomain("own"))
            #expect(publication.violations.count > 0)
        }

        private func torture(
            _ policy: QPWPolicy, rcu: RCUDomain, readers: RCUDomain
        ) async throws -> Publication {
            let cache = makeCache(policy: policy, rcu: rcu)
            let publication = try Publication(cache, readers: readers)
            let done = Flag()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for thread in 0..<3 {
                    group.addTask { try await onThread { readMany(publication, thread, until: done) } }
                }
                for thread in 0..<2 {
                    group.addTask { try await onThread { try replaceMany(publication, cache, thread) } }
                }
                for _ in 0..<2 { try await group.next() }
                done.raise()
                try await group.waitForAll()
            }
            try await onThread {
                publication.end()
                cache.barrier()
                cache.flush()
            }
            #expect(cache.objectsInUse == 0)
            return publication
        }
    }
}

/// Reads until the others are done, who wait for nobody else.
private func readMany(_ publication: Publication, _ thread: Int, until done: Flag) {
    var random = SeededRandom(31, thread: thread)
    while !done.isRaised {
        let choice = Int.random(in: 0..<50, using: &random)
        let target = Machine.cpus.randomElement(using: &random)!
        publication.read {
            switch choice {
            case 0: System.sleep(nanoseconds: 50_000)
            case 1: _ = System.pinThread(to: target)
            default: break
            }
        }
    }
}

/// Stops now and then, so that readers see many generations and callbacks come to run.
private func replaceMany(_ publication: Publication, _ cache: ObjectCache, _ thread: Int) throws {
    var random = SeededRandom(37, thread: thread)
    for step in 0..<6000 {
        try publication.replace()
        switch Int.random(in: 0..<200, using: &random) {
        case 0: _ = System.pinThread(to: Machine.cpus.randomElement(using: &random)!)
        case 1: cache.flush()
        default: if step % 16 == 0 { System.sleep(nanoseconds: 20_000) }
        }
    }
}
