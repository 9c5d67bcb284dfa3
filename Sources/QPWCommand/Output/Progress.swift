/// A line on the terminal that says how far a long measurement is; nothing where standard error is no
/// terminal.
struct Progress {
    private let isShown = StandardError.isTerminal
    private let title: String

    /// Of a measurement that is a part of another, `title` says which.
    init(title: String = "") {
        self.title = title
    }

    func show(_ text: @autoclosure () -> String) {
        if isShown { StandardError.write("\r\u{1B}[K" + title + text()) }
    }

    func clear() {
        if isShown { StandardError.write("\r\u{1B}[K") }
    }
}
