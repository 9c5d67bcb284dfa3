import QPW
import QPWTestSupport
import Testing

@testable import QPWObjects

/// Size classes whose memory is their own.
func makeSizes(
    flags: ObjectCache.Flags = [], policy: QPWPolicy = .default, rcu: RCUDomain = .shared,
    topology: Topology = .system, memory: MemorySource = .system
) -> SizeClasses {
    let pool = SlabPool(memory)
    return SizeClasses(
        name: "tested", flags: flags, policy: policy, isolated: .remote, rcu: rcu, topology: topology,
        memory: memory, pools: { _ in pool })
}

extension ObjectTests {
    @Suite struct SizeClassesTests {
        /// Every size there is and the first that there is not: the smallest class that holds it.
        @Test func everyByteCountHasTheSmallestClassThatHoldsIt() {
            let sizes = makeSizes()
            for count in 0...8192 {
                let expected = SizeClasses.sizes.first { count <= $0 }
                #expect(sizes.cache(forByteCount: count)?.objectSize == expected)
            }
            #expect(sizes.cache(forByteCount: 8193) == nil)
            #expect(sizes.cache(forByteCount: .max) == nil)
        }

        /// Around each class's bounds, with each alignment: aligned, large enough, and no larger than needed.
        @Test func everyAlignmentAtEveryBound() throws {
            let sizes = makeSizes()
            for bound in SizeClasses.sizes + [0, 8200, 12288] {
                for count in max(0, bound - 1)...bound + 1 {
                    for shift in 0...12 {
                        let alignment = 1 << shift
                        let memory = try sizes.allocate(byteCount: count, alignment: alignment)
                        #expect(Int(bitPattern: memory) % alignment == 0, "\(count) bytes at \(alignment)")
                        let usable = sizes.usableSize(of: memory)
                        #expect(usable >= count)
                        let wanted = max(count, alignment)
                        let limit = count > 8192 ? count + 4096 : max(2 * wanted, 8)
                        #expect(usable <= limit, "\(count) bytes at \(alignment) take \(usable)")
                        memory.initializeMemory(as: UInt8.self, repeating: 0xA5, count: usable)
                        if shift % 2 == 0 {
                            sizes.deallocate(memory)
                        } else {
                            sizes.deallocate(memory, byteCount: count, alignment: alignment)
                        }
                    }
                }
            }
            expectAllFree(sizes)
        }

        @Test(arguments: everyPolicy) func blocksAreApart(policy: QPWPolicy) throws {
            let sizes = makeSizes(policy: policy)
            var blocks: [UnsafeMutableRawBufferPointer] = []
            for step in 0..<4000 {
                let count = step * 7 % 9000
                let memory = try sizes.allocate(byteCount: count)
                let block = UnsafeMutableRawBufferPointer(start: memory, count: sizes.usableSize(of: memory))
                block.storeBytes(of: UInt64(step), as: UInt64.self)
                blocks.append(block)
            }
            blocks.sort { $0.baseAddress! < $1.baseAddress! }
            for (block, next) in zip(blocks, blocks.dropFirst()) {
                #expect(block.baseAddress! + block.count <= next.baseAddress!)
            }
            #expect(Set(blocks.map { $0.load(as: UInt64.self) }).count == 4000)
            for block in blocks { sizes.deallocate(block.baseAddress!) }
            expectAllFree(sizes)
        }

        @Test func reallocationKeepsWhatBothHold() throws {
            let sizes = makeSizes()
            var memory = try sizes.allocate(byteCount: 24)
            memory.initializeMemory(as: UInt8.self, repeating: 9, count: 24)
            let same = try sizes.reallocate(memory, byteCount: 32)
            #expect(same == memory, "a block that has the bytes stays")
            for count in [33, 100, 5000, 20_000, 100_000] {
                memory = try sizes.reallocate(memory, byteCount: count)
                #expect(UnsafeRawBufferPointer(start: memory, count: 24).allSatisfy { $0 == 9 })
            }
            memory = try sizes.reallocate(memory, byteCount: 24, alignment: 64)
            #expect(Int(bitPattern: memory) % 64 == 0)
            sizes.deallocate(memory)
            expectAllFree(sizes)
        }

        @Test func aSmallBlockMovesForItsAlignment() throws {
            let sizes = makeSizes()
            let blocks = try (0..<16).map { _ in try sizes.allocate(byteCount: 8) }
            let crooked = try #require(blocks.first { Int(bitPattern: $0) % 512 != 0 })
            crooked.storeBytes(of: 77, as: Int.self)
            let moved = try sizes.reallocate(crooked, byteCount: 8, alignment: 512)
            #expect(Int(bitPattern: moved) % 512 == 0)
            #expect(moved.load(as: Int.self) == 77)
            sizes.deallocate(moved)
            for block in blocks where block != crooked { sizes.deallocate(block) }
            expectAllFree(sizes)
        }

        @Test func largeBlocksGoBackAtOnce() throws {
            let memory = FailingMemory()
            do {
                let sizes = makeSizes(memory: memory.source)
                let before = memory.mapped
                let block = try sizes.allocate(byteCount: 1 << 20, alignment: 4096)
                #expect(memory.mapped == before + 1 << 20)
                #expect(sizes.usableSize(of: block) == 1 << 20)
                sizes.deallocate(block)
                #expect(memory.mapped == before)
            }
            #expect(memory.mapped == 0 && memory.blocks == 0)
        }

        @Test(.enabled(if: Machine.pins, "\(Machine.needsPinning)"), arguments: [64, 20_000])
        func afterAGracePeriod(byteCount: Int) async throws {
            let rcu = RCUDomain("readers")
            let memory = FailingMemory()
            do {
                let sizes = makeSizes(rcu: rcu, memory: memory.source)
                let isInside = Flag(), mayLeave = Flag()
                async let reader: Void = onThread {
                    rcu.read {
                        isInside.raise()
                        mayLeave.wait()
                    }
                }
                try await onThread {
                    isInside.wait()
                    let old = try sizes.allocate(byteCount: byteCount)
                    old.storeBytes(of: 5, as: Int.self)
                    sizes.deallocate(afterGracePeriod: old)
                    sizes.flush()
                    var others: [UnsafeMutableRawPointer] = []
                    for _ in 0..<100 { others.append(try sizes.allocate(byteCount: byteCount)) }
                    #expect(!others.contains(old))
                    #expect(old.load(as: Int.self) == 5)
                    for other in others { sizes.deallocate(other) }
                }
                mayLeave.raise()
                try await reader
                try await onThread {
                    sizes.barrier()
                    expectAllFree(sizes)
                }
            }
            memory.expectAllBack()
        }

        @Test(.enabled(if: Machine.pins, "\(Machine.needsPinning)"))
        func triesUseSheavesAlone() async throws {
            try await onThread(on: Machine.first) {
                let sizes = makeSizes()
                #expect(sizes.tryAllocate(byteCount: 64) == nil)
                let memory = try sizes.allocate(byteCount: 64)
                let large = try sizes.allocate(byteCount: 9000)
                #expect(sizes.tryAllocate(byteCount: 9000) == nil)
                #expect(!sizes.tryDeallocate(large))
                let other = try #require(sizes.tryAllocate(byteCount: 64))
                #expect(sizes.tryDeallocate(other))
                #expect(sizes.tryDeallocate(memory))
                sizes.deallocate(large)
                expectAllFree(sizes)
            }
        }

        @Test func maintenance() throws {
            let sizes = makeSizes()
            let blocks = try (0..<2000).map { try sizes.allocate(byteCount: $0 * 4) }
            for block in blocks { sizes.deallocate(block) }
            sizes.flush(CPU.current)
            #expect(sizes.shrink() > 0)
            #expect(sizes.caches.allSatisfy { $0.slabCount == 0 })
            #expect(sizes.tick() == 0)
        }

        @Test func memoryThatLacksIsATypedError() throws {
            let memory = FailingMemory()
            do {
                let sizes = makeSizes(memory: memory.source)
                let block = try sizes.allocate(byteCount: 100)
                block.storeBytes(of: 3, as: Int.self)
                memory.refuse(0..<Int.max)
                #expect(throws: OutOfMemory.self) { try sizes.allocate(byteCount: 10_000) }
                #expect(throws: OutOfMemory.self) { try sizes.allocate(byteCount: .max) }
                #expect(throws: OutOfMemory.self) { try sizes.reallocate(block, byteCount: 10_000) }
                #expect(block.load(as: Int.self) == 3)
                let small = #expect(throws: OutOfMemory.self) {
                    while true { _ = try sizes.allocate(byteCount: 8192) }
                }
                #expect(small?.cache == "tested-8192")
                memory.refuse(0..<0)
                sizes.deallocate(block)
                #expect(sizes.cache(forByteCount: 100)?.objectsInUse ?? 0 > 0, "in its sheaf")
            }
            // What the loop above allocated is lost, and so is the report of it.
            #expect(memory.blocks == 0)
        }

        @Test(arguments: [ObjectCache.Flags.redZones, .poison, .consistencyChecks, .debug])
        func withEveryCheck(flags: ObjectCache.Flags) throws {
            let sizes = makeSizes(flags: flags)
            let blocks = try (0..<3000).map { step in
                let memory = try sizes.allocate(byteCount: step * 3)
                memory.initializeMemory(as: UInt8.self, repeating: 1, count: sizes.usableSize(of: memory))
                return memory
            }
            for block in blocks { sizes.deallocate(block) }
            expectAllFree(sizes)
        }

        private func expectAllFree(_ sizes: SizeClasses, sourceLocation: SourceLocation = #_sourceLocation) {
            sizes.flush()
            for cache in sizes.caches { #expect(cache.objectsInUse == 0, sourceLocation: sourceLocation) }
        }
    }
}
