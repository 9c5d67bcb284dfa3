import Foundation
import Testing

typealias JSONObject = [String: Any]

/// The document as a dictionary, once it has been seen to begin with its schema.
func parsed(_ document: String, schema: String) throws -> JSONObject {
    #expect(document.hasPrefix("{\n  \"schema\" : \"\(schema)\","))
    let value = try JSONSerialization.jsonObject(with: Data(document.utf8))
    return try #require(value as? JSONObject)
}

extension JSONObject {
    func object(_ key: String) throws -> JSONObject { try #require(self[key] as? JSONObject, "\(key)") }

    func objects(_ key: String) throws -> [JSONObject] { try #require(self[key] as? [JSONObject], "\(key)") }

    func number(_ key: String) throws -> Double { try #require(self[key] as? NSNumber, "\(key)").doubleValue }

    func text(_ key: String) throws -> String { try #require(self[key] as? String, "\(key)") }
}
