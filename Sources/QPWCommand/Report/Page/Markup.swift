/// HTML and SVG: what a literal says is taken as it is, and text that is interpolated is escaped.
struct Markup: ExpressibleByStringInterpolation, Equatable {
    private(set) var html: String

    init(stringLiteral value: String) { html = value }
    init(stringInterpolation: Interpolation) { html = stringInterpolation.html }
    private init(raw: String) { html = raw }

    struct Interpolation: StringInterpolationProtocol {
        fileprivate(set) var html = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            html.reserveCapacity(literalCapacity)
        }

        mutating func appendLiteral(_ literal: String) { html += literal }
        mutating func appendInterpolation(_ markup: Markup) { html += markup.html }
        mutating func appendInterpolation(_ number: Int) { html += String(number) }
        mutating func appendInterpolation(_ text: String) { html += Markup.escaped(text) }

        /// A length in a drawing: a tenth of its unit is finer than a pixel.
        mutating func appendInterpolation(_ length: Double) {
            html += String((length * 10).rounded() / 10)
        }
    }

    /// For an element's text and for values of attributes in double quotes.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    /// A document of JSON in a script element, which nothing in it can end: there is no `<` but in its strings, where it may
    /// be written as a number.
    static func data(json: String, id: String) -> Markup {
        let inert = json.replacing("<", with: "\\u003c")
        return "<script type=\"application/json\" id=\"\(id)\">\(Markup(raw: inert))</script>"
    }
}

extension Sequence<Markup> {
    func joined() -> Markup { reduce(into: "") { $0 = "\($0)\($1)" } }
}

extension Sequence {
    func markup(_ each: (Element) throws -> Markup) rethrows -> Markup { try map(each).joined() }
}
