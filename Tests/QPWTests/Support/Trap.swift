import Foundation
import Testing

@testable import QPW

/// Checks what a process that trapped wrote on standard error.
func expectMessage(
    _ parts: String..., in result: ExitTest.Result?, sourceLocation: SourceLocation = #_sourceLocation
) {
    guard let result else { return }
    let text = String(decoding: result.standardErrorContent, as: UTF8.self)
    for part in parts {
        #expect(text.contains(part), sourceLocation: sourceLocation)
    }
}

/// The policy of that name: exit tests capture what can be encoded.
func policy(named name: String) -> QPWPolicy {
    guard let policy = QPWPolicy(name) else { fatalError("no policy \(name)") }
    return policy
}
