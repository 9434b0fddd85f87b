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
}
