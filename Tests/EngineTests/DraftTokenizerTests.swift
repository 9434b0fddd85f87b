import EngineAPI
import TestSupport
import Testing
import Tokenizers

@testable import Engines

/// Reusing the tokens of the previous text changes only the cost, not the result.
@Suite("Tokens of a text that is being edited")
struct DraftTokenizerTests {
  private static let names = ["storyteller", "cloze", "interpreter"]

  private func tokenizer(_ name: String) throws -> Tokenizer {
    try Tokenizer(folder: BundledEngine.models + "/" + name)
  }

  @Test("After every edit the tokens equal those of the whole text", arguments: names, 0..<4)
  func edits(_ name: String, _ seed: Int) throws {
    let tokenizer = try tokenizer(name)
    let drafts = DraftTokenizer(tokenizer, stretchSize: 24)
    var random = SplitMix64(seed: UInt64(seed))
    let parts = [
      "once", " upon", " a", " ", "  ", "\n", "x", "don't", " é", "e\u{301}", " дом", "日本", "🙂", "!", " [MASK]",
      "[MASK]",
      "<|endoftext|>", "</s>", " 12", "ﬁ", "\u{301}", ". The",
    ]
    var text = ""
    var known: TokenizedText?
    for _ in 0..<150 {
      let places = Array(text.unicodeScalars.indices) + [text.endIndex]
      let from = Int(random.next() % UInt64(places.count))
      let to = random.next() % 3 == 0 ? min(places.count - 1, from + Int(random.next() % 20)) : from
      let inserted = (0..<Int(random.next() % 9)).map { _ in parts[Int(random.next() % UInt64(parts.count))] }.joined()
      text.replaceSubrange(places[from]..<places[to], with: inserted)
      let draft = try #require(drafts.tokenize(text, known: known))
      known = draft
      let whole = tokenizer.encode(text)
      let tokens = draft.tokens
      guard draft.ids == whole.ids, tokens.map(\.range) == whole.ranges, tokens.map(\.isSpecial) == whole.special else {
        Issue.record("\(name): \(text.debugDescription)")
        return
      }
      #expect(draft.count == whole.count && tokens.indices.allSatisfy { draft[$0] == tokens[$0] })
      #expect(draft.stretches.flatMap(\.text) == Array(text.utf8))
    }
  }

  @Test("A keystroke in a megabyte of text tokenizes only a few kilobytes again", arguments: names)
  func work(_ name: String) throws {
    let drafts = DraftTokenizer(try tokenizer(name))
    var text = String(repeating: "Once upon a time there was a little ship. ", count: 25_000)
    var known = try #require(drafts.tokenize(text))
    #expect(known.freshBytes == text.utf8.count && known.stretches.count > 900)
    for offset in [0, 500_000, text.utf8.count] {
      for key in ["x", " ", "y"] {
        text.insert(contentsOf: key, at: text.utf8.index(text.startIndex, offsetBy: offset))
        known = try #require(drafts.tokenize(text, known: known))
        #expect(known.freshBytes < 4_000)
      }
    }
  }

  @Test("A text of one word without spaces is tokenized whole, and tokenizing can be stopped")
  func bounds() throws {
    let drafts = DraftTokenizer(try tokenizer("storyteller"))
    let draft = try #require(drafts.tokenize(String(repeating: "ab", count: 20_000)))
    #expect(draft.stretches.count == 1)
    #expect(drafts.tokenize("once upon a time", isCancelled: { true }) == nil)
    #expect(drafts.tokenize("")?.isEmpty == true)
  }
}
