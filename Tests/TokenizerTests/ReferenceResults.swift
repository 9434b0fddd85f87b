import JSONText
import TestSupport
import Testing

@testable import Tokenizers

/// Reference results of transformers, written by `make_tokenizer_fixtures.py`.
enum ReferenceData {
  static let components = load("tokenizers/components.json")
  static let models = load("tokenizers/models.json")
  static let folders = load("tokenizers/folders.json")

  private static func load(_ name: String) -> JSONValue {
    (try? JSONValue(contentsOfFile: Fixtures.path(name))) ?? nil
  }

  /// The names of a file's cases, for use as test arguments.
  static func names(_ data: JSONValue) -> [String] { data["cases"]?.array?.compactMap { $0["name"]?.string } ?? [] }

  /// The case with a name.
  static func find(_ name: String, in data: JSONValue) throws -> JSONValue {
    try #require(data["cases"]?.array?.first { $0["name"]?.string == name })
  }
}

extension JSONValue {
  /// The elements of an array of integers.
  var integers: [Int]? { array?.compactMap(\.int) }

  /// A copy of the object with one member added or replaced.
  func with(_ key: String, _ value: JSONValue) -> JSONValue {
    var object = self.object ?? [:]
    object[key] = value
    return .object(object)
  }
}

/// The reference's tokens for one text.
struct ReferenceResult {
  let text: String
  let ids: [Int]
  /// Pairs of character offsets, flattened; `nil` if the reference has none.
  let offsets: [Int]?
  let decoded: String?
  let decodedPlain: String?

  init(_ text: JSONValue, _ result: JSONValue) throws {
    self.text = try #require(text.string)
    ids = try #require(result["ids"]?.integers)
    offsets = result["offsets"]?.integers
    decoded = result["decoded"]?.string
    decodedPlain = result["decoded_plain"]?.string
  }

  init(text: String, ids: [Int], offsets: [Int]?, decoded: String?, decodedPlain: String?) {
    self.text = text
    self.ids = ids
    self.offsets = offsets
    self.decoded = decoded
    self.decodedPlain = decodedPlain
  }

  /// The results of a case, one per text.
  static func all(_ texts: JSONValue?, _ results: JSONValue?) throws -> [ReferenceResult] {
    let texts = try #require(texts?.array)
    let results = try #require(results?.array)
    try #require(texts.count == results.count && !texts.isEmpty)
    return try zip(texts, results).map { try ReferenceResult($0, $1) }
  }

  /// Compares a tokenizer with the reference: ids, ranges, and decoding at once and as a stream.
  func check(_ tokenizer: Tokenizer, byteTokensShareRange: Bool = false) {
    let encoding = tokenizer.encode(text)
    #expect(encoding.ids == ids, "\(text.debugDescription)")
    guard encoding.ids == ids else { return }
    if let offsets { checkRanges(encoding, offsets, tokenizer, byteTokensShareRange) }
    for (expected, skips) in [(decoded, false), (decodedPlain, true)] {
      guard let expected else { continue }
      let whole = tokenizer.decode(ids, skipSpecialTokens: skips)
      #expect(whole.utf8.elementsEqual(expected.utf8), "\(whole.debugDescription) \(expected.debugDescription)")
      var decoder = tokenizer.makeStreamingDecoder(skipSpecialTokens: skips)
      let streamed = ids.map { decoder.append($0) }.joined() + decoder.finish()
      #expect(streamed.utf8.elementsEqual(expected.utf8), "\(streamed.debugDescription)")
    }
  }

  /// The reference counts in characters and never splits one, so our byte ranges must be equal once widened to whole
  /// characters. In the reference, all byte tokens of a run of the unigram model have the range of the run; ours must
  /// lie inside it.
  private func checkRanges(
    _ encoding: Encoding, _ offsets: [Int], _ tokenizer: Tokenizer, _ byteTokensShareRange: Bool
  ) {
    var characterOf: [Int] = []
    for byte in text.utf8 { characterOf.append((characterOf.last ?? -1) + (byte & 0xC0 == 0x80 ? 0 : 1)) }
    characterOf.append((characterOf.last ?? -1) + 1)
    for (index, range) in encoding.ranges.enumerated() {
      guard range.lowerBound >= 0, range.upperBound <= text.utf8.count else {
        Issue.record("range \(range) of \(text.debugDescription)")
        continue
      }
      let start = characterOf[range.lowerBound]
      let end = range.isEmpty ? start : characterOf[range.upperBound - 1] + 1
      let expected = (offsets[2 * index], offsets[2 * index + 1])
      if byteTokensShareRange, tokenizer.piece(of: encoding.ids[index])?.hasPrefix("<0x") == true {
        #expect(expected.0 <= start && end <= expected.1)
      } else {
        #expect((start, end) == expected, "\(text.debugDescription) token \(index) \(range)")
      }
    }
  }
}
