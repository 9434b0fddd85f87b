import Foundation
import JSONText
import TestSupport
import Testing

@testable import Tokenizers

@Suite("The shared tokenizers equal the reference")
struct SharedTokenizerTests {
  /// The folders with the tokenizer's files and `cases.json`; files may be packed with xz.
  static let shared = Fixtures.shared("tokenizers")
  static let names = SharedTokenizer.names
  static let canRun = shared != nil && Unpacking.program != nil

  @Test(
    "ids, ranges, decoded texts and pairs equal those of tokenizer.json, or of the classes that overrule it",
    .enabled(if: canRun, "needs the shared folder, and xz"), arguments: names)
  func folder(name: String) throws {
    let found = try SharedTokenizer(name)
    let tokenizer = try found.withFiles { try Tokenizer(folder: $0) }
    found.check(tokenizer, as: SharedTokenizer.overruling.contains(name) ? .transformers : .tokenizers)
    // The reference counts M2M-100's pieces without the 100 codes of languages that follow them.
    let codes = name == "m2m100-small" ? 100 : 0
    #expect(tokenizer.vocabularySize == found.vocabularySize.map { $0 + codes })
  }

  @Test(
    "where a class overrules tokenizer.json, the file alone gives the ids of its own pipeline",
    .enabled(if: canRun, "needs the shared folder, and xz"), arguments: SharedTokenizer.overruled)
  func file(name: String) throws {
    let found = try SharedTokenizer(name)
    let json = try Unpacking.bytes("\(found.folder)/tokenizer.json")
    found.check(try Tokenizer(json: try JSONValue(parsing: json, path: name)), as: .tokenizers)
  }

  @Test(
    "SentencePiece files alone give the ids that they give with their tokenizer.json",
    .enabled(if: canRun, "needs the shared folder, and xz"),
    arguments: ["llama-2", "mistral-v1", "xlm-roberta-small", "mt5-small", "t5"])
  func sentencePiece(name: String) throws {
    let found = try SharedTokenizer(name)
    let tokenizer = try found.withFiles(except: ["tokenizer.json"]) { try Tokenizer(folder: $0) }
    found.check(tokenizer, as: .transformers)
  }
}

/// Reads files that may be packed with xz.
enum Unpacking {
  /// The program that unpacks.
  static let program = ["/usr/bin/xz", "/bin/xz", "/usr/local/bin/xz", "/opt/homebrew/bin/xz"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// The bytes of a file, or of the packed file beside its place.
  static func bytes(_ path: String) throws -> [UInt8] {
    if FileManager.default.fileExists(atPath: path) { return Array(try Data(contentsOf: URL(fileURLWithPath: path))) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(program))
    process.arguments = ["-dc", path + ".xz"]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(path)")
    return Array(bytes)
  }
}

/// A folder of the shared tokenizers with the reference's results.
struct SharedTokenizer {
  /// Whose results are expected: those of tokenizer.json alone (the library tokenizers), or of transformers, whose
  /// classes overrule some parts of that file.
  enum Reference { case tokenizers, transformers }

  static let names = [
    "albert", "bert", "byt5", "cohere", "distilbert-cased", "falcon", "gemma-small", "gpt-neox", "gpt-oss", "gpt2",
    "llama-2", "llama-3", "m2m100-small", "marian-en-fr", "mbart-small", "mbart-small-vocabulary", "minilm",
    "mistral-v1", "mistral-v3", "modernbert", "mt5-small", "opt", "phi-3", "qwen2.5", "roberta", "t5",
    "xlm-roberta-small",
  ]

  /// The folders whose class overrules tokenizer.json, so that what transformers makes of them is expected.
  static let overruling: Set = ["bert", "distilbert-cased", "gpt2", "minilm", "mt5-small", "opt", "t5"]

  /// The folders for which the two references differ, in ids, ranges or decoded texts.
  static let overruled = ["gemma-small", "gpt-neox", "llama-2", "mt5-small"]

  let folder: String
  let vocabularySize: Int?
  private let cases: [JSONValue]
  private let pairs: [JSONValue]

  init(_ name: String) throws {
    folder = "\(try #require(SharedTokenizerTests.shared))/\(name)"
    let data = try JSONValue(contentsOfFile: "\(folder)/cases.json")
    cases = try #require(data["cases"]?.array)
    pairs = data["pairs"]?.array ?? []
    vocabularySize = data["vocabulary"]?.int
    try #require(cases.count > 60)
  }

  /// Calls the closure with a folder that holds the unpacked files; `except` names those that are left out.
  func withFiles<R>(except: Set<String> = [], _ body: (String) throws -> R) throws -> R {
    try Fixtures.withScratchFolder { scratch in
      for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name != "cases.json" {
        let plain = name.hasSuffix(".xz") ? String(name.dropLast(3)) : name
        if except.contains(plain) { continue }
        let path = "\(scratch)/\(plain)"
        if plain == name {
          try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "\(folder)/\(name)")
        } else {
          try Data(Unpacking.bytes("\(folder)/\(plain)")).write(to: URL(fileURLWithPath: path))
        }
      }
      return try body(scratch)
    }
  }

  /// Compares a tokenizer with the expected results.
  func check(_ tokenizer: Tokenizer, as reference: Reference) {
    for found in cases {
      let own = { (key: String) -> JSONValue? in
        (reference == .transformers ? found["transformers_\(key)"] : nil) ?? found[key]
      }
      guard let text = found["text"]?.string, let ids = own("ids")?.integers, let decoded = found["decoded"]?.string
      else {
        Issue.record("a case without text, ids or decoded text")
        continue
      }
      // Pieces, ranges and texts belong to the ids of the same reference; where those differ, they are not recorded.
      let isSame = reference == .tokenizers || found["transformers_ids"] == nil
      let offsets = own("offsets")?.array?.flatMap { $0.integers ?? [] }
      let plain = own("decoded_without_special")?.string ?? decoded
      ReferenceResult(
        text: text, ids: ids, offsets: isSame ? offsets : nil, decoded: isSame ? decoded : nil,
        decodedPlain: isSame ? plain : nil
      ).check(tokenizer, byteTokensShareRange: tokenizer.model is UnigramModel)
      if isSame {
        #expect(
          tokenizer.encode(text, addSpecialTokens: false).ids == own("ids_without_special")?.integers ?? ids,
          "without special tokens: \(text.debugDescription)")
      }
    }
    for found in pairs {
      let own = reference == .transformers ? found["transformers_ids"] : nil
      let first = found["text"]?.string ?? ""
      let second = found["pair"]?.string ?? ""
      let encoding =
        reference == .transformers
        ? tokenizer.encode(first, pair: second) : tokenizer.encodeBoth(first, second, addSpecialTokens: true)
      #expect(
        encoding.encoding.ids == (own ?? found["ids"])?.integers, "\(first.debugDescription) \(second.debugDescription)"
      )
      if own == nil { #expect(encoding.types == found["type_ids"]?.integers, "\(first) \(second)") }
    }
  }
}
