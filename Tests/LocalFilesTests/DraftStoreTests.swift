import LocalFiles
import Testing

/// What was typed survives its session.
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
}
