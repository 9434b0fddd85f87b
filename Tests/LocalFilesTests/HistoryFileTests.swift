import LocalFiles
import Testing

/// The history file.
@Suite struct HistoryFileTests {
  private func entry(_ prompt: String, _ task: String = "generate") -> HistoryFile.Entry {
    HistoryFile.Entry(task: task, prompt: prompt)
  }

  @Test func promptsComeBackInOrder() throws {
    try Scratch.with { scratch in
      let history = HistoryFile(path: scratch.path + "/state/history.jsonl")
      #expect(try history.load().isEmpty)
      let prompts = [
        entry("one"), entry("two\nlines\t\"quoted\""), entry("drei 🙂", "translate"), entry("\u{0}\u{1B}[1m"),
      ]
      for prompt in prompts { try history.append(prompt) }
      #expect(try history.load() == prompts)
    }
  }

  @Test func aRepeatedPromptIsKeptOnce() throws {
    try Scratch.with { scratch in
      let history = HistoryFile(path: scratch.path + "/h")
      for prompt in [entry("a"), entry("a"), entry("a", "translate"), entry("a"), entry("b"), entry("a")] {
        try history.append(prompt)
      }
      #expect(try history.load() == [entry("a"), entry("a", "translate"), entry("b"), entry("a")])
    }
  }

  @Test func theFileIsBounded() throws {
    try Scratch.with { scratch in
      let history = HistoryFile(path: scratch.path + "/h", limit: 5)
      for number in 0..<57 {
        try history.append(entry("\(number)"))
        let lines = scratch.text("h")?.split(separator: "\n").count ?? 0
        #expect(lines <= 10)
        #expect(try history.load().map(\.prompt) == (max(0, number - 4)...number).map(String.init))
      }
    }
  }

  @Test func brokenLinesCostOnlyThemselves() throws {
    try Scratch.with { scratch in
      let lines = [
        "{\"task\":\"generate\",\"prompt\":\"good\"}", "", "nonsense", "{\"task\":1,\"prompt\":\"x\"}", "[1,2]",
        "{\"task\":\"g\"}",
        "{\"prompt\":\"\",\"task\":\"g\"}", "{\"task\":\"generate\",\"prompt\":\"cut",
      ]
      let path = try scratch.write("h", lines.joined(separator: "\n"))
      let history = HistoryFile(path: path)
      #expect(try history.load() == [entry("good")])
      try history.append(entry("next"))
      #expect(try history.load() == [entry("good"), entry("next")])
    }
  }

  @Test func aFileOfGarbageIsNoTrap() throws {
    try Scratch.with { scratch in
      let path = try scratch.write("h", bytes: (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
      #expect(try HistoryFile(path: path).load().isEmpty)
      #expect(throws: LocalFilesError.unreadable(path: scratch.path, reason: "no regular file")) {
        try HistoryFile(path: scratch.path).load()
      }
    }
  }
}
