import Foundation

enum StandardOutput {
    /// Gives up silently when nobody reads any more: what was measured stays measured.
    static func write(_ text: String) { _ = writeAll(text, to: 1) }
}

enum StandardError {
    static var isTerminal: Bool { isatty(2) == 1 }

    static func write(_ text: String) { _ = writeAll(text, to: 2) }
}

/// False, with `errno`, where not all of it could be written.
func writeAll(_ text: String, to descriptor: Int32) -> Bool {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        let written = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
        if written < 0 && errno == EINTR { continue }
        guard written > 0 else { return false }
        rest = rest.dropFirst(written)
    }
    return true
}
