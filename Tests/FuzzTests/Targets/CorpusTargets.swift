import JSONText
import TestSupport

@testable import Corpora

extension FuzzTarget {
  static let corpusTargets = [inflate, csv, conll, conversations, tokenFile, copyIndex]

  /// gzip: the output stays within its limit.
  static let inflate = FuzzTarget(
    name: "inflate",
    seeds: {
      let cases = try JSONValue(parsing: Fixtures.bytes("corpora/gzip.json")).array ?? []
      return cases.compactMap { $0["data"]?.string.flatMap(decodedBase64) }
    },
    words: ["\u{1F}\u{8B}\u{8}", "\u{0}\u{0}\u{FF}\u{FF}"],
    run: { bytes in
      if let output = try? Inflate.gzip(bytes, limit: 1 << 16) { law(output.count <= 1 << 16, "too much output") }
      if let output = try? Inflate.deflate(bytes, limit: 1 << 16) { law(output.count <= 1 << 16, "too much output") }
    })

  /// CSV: an accepted table has the same values after it is written with quotes and read again.
  static let csv = FuzzTarget(
    name: "csv",
    seeds: { [Array("a,b\r\n1,\"x, \"\"y\"\"\nz\"\n\n\"\",é\n".utf8), Array("a\tb\n1\t2\n".utf8)] },
    words: ["\"", "\"\"", ",", "\r\n", "\r", "\n\n", "\t", "\u{FEFF}"],
    run: { bytes in
      var reading = CorpusReading()
      for format in [CorpusFormat.csv, .tsv] {
        reading.format = format
        reading.skipsInvalidLines = true
        guard let file = try? CorpusFile(path: "x", contents: bytes, limit: 1 << 16),
          let records = try? file.read(reading).records, let first = records.first
        else { continue }
        let quoted = { (text: String) in
          "\""
            + text.utf8.split(separator: 0x22, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\"\"") + "\""
        }
        let rows = [first.fields.map(\.name)] + records.map { $0.fields.map(\.value.text) }
        let written = rows.map { $0.map(quoted).joined(separator: ",") + "\n" }.joined()
        reading.format = .csv
        guard let again = try? CorpusFile(path: "x", contents: Array(written.utf8)).read(reading).records else {
          return law(false, "what was written is not read")
        }
        law(again == records, "what was written is read as something else")
      }
    })

  /// CoNLL: all columns of a sentence have the same number of words, and none is empty.
  static let conll = FuzzTarget(
    name: "conll",
    seeds: { [Array("-DOCSTART- -X- O\n\nEU NNP B-ORG\nrejects VBZ O\n\nNew York\tNNP\tB-LOC\r\n".utf8)] },
    words: ["\n\n", "\t", " ", "\r\n", "-DOCSTART-", "B-", "O"],
    run: { bytes in
      var reading = CorpusReading()
      reading.format = .conll
      reading.skipsInvalidLines = true
      guard let file = try? CorpusFile(path: "x", contents: bytes, limit: 1 << 16),
        let records = try? file.read(reading).records
      else { return }
      for record in records {
        let counts = record.fields.map { field in
          if case .list(let words) = field.value { words.contains("") ? 0 : words.count } else { 0 }
        }
        law(counts.allSatisfy { $0 == counts.first && $0 > 0 }, "columns of different lengths")
      }
    })

  /// JSON Lines and chat messages: writing an accepted record and reading it back gives an equal record.
  static let conversations = FuzzTarget(
    name: "conversations",
    seeds: {
      [
        Array(#"{"messages": [{"role": "user", "content": "Hi"}], "tags": ["a"]}"#.utf8),
        Array(#"[[{"role": "user", "content": "Hi"}], [{"from": "gpt", "value": "x"}]]"#.utf8),
      ]
    },
    words: jsonWords + ["\"role\"", "\"content\"", "\"messages\"", "\n"],
    run: { bytes in
      var reading = CorpusReading()
      reading.format = .chat
      reading.skipsInvalidLines = true
      guard let file = try? CorpusFile(path: "x", contents: bytes, limit: 1 << 16),
        let records = try? file.read(reading).records
      else { return }
      let written = records.map { JSONValue.object($0.json).serialized() + "\n" }.joined()
      guard let again = try? CorpusFile(path: "x", contents: Array(written.utf8)).read(reading).records else {
        return law(false, "what was written is not read")
      }
      law(again.count == records.count, "what was written is read as something else")
    })

  /// Token files: whatever opens can be read.
  static let tokenFile = FuzzTarget(
    name: "token-file",
    seeds: {
      let folder = ScratchFolder.with("token-seed", [])
      let json: JSONValue = ["model": ["type": "WordLevel", "unk_token": "?", "vocab": ["?": 0, "a": 1]]]
      try TokenCache.write(["a", "b a"], .init(json: json), to: folder + "/x.tokens")
      return [try FileBytes.read(folder + "/x.tokens")]
    },
    run: { bytes in
      let folder = ScratchFolder.with("tokens", [("x.tokens", bytes)])
      guard let cache = try? TokenCache(folder + "/x.tokens") else { return }
      for document in 0..<cache.documentCount {
        law(cache.ids(of: document).allSatisfy { $0 < cache.vocabularySize }, "an id outside the vocabulary")
      }
    })

  /// Indexes of copies: whatever opens can be searched.
  static let copyIndex = FuzzTarget(
    name: "copy-index",
    seeds: {
      let folder = ScratchFolder.with("copy-seed", [])
      try CopyIndex.write(["a b c d e f g h i j", "k l m n o p q r s"], source: 1, to: folder + "/x.index")
      return [try FileBytes.read(folder + "/x.index")]
    },
    run: { bytes in
      let folder = ScratchFolder.with("copies", [("x.index", bytes)])
      guard let index = try? CopyIndex(folder + "/x.index") else { return }
      let text = "a b c d e f g h i j k l m n o p q r s"
      guard let result = try? index.runs(in: text) else { return }
      law(result.runs.allSatisfy { $0.range.upperBound <= text.utf8.count }, "a run beyond the text")
    })
}

/// The bytes of standard base64; `nil` for other characters.
private func decodedBase64(_ text: String) -> [UInt8]? {
  var bytes: [UInt8] = []
  var (bits, count): (UInt32, Int) = (0, 0)
  for byte in text.utf8 where byte != UInt8(ascii: "=") {
    let value: UInt8
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = byte - 65
    case UInt8(ascii: "a")...UInt8(ascii: "z"): value = byte - 71
    case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte + 4
    case UInt8(ascii: "+"): value = 62
    case UInt8(ascii: "/"): value = 63
    default: return nil
    }
    bits = bits << 6 | UInt32(value)
    count += 6
    if count >= 8 {
      count -= 8
      bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
    }
  }
  return bytes
}
