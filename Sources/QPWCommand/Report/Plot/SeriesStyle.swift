/// How a policy is drawn: by a colour, by a dash and by a shape, each of which tells it from the others of its plot.
struct SeriesStyle {
    enum Shape {
        case circle, square, diamond, triangle, cross, ring, none
    }

    /// A class of the style sheet; the real-time variant of a policy has its colour.
    let colour: String
    let dash: String
    let shape: Shape

    init(_ policy: String) {
        switch policy {
        case "queue": self.init("queue", "none", .square)
        case "lock": self.init("lock", "none", .circle)
        case "fence": self.init("fence", "none", .triangle)
        case "rtQueue": self.init("queue", "6 3", .cross)
        case "rtLock": self.init("lock", "6 3", .ring)
        case "idle": self.init("idle", "1.5 2.5", .none)
        case let name where name.hasPrefix("deferred"): self.init("deferred", "9 2 2 2", .diamond)
        default: self.init("other", "3 3", .none)
        }
    }

    private init(_ colour: String, _ dash: String, _ shape: Shape) {
        self.colour = colour
        self.dash = dash
        self.shape = shape
    }

    func line(_ points: [(x: Double, y: Double)]) -> Markup {
        guard let first = points.first else { return "" }
        let path: Markup = "M\(first.x) \(first.y)\(points.dropFirst().markup { "L\($0.x) \($0.y)" })"
        return "<path class=\"line \(colour)\" stroke-dasharray=\"\(dash)\" d=\"\(path)\"/>"
    }

    func marker(_ x: Double, _ y: Double) -> Markup {
        switch shape {
        case .none: ""
        case .circle: "<circle class=\"mark \(colour)\" cx=\"\(x)\" cy=\"\(y)\" r=\"3\"/>"
        case .ring: "<circle class=\"open \(colour)\" cx=\"\(x)\" cy=\"\(y)\" r=\"3.2\"/>"
        case .square: path("mark", "M\(x - 2.7) \(y - 2.7)h5.4v5.4h-5.4z")
        case .diamond: path("mark", "M\(x) \(y - 3.8)l3.8 3.8l-3.8 3.8l-3.8 -3.8z")
        case .triangle: path("mark", "M\(x) \(y - 3.8)l3.6 6.3h-7.2z")
        case .cross: path("open", "M\(x - 2.8) \(y - 2.8)l5.6 5.6m0 -5.6l-5.6 5.6")
        }
    }

    private func path(_ kind: String, _ outline: Markup) -> Markup {
        "<path class=\"\(kind) \(colour)\" d=\"\(outline)\"/>"
    }

    /// A sample for a legend; the name beside it says what it is.
    var swatch: Markup {
        """
        <svg class="swatch" aria-hidden="true" width="34" height="12" viewBox="0 0 34 12">\
        \(line([(1, 6), (33, 6)]))\(marker(17, 6))</svg>
        """
    }
}
