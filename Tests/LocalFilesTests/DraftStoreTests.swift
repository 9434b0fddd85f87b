import LocalFiles
import Testing

/// Typed text survives the end of its session.
@Suite struct DraftStoreTests {
  private func store(_ scratch: Scratch, _ process: Int, running: Set<Int> = []) -> DraftStore {
    DraftStore(folder: scratch.path + "/drafts", process: process) { running.contains($0) }
  }

  @Test func aDraftGoesToTheNextSessionOnce() throws {
    try Scratch.with { scratch in
      #expect(store(scratch, 1).claim() == nil)
      try store(scratch, 1).save(["generate": "Once\nupon \u{1F642}", "translate": ""])
      let next = store(scratch, 2)
      #expect(next.claim() == ["generate": "Once\nupon \u{1F642}"])
      #expect(scratch.names("drafts") == ["2.json"])
      #expect(store(scratch, 3, running: [2]).claim() == nil)
      next.discard()
      #expect(scratch.names("drafts").isEmpty)
    }
  }

  @Test func theDraftOfARunningSessionStays() throws {
    try Scratch.with { scratch in
      try store(scratch, 1).save(["generate": "mine"])
      #expect(store(scratch, 2, running: [1]).claim() == nil)
      #expect(scratch.names("drafts") == ["1.json"])
    }
  }

  @Test func aSessionOfTheSameNumberTakesOver() throws {
    try Scratch.with { scratch in
      try store(scratch, 7).save(["generate": "left"])
      #expect(store(scratch, 7, running: [7]).claim() == ["generate": "left"])
    }
  }

  @Test func anEmptyDraftIsNoFile() throws {
    try Scratch.with { scratch in
      try store(scratch, 1).save(["generate": "x"])
      try store(scratch, 1).save(["generate": ""])
      #expect(scratch.names("drafts").isEmpty)
    }
  }

  @Test func brokenFilesAreLeftAlone() throws {
    try Scratch.with { scratch in
      for (name, text) in [
        ("1.json", "{"), ("2.json", "[]"), ("3.json", "{\"prompts\":[1]}"), ("4.json", "{\"prompts\":{\"a\":1}}"),
        ("notes.json", "{\"prompts\":{\"a\":\"b\"}}"), ("5.txt", "{\"prompts\":{\"a\":\"b\"}}"),
      ] { try scratch.write("drafts/\(name)", text) }
      #expect(store(scratch, 9).claim() == nil)
      #expect(scratch.names("drafts").count == 6)
    }
  }

  @Test func whatAnEditorSavedIsFoundAgain() throws {
    try Scratch.with { scratch in
      try store(scratch, 1).save(["generate": "before", "translate": "other"])
      try scratch.write("drafts/1.generate.txt", "before and after\n")
      #expect(store(scratch, 3, running: [1]).claim() == nil)
      #expect(store(scratch, 2).claim() == ["generate": "before and after", "translate": "other"])
      #expect(scratch.names("drafts") == ["2.json"])
      #expect(store(scratch, 3).claim() == ["generate": "before and after", "translate": "other"])
    }
  }

  @Test func anEditorsTextAloneIsADraft() throws {
    try Scratch.with { scratch in
      try scratch.write("drafts/1.fill-mask.txt", "The [MASK]")
      #expect(store(scratch, 2).claim() == ["fill-mask": "The [MASK]"])
      #expect(scratch.names("drafts") == ["2.json"])
    }
  }

  @Test func whatOthersLeftIsHandedOverAndGone() throws {
    try Scratch.with { scratch in
      for process in 1...3 { try store(scratch, process).save(["generate": "text \(process)"]) }
      try scratch.write("drafts/1.json.1.new", "cut sho")
      try scratch.write("drafts/3.json.3.new", "being written")
      try scratch.write("history.jsonl.1.new", "cut sho")
      let next = store(scratch, 4, running: [3])
      #expect(next.claim() == ["generate": "text 1"])
      var others: [[String: String]] = []
      next.clearOthers { others.append($0) }
      #expect(others == [["generate": "text 2"]])
      #expect(scratch.names("drafts") == ["3.json", "3.json.3.new", "4.json"])
      #expect(!scratch.names("").contains("history.jsonl.1.new"))
    }
  }

  @Test func whatCanNotBeHandedOverStays() throws {
    try Scratch.with { scratch in
      try store(scratch, 1).save(["generate": "text"])
      store(scratch, 2).clearOthers { _ in throw LocalFilesError.noHome(purpose: "the history") }
      #expect(scratch.names("drafts") == ["1.json"])
    }
  }
}
