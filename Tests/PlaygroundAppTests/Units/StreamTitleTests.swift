import TerminalUI
import Testing

@testable import PlaygroundApp

@Suite struct StreamTitleTests {
  private func titles(_ facts: [StreamTitle.Facts], columns: Int, notes: [String] = []) -> [StreamTitle] {
    facts.indices.map {
      StreamTitle(facts, index: $0, notes: notes, columns: columns, separator: " · ", ellipsis: "…")
    }
  }

  private func facts(_ name: String, _ settings: [String] = ["T 0.8"], seed: Int, mark: String? = nil)
    -> StreamTitle.Facts
  {
    StreamTitle.Facts(name: name, mark: mark, settings: settings, seed: "seed \(seed)")
  }

  @Test func titlesTellStreamsApartInEveryWidth() {
    let mixes = [
      ["storyteller", "storyteller-mini", "storyteller@q4", "storyteller-mini@q4"],
      ["storyteller", "storyteller", "storyteller", "storyteller"],
      ["gpt2", "gpt2", "gpt2-medium", "gpt2-medium"], ["a/model", "b/model", "model-with-a-very-long-name", "x"],
    ]
    for names in mixes {
      let all = names.enumerated().map { facts($1, seed: 7 + $0) }
      for columns in 18...90 {
        let notes = ["1,234 tok · stopped", "1,234 · stopped", "1,234 tok", "1,234"]
        let titles = titles(all, columns: columns, notes: notes)
        #expect(Set(titles.map(\.text)).count == names.count, "\(columns): \(titles.map(\.text))")
        for title in titles {
          #expect(title.text.columnWidth + title.note.columnWidth <= columns, "\(columns): \(title)")
          #expect(title.note.hasPrefix("1,234"), "the count stays")
        }
      }
    }
  }

  @Test func namesAreCutFromWhatTheyHaveInCommon() {
    let names = ["storyteller", "storyteller-mini", "storyteller@q4"]
    let cut = { (name: String, columns: Int) in DistinctName.fitted(name, among: names, to: columns, mark: "…") }
    #expect(cut("storyteller-mini", 16) == "storyteller-mini")
    #expect(cut("storyteller-mini", 10) == "stor…-mini")
    #expect(cut("storyteller-mini", 5) == "…-min")
    #expect(cut("storyteller@q4", 8) == "stor…@q4")
    #expect(cut("storyteller", 8) == "storyte…")
    #expect(DistinctName.fitted("cloze-large", among: names, to: 6, mark: "…") == "cloze…")
    let formats = ["storyteller@q8", "storyteller@q4"]
    let twins = formats.map { DistinctName.fitted($0, among: formats, to: 12, mark: "…") }
    #expect(twins == ["storytel…@q8", "storytel…@q4"], "a format stays whole")
  }

  @Test func whatAllHaveInCommonGoesFirst() {
    let all = [facts("m", ["T 0.8", "k 40"], seed: 1), facts("m", ["T 0.8", "k 50"], seed: 2)]
    #expect(titles(all, columns: 40).map(\.text) == ["m · T 0.8 · k 40 · seed 1", "m · T 0.8 · k 50 · seed 2"])
    #expect(titles(all, columns: 20).map(\.text) == ["m · k 40 · seed 1", "m · k 50 · seed 2"])
    #expect(titles(all, columns: 9).map(\.text) == ["seed 1", "seed 2"])
  }

  /// With three panes side by side in 120 columns, title and note share 28.
  @Test func theSeedOfStreamsOfOneModelOutlastsAllElse() {
    let notes = ["1,234 tok · stopped", "1,234 · stopped", "1,234 tok", "1,234"]
    let settings = [[["T 0.7", "k 40"], ["T 0.8", "k 40"], ["T 0.9", "k 40"]], [["T 0.8"], ["T 0.8"], ["T 0.8"]]]
    for settings in settings {
      for mark in [nil, "old prompt"] {
        let all = settings.enumerated().map { facts("storyteller", $1, seed: 1_234 + $0, mark: mark) }
        for columns in 17...60 {
          for (index, title) in titles(all, columns: columns, notes: notes).enumerated() {
            #expect(title.text.contains("seed \(1_234 + index)"), "\(columns): \(title)")
            #expect(title.text.columnWidth + title.note.columnWidth <= columns, "\(columns): \(title)")
          }
        }
      }
    }
    let others = ["storyteller", "gpt2", "storyteller-mini"].enumerated().map { facts($1, ["T 0.8"], seed: 7 + $0) }
    for title in titles(others, columns: 36, notes: ["64 tok", "64"]) { #expect(title.text.contains("seed ")) }
  }

  @Test func aStreamThatWaitsSaysItsSeed() {
    var player = Player(holdsAnswers: true)
    player.type("Once")
    player.press("enter")
    #expect(player.screen.contains("waiting") && player.screen.contains("seed \(player.state.generate.leading.seed)"))
  }

  /// With two panes side by side in 120 columns, title and note share 48; with the candidates beside one pane in 100
  /// columns, 38.
  @Test func anOldPromptKeepsItsSeed() {
    let notes = ["256 tok · length", "256 · length", "256 tok", "256"]
    let names = ["storyteller", "storyteller-mini"]
    for step in 0...1 {
      let all = names.enumerated().map { facts($1, ["T 0.8", "p 0.95"], seed: 7 + step * $0, mark: "old prompt") }
      for (columns, note) in [(54, "256 tok · length"), (48, "256 · length"), (38, "256")] {
        let title = titles(all, columns: columns, notes: notes)[0]
        #expect(title.text.contains("seed 7") && title.mark == "old prompt", "\(columns): \(title)")
        #expect(title.note.hasPrefix(note), "\(columns): \(title)")
      }
    }
  }

  @Test func aMarkOutlastsTheSettings() {
    let all = [facts("storyteller", ["T 0.8", "p 0.95"], seed: 1, mark: "old prompt")]
    let title = titles(all, columns: 26)[0]
    #expect(title.text == "storyteller · old prompt" && title.mark == "old prompt")
    #expect(titles(all, columns: 20)[0].mark == nil)
  }
}
