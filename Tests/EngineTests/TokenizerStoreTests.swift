import EngineAPI
import Testing
import Tokenizers

@testable import Engines

/// A forgotten folder is read again, even if a read was in progress, because its files may have changed.
@Suite struct TokenizerStoreTests {
  private let folder = BundledEngine.models + "/cloze"

  private func draft(_ entry: TokenizerStore.Entry) throws -> TokenizedText {
    try #require(DraftTokenizer(entry.tokenizer).tokenize("once upon a time"))
  }

  @Test func draftsAreKeptWithTheirTokenizer() throws {
    let store = TokenizerStore()
    let entry = try store.entry(path: folder)
    store.keep(draft: try draft(entry), of: entry, path: folder)
    #expect(try store.entry(path: folder).draft?.ids == draft(entry).ids)
  }

  @Test func aDraftOfAForgottenTokenizerIsNotKept() throws {
    let store = TokenizerStore()
    let entry = try store.entry(path: folder)
    store.forget(path: folder)
    store.keep(draft: try draft(entry), of: entry, path: folder)
    #expect(try store.entry(path: folder).draft == nil)
    let other = try store.entry(path: folder)
    store.keep(draft: try draft(entry), of: entry, path: folder)
    #expect(try store.entry(path: folder).draft == nil)
    store.keep(draft: try draft(other), of: other, path: folder)
    #expect(try store.entry(path: folder).draft != nil)
  }

  @Test func aReadThatBeganBeforeTheFolderWasForgottenIsNotKept() throws {
    let store = TokenizerStore()
    var readings = 0
    for _ in 0..<2 {
      _ = try store.entry(path: folder) { path throws(EngineError) in
        readings += 1
        let tokenizer = try Tokenizer.open(path: path)
        if readings == 1 { store.forget(path: path) }
        return tokenizer
      }
    }
    #expect(readings == 2)
    _ = try store.entry(path: folder) { _ throws(EngineError) in
      Issue.record("read although it is open")
      return try Tokenizer.open(path: folder)
    }
  }
}
