import Foundation
import Testing

@testable import QPWCommand

@Suite("Markup")
struct MarkupTests {
    @Test("Text is escaped, in elements and in attributes; markup is not")
    func escaping() {
        let inner: Markup = "<b>\("a<b & \"c\"")</b>"
        #expect(inner.html == "<b>a&lt;b &amp; &quot;c&quot;</b>")
        #expect(
            ("<p title=\"\("\" onclick=\"x")\">\(inner)</p>" as Markup).html.contains(
                "&quot; onclick=&quot;x"))
        #expect(("<p>\(inner)</p>" as Markup).html == "<p>\(inner.html)</p>")
    }

    @Test("Lengths have one place, numbers none")
    func numbers() {
        #expect(("\(1.26) \(-0.04) \(3)" as Markup).html == "1.3 -0.0 3")
    }

    @Test("No text in a document can end its script, and it stays the same document")
    func script() throws {
        let hostile = ["a": "</script><script>alert(1)</script><!-- ]]>", "b": "</SCRIPT "]
        let json = String(decoding: try JSONEncoder().encode(hostile), as: UTF8.self)
        let html = Markup.data(json: json, id: "x").html
        let inside = html.dropFirst("<script type=\"application/json\" id=\"x\">".count)
            .dropLast("</script>".count)
        #expect(!inside.contains("<"))
        #expect(html.hasSuffix("</script>"))
        #expect(try JSONDecoder().decode([String: String].self, from: Data(inside.utf8)) == hostile)
    }
}
