import EngineAPI
import Testing

@testable import PlaygroundApp

@Suite struct HistoryTests {
  @Test func theDraftWaitsBehindTheNewestPrompt() {
    var history = PromptHistory(entries: ["one", "two"])
    #expect(history.later() == nil)
    #expect(history.earlier(than: "draft") == "two")
    #expect(history.earlier(than: "two") == "one")
    #expect(history.earlier(than: "one") == nil)
    #expect(history.later() == "two")
    #expect(history.later() == "draft")
    #expect(history.later() == nil)
  }

  @Test func thePromptSentLastIsNotAddedTwice() {
    var history = PromptHistory(entries: ["one"])
    history.add("one")
    history.add("")
    #expect(history.entries == ["one"])
    history.add("two")
    history.add("one")
    #expect(history.entries == ["one", "two", "one"])
  }

  @Test func oldPromptsAreForgotten() {
    var history = PromptHistory(entries: (0..<700).map { "\($0)" })
    #expect(history.entries.count == PromptHistory.most)
    history.add("new")
    #expect(history.entries.count == PromptHistory.most)
    #expect(history.entries.last == "new")
  }

  @Test func branchesAreWalkedBothWays() {
    var branches = BranchHistory<Page>()
    #expect(branches.back(from: "a") == nil)
    branches.leave("a")
    branches.leave("b")
    #expect(branches.back(from: "c") == "b")
    #expect(branches.back(from: "b") == "a")
    #expect(branches.forward(from: "a") == "b")
    branches.leave("b")
    // A new branch from an old one ends the way forward.
    #expect(branches.forward(from: "d") == nil)
    #expect(branches.back(from: "d") == "b")
  }

  @Test func longTextsAreKeptWithinABound() {
    var branches = BranchHistory<Page>()
    for number in 0..<1_000 { branches.leave(Page(text: "\(number)", tokenCount: 256)) }
    #expect(branches.past.count == 64)
    #expect(branches.past.last?.text == "999")
    branches.leave(Page(text: "a book", tokenCount: 100_000))
    #expect(branches.past.map(\.text) == ["a book"], "the last one can always be gone back to")
  }
}

/// A text to go back to.
private struct Page: KeptBranch, ExpressibleByStringLiteral {
  var text: String
  var tokenCount = 1

  init(text: String, tokenCount: Int) { (self.text, self.tokenCount) = (text, tokenCount) }
  init(stringLiteral text: String) { self.text = text }
}
