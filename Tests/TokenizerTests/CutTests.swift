import Foundation
import TestSupport
import Testing

@testable import Tokenizers

@Suite("Tokenizing the parts between cuts gives the tokens of the whole text")
struct CutTests {
  @Test(
    "parts equal the whole for trained tokenizers of every kind", arguments: ReferenceData.names(ReferenceData.models))
  func models(name: String) throws { check(try TrainedModelTests.tokenizer(name), name) }

  @Test("parts equal the whole for model folders of every kind", arguments: ReferenceData.names(ReferenceData.folders))
  func folders(name: String) throws {
    let files = try FolderTests.files(try ReferenceData.find(name, in: ReferenceData.folders))
    check(try FolderTests.withFolder(files) { try Tokenizer(folder: $0) }, name)
  }

  /// Optional additional tokenizers: the folders inside the folder named by `TRIPTYCH_TOKENIZERS`.
  static let otherFolders: [String] = {
    guard let folder = ProcessInfo.processInfo.environment["TRIPTYCH_TOKENIZERS"] else { return [] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().map { folder + "/" + $0 }
  }()

  @Test("parts equal the whole for the tokenizers in TRIPTYCH_TOKENIZERS", arguments: otherFolders)
  func others(folder: String) throws {
    guard let tokenizer = try? Tokenizer(folder: folder) else { return }
    check(tokenizer, folder, count: 400)
    print(folder, "cuts beside", tokenizer.stretching?.cuts.letters.count ?? 0, "letters")
  }

  @Test(
    "byte-level BPE, WordPiece and Unigram have cuts before the spaces between words",
    arguments: ["byte-level BPE", "WordPiece", "Unigram"])
  func commonKinds(name: String) throws {
    let stretching = try #require(try TrainedModelTests.tokenizer(name).stretching)
    ValidText.with("once upon a") { text in
      #expect(stretching.isCut(text, at: 4) && stretching.isCut(text, at: 9))
      #expect(stretching.firstCut(text, in: 5..<text.bytes.count) == 9)
      #expect(![0, 3, 5, text.bytes.count].contains { stretching.isCut(text, at: $0) })
    }
  }

  @Test("there is no cut inside an added token that contains a space")
  func addedTokens() throws {
    let plain = try #require(try ReferenceData.find("byte-level BPE", in: ReferenceData.models)["tokenizer"]?.object)
    var changed = plain
    changed["added_tokens"] = .array(
      (plain["added_tokens"]?.array ?? []) + [
        [
          "id": 9_000, "content": "upon a", "single_word": false, "lstrip": false, "rstrip": false,
          "normalized": false, "special": true,
        ]
      ])
    let before = try #require(try Tokenizer(json: .object(plain)).stretching)
    let tokenizer = try Tokenizer(json: .object(changed))
    let stretching = try #require(tokenizer.stretching)
    let id = try #require(tokenizer.added.tokensByID.first { $1.content == Array("upon a".utf8) }?.key)
    #expect(tokenizer.encode("x upon a y").ids.contains(id))
    ValidText.with("x upon a yes so") { text in
      // The token could match across the space after its first `n`, so `n` is excluded from the letters around cuts.
      #expect(before.isCut(text, at: 6) && !stretching.isCut(text, at: 6))
      for place in [1, 8, 12] {
        #expect(before.isCut(text, at: place) && stretching.isCut(text, at: place), "\(place)")
      }
    }
  }

  /// Analyzing each letter's paths through the whole pattern would take minutes here.
  @Test("the cost of analyzing a pattern is linear in its instructions")
  func hostilePatterns() throws {
    let letters = Set(UInt32(0x61)...0x7A).union(0x430...0x44F)
    for (pattern, isApart) in [
      (#" ?(?:(?:[a-zа-я]?){100}){90}|\s+"#, true), (#" ?(?:(?:[a-zа-я]?){100}){90} ?|\s+"#, false),
      (#" ?(?:(?:(?>[a-zа-я]))?){900}|\s+"#, true), (#" ?(?:(?:[a-zа-я](?=[ .])?){90}){40}|\s+"#, false),
    ] {
      let program = try RegexCutter(pattern).program
      #expect(program.instructions.count > 3_000)
      #expect(program.lettersApart(from: 0x20, letters)?.isEmpty == !isApart, "\(pattern)")
    }
  }

  private func check(_ tokenizer: Tokenizer, _ name: String, count: Int = 60) {
    guard let stretching = tokenizer.stretching else { return }
    let frame = stretching.frame
    let added = tokenizer.added.tokensByID.values.prefix(40).map { String(decoding: $0.content, as: UTF8.self) }
    var random = SplitMix64(seed: 21)
    for _ in 0..<count {
      let text = words(added.sorted(), &random)
      let whole = tokenizer.encode(text)
      var ids = frame.leading
      var ranges = frame.leading.map { _ in 0..<0 }
      ValidText.with(text) { valid in
        let bytes = valid.bytes
        var start = 0
        while start < bytes.count {
          let end = stretching.firstCut(valid, in: start + 1..<max(start + 1, bytes.count)) ?? bytes.count
          let part = tokenizer.encodeStretch(valid, start..<end)
          ids += part.ids
          ranges += part.ranges
          start = end
        }
      }
      ids += frame.trailing
      ranges += frame.trailing.map { _ in 0..<0 }
      guard ids == whole.ids, ranges == whole.ranges else {
        Issue.record("\(name): \(text.debugDescription)\n\(ids)\n\(whole.ids)\n\(ranges)\n\(whole.ranges)")
        return
      }
    }
  }

  /// A random text: words of many scripts with white space, punctuation and added tokens between them.
  private func words(_ added: [String], _ random: inout SplitMix64) -> String {
    let parts = [
      "once", "upon", "a", "The", "don't", "I'll", "x", "E", "é", "e\u{301}", "naïve", "ΟΔΟΣ", "дом", "й", "שלום",
      "سلام",
      "日本", "かき", "กา", "🙂", "ﬁ", "１２", "123", "4", "!", "...", "¿", "'s", "_", "▁", "Ġ", "\u{301}", "\u{200D}", "İ",
      "ß", "s",
    ]
    let gaps = [" ", " ", " ", " ", " ", "  ", "\n", "\t", "", ".", ", ", " \n", "\r\n", "\u{A0}", "\u{3000}", "   "]
    var text = ""
    for _ in 0..<random.next() % 40 {
      let isAdded = !added.isEmpty && random.next() % 10 == 0
      let list = isAdded ? added : parts
      text += list[Int(random.next() % UInt64(list.count))]
      text += gaps[Int(random.next() % UInt64(gaps.count))]
    }
    return text
  }
}
