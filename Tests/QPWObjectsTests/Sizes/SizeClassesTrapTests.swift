import Foundation
import QPW
import QPWTestSupport
import Testing

@testable import QPWObjects

extension ObjectTests {
    @Suite struct SizeClassesTrapTests {
        @Test func foreignAddress() async throws {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                makeSizes().deallocate(UnsafeMutableRawPointer(bitPattern: 0x1234_5000)!)
            }
            try expect("'tested': 0x0000000012345000 is not memory that it gave out", in: result)
        }

        @Test func largeBlockTwice() async throws {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                let sizes = makeSizes()
                let block = try sizes.allocate(byteCount: 9000)
                sizes.deallocate(block)
                sizes.deallocate(block)
            }
            try expect("is not memory that it gave out, or is free already", in: result)
        }

        @Test func freedWithAnotherSize() async throws {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                let sizes = makeSizes()
                sizes.deallocate(try sizes.allocate(byteCount: 100), byteCount: 10)
                try await onThread { sizes.flush() }
            }
            try expect("object cache 'tested-16': object", "belongs to another cache", in: result)
        }

        @Test func negativeCount() async throws {
            await #expect(processExitsWith: .failure) { _ = try makeSizes().allocate(byteCount: -1) }
        }

        @Test(arguments: [0, 3, -8, 8192]) func badAlignment(alignment: Int) async throws {
            await #expect(processExitsWith: .failure) { [alignment] in
                _ = try makeSizes().allocate(byteCount: 1, alignment: alignment)
            }
        }

        @Test func whatIsNotFreedIsReported() async throws {
            let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
                let sizes = makeSizes()
                for count in [5, 100, 100, 9000] { _ = try sizes.allocate(byteCount: count) }
            }
            try expect(
                "object cache 'tested-8' ends while 1 of its objects are in use.",
                "object cache 'tested-128' ends while 2 of its objects are in use.",
                "'tested' ends while 1 of its large blocks are in use.", in: result)
        }

        private func expect(
            _ parts: String..., in result: ExitTest.Result?, sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
            for part in parts { #expect(text.contains(part), sourceLocation: sourceLocation) }
        }
    }
}
