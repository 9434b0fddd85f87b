import EngineAPI
import TestSupport
import Testing

@testable import Sessions

/// The folder of the sessions, and what a list says of them.
@Suite struct FolderTests {
  private let moment = SessionTime(seconds: 1_795_888_980, isUTC: true)

  private func make(_ path: String, _ created: String, words: String, branches: Int = 1) throws {
    var (file, session) = try SessionFile.open(path, .writing, created: created)
    session.add(SessionModel(reference: storyteller, path: "/m"))
    let prompt = session.tree.type(words, [TokenValue(id: 1, bytes: Array(words.utf8))], model: storyteller)
    for seed in 0..<branches {
      _ = session.tree.branch(
        at: prompt, (0..<50).map { token($0) }, by: session.tree.add(sampled(seed: UInt64(seed))))
    }
    try file.append(session.takeRecords())
  }

  @Test func sessionsAreListedLatestFirstWithTheirModelsAndFirstTexts() throws {
    try Fixtures.withScratchFolder { folder in
      let sessions = SessionFolder(folder + "/data/sessions")
      #expect(try sessions.names().isEmpty && sessions.summaries().isEmpty)
      try sessions.create()
      try sessions.create()
      try make(sessions.path(of: "a"), "2026-11-27T10:00:00Z", words: "The sea")
      try make(sessions.path(of: "b"), "2026-11-28T10:00:00Z", words: "The king", branches: 100)
      try write(Array("{\"type\":\"session\",\"format\":1}\n".utf8), sessions.path(of: "empty"))
      try write(Array("hello\n".utf8), sessions.path(of: "foreign"))
      let all = try sessions.summaries()
      #expect(all.map(\.name) == ["b", "a", "empty"])
      #expect(all[0].models == [storyteller] && all[0].created == "2026-11-28T10:00:00Z")
      #expect(all[0].texts.count == SessionSummary.mostTexts && all[0].texts[0].prompt == "The king")
      #expect(all[1].begins.hasPrefix("The seat0t1t2"))
      #expect(all[1].matches("SEA t49") && all[1].matches("storyteller") && !all[1].matches("king"))
      #expect(try sessions.summaries { true }.isEmpty)
    }
  }

  @Test func damagedSessionsAndThoseOfLaterVersionsAreListedWithTheReason() throws {
    try Fixtures.withScratchFolder { folder in
      let sessions = SessionFolder(folder)
      try make(sessions.path(of: "good"), "2026-11-27T10:00:00Z", words: "The sea")
      let header = "{\"type\":\"session\",\"format\":1,\"created\":\"2026-11-28T10:00:00Z\"}\n"
      try write(Array((header + "{\"type\":\"tokens\"}\n").utf8), sessions.path(of: "bad"))
      try write(Array("{\"type\":\"session\",\"format\":9}\n".utf8), sessions.path(of: "late"))
      try write(Array("notes\n".utf8), sessions.path(of: "notes"))
      try SessionFolder(folder + "/more").create()
      let all = try sessions.summaries()
      #expect(all.map(\.name) == ["bad", "good", "late"])
      #expect(all[0].problem?.brief == "damaged at line 2: expected a value for 'node', found none")
      #expect(all[0].created == "2026-11-28T10:00:00Z" && all[0].matches("DAMAGED") && !all[1].matches("damaged"))
      #expect(all[1].problem == nil && all[2].problem?.brief == "of a later version: format 9")
    }
  }

  @Test(arguments: [
    ("Once upon a time, there was a king", "2026-11-28-1803-once-upon-a-time-there"), ("", "2026-11-28-1803"),
    ("../../etc", "2026-11-28-1803-etc"), ("Où est la gare ?", "2026-11-28-1803-où-est-la-gare"),
    (String(repeating: "x", count: 300), "2026-11-28-1803"),
  ]) func aNewSessionIsNamedByItsTimeAndFirstWords(text: String, name: String) {
    #expect(SessionFolder("/none").newPath(moment, words: text) == "/none/" + name)
  }

  @Test func aSessionThatIsWrittenOrForeignIsNotRemoved() throws {
    try Fixtures.withScratchFolder { folder in
      let path = folder + "/a"
      try make(path, "2026-11-27T10:00:00Z", words: "The sea")
      do {
        let (file, _) = try SessionFile.open(path, .writing)
        #expect(throws: SessionError.readOnly(path: path)) { try SessionFolder.remove(path) }
        #expect(!file.isReadOnly)
      }
      try SessionFolder.remove(path)
      #expect(try SessionFolder(folder).names().isEmpty)
      try write(Array("hello\n".utf8), path)
      #expect(throws: SessionError.self) { try SessionFolder.remove(path) }
      #expect(try SessionFolder(folder).names() == ["a"])
    }
  }

  @Test func aFolderThatCanNotBeMadeIsAnError() {
    #expect(throws: SessionError.self) { try SessionFolder("/dev/null/sessions").create() }
  }
}
