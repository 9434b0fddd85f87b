import EngineAPI
import JSONText
import Platform
import Synchronization
import Terms
import TestSupport
import Testing

@testable import Sessions

/// The session file: what is written is read again, to the bit.
@Suite struct SessionFileTests {
  @Test func everySessionComesBackAsItWas() throws {
    try Fixtures.withScratchFolder { folder in
      let path = folder + "/all.session"
      var (file, session) = try SessionFile.open(path, .writing, created: "2026-11-28T18:00:00Z")
      makeEverything(&session)
      try file.append(session.takeRecords())
      for (written, read) in zip(facts(session), facts(try SessionFile.open(path, .reading).session)) {
        #expect(written == read)
      }
      let again = try SessionFile.open(path, .reading).session
      #expect(facts(again).count == facts(session).count)
      #expect(again.created == "2026-11-28T18:00:00Z" && again.models == session.models)
      #expect(again.tree.tokenCount == session.tree.tokenCount && again.tree.roots == session.tree.roots)
      #expect(again.tree.editCount == session.tree.editCount && again.tree.editBytes == session.tree.editBytes)
    }
  }

  @Test(arguments: 0..<8 as Range<UInt64>) func aSessionWrittenInPiecesIsTheSame(seed: UInt64) throws {
    try Fixtures.withScratchFolder { folder in
      var dice = Dice(state: seed)
      let path = folder + "/random.session"
      var (file, session) = try SessionFile.open(path, .writing)
      session.tree.bounds = SessionTree.Bounds(tokens: 400, moves: 20, edits: 12, editBytes: 1_000)
      try grow(&session, steps: 150, &dice) { try file.append($0.takeRecords()) }
      let again = try SessionFile.open(path, .reading).session
      #expect(facts(again) == facts(session))
      #expect(again.tree.tokenCount == session.tree.tokenCount && again.tree.editBytes == session.tree.editBytes)
    }
  }

  @Test func aFileCutAnywhereOpensAndLosesTheLastRecordAlone() throws {
    try Fixtures.withScratchFolder { folder in
      var dice = Dice(state: 5)
      let path = folder + "/whole.session"
      var (file, session) = try SessionFile.open(path, .writing)
      makeEverything(&session)
      try grow(&session, steps: 10, &dice) { try file.append($0.takeRecords()) }
      let bytes = try read(path)
      // The session after each whole line.
      let ends = bytes.indices.filter { bytes[$0] == 0x0A }
      var cuts = (0..<190).map { _ in Int.random(in: 0...bytes.count, using: &dice) }
      cuts += [0, 1, 5, ends[0] - 1, ends[0], ends[0] + 1, ends[1], ends[1] + 1, bytes.count - 1, bytes.count]
      var last: (lines: Int, facts: [Fact])?
      for cut in cuts.sorted() {
        let part = folder + "/part.session"
        try write(Array(bytes[..<cut]), part)
        let whole = ends.last { $0 < cut }.map { $0 + 1 } ?? 0
        var (file, session) = try SessionFile.open(part, .writing)
        let lines = ends.count { $0 < cut }
        let found = facts(session)
        if let last, last.lines == lines { #expect(found == last.facts) }
        last = (lines, found)
        #expect(try read(part).count == max(whole, ends[0] + 1), "the torn line is dropped")
        // The session goes on.
        _ = session.tree.begin([token(7)], by: session.tree.add(typed))
        try file.append(session.takeRecords())
        #expect(facts(try SessionFile.open(part, .reading).session) == facts(session))
      }
    }
  }

  @Test func aSecondProgramReadsWhileTheFirstWrites() throws {
    try Fixtures.withScratchFolder { folder in
      let path = folder + "/shared.session"
      var (first, session) = try SessionFile.open(path, .writing)
      let (second, empty) = try SessionFile.open(path, .writing)
      #expect(!first.isReadOnly && second.isReadOnly && empty.tree.roots.isEmpty)
      _ = session.tree.begin([token(7)], by: session.tree.add(typed))
      try first.append(session.takeRecords())
      #expect(facts(try SessionFile.open(path, .reading).session) == facts(session))
      #expect(throws: SessionError.readOnly(path: path)) { try second.append([]) }
    }
  }

  @Test func theLockEndsWithTheFile() throws {
    try Fixtures.withScratchFolder { folder in
      let path = folder + "/shared.session"
      do { _ = try SessionFile.open(path, .writing) }
      #expect(!(try SessionFile.open(path, .writing).file.isReadOnly))
    }
  }

  @Test func whatAFullDiskRefusedIsWrittenWhenThereIsRoom() throws {
    try Fixtures.withScratchFolder { folder in
      let path = folder + "/full.session"
      // The first line takes 56 bytes.
      let room = Mutex(156)
      var (file, session) = try SessionFile.open(path, .writing) { descriptor, start, count in
        room.withLock { room in
          guard room > 0 else {
            errno = ENOSPC
            return -1
          }
          let written = Platform.write(descriptor, start, min(room, count))
          room -= max(0, written)
          return written
        }
      }
      makeEverything(&session)
      let records = session.takeRecords()
      let full = SessionError.unwritable(path: path, reason: .init(code: ENOSPC))
      #expect(throws: full) { try file.append(records) }
      let left = file.unwrittenBytes
      #expect(left > 0 && full.hint?.contains("room") == true)
      // The line that was cut is no loss for a reader, and nothing is written twice.
      _ = try SessionFile.open(path, .reading)
      _ = session.tree.begin([token(7)], by: session.tree.add(typed))
      #expect(throws: full) { try file.append(session.takeRecords()) }
      #expect(file.unwrittenBytes > left)
      room.withLock { $0 = 1 << 30 }
      try file.flush(synchronized: true)
      #expect(file.unwrittenBytes == 0)
      #expect(facts(try SessionFile.open(path, .reading).session) == facts(session))
    }
  }

  @Test func aNewSessionWithoutATextLeavesNoFile() throws {
    try Fixtures.withScratchFolder { folder in
      let path = folder + "/new.session"
      do {
        let (file, _) = try SessionFile.open(path, .writing)
        #expect(FileBytes.exists(path) && !file.isReadOnly)
        try file.append([])
      }
      #expect(!FileBytes.exists(path))
      // On a full disk not even the first line can be written.
      #expect(throws: SessionError.unwritable(path: path, reason: .init(code: ENOSPC))) {
        _ = try SessionFile.open(path, .writing) { (_, _, _) in
          errno = ENOSPC
          return -1
        }
      }
      #expect(!FileBytes.exists(path))
      // A file that was there stays, also an empty one.
      try write([], path)
      _ = try SessionFile.open(path, .writing)
      #expect(FileBytes.exists(path))
      // So does another file that has taken its place.
      let other = folder + "/other.session"
      do {
        let (file, _) = try SessionFile.open(other, .writing)
        #expect(rename(path, other) == 0 && !file.isReadOnly)
      }
      #expect(FileBytes.exists(other))
    }
  }

  @Test func aCopyHasAlsoWhatTheFullDiskRefused() throws {
    try Fixtures.withScratchFolder { folder in
      let path = folder + "/full.session"
      let room = Mutex(1_500)
      var (file, session) = try SessionFile.open(path, .writing) { descriptor, start, count in
        room.withLock { room in
          let written = room > 0 ? Platform.write(descriptor, start, min(room, count)) : -1
          if written < 0 { errno = ENOSPC }
          room -= max(0, written)
          return written
        }
      }
      makeEverything(&session)
      #expect(throws: SessionError.self) { try file.append(session.takeRecords()) }
      #expect(file.unwrittenBytes > 0)
      try file.copy(to: folder + "/copy")
      #expect(facts(try SessionFile.open(folder + "/copy", .reading).session) == facts(session))
      #expect(throws: SessionError.unwritable(path: folder + "/copy", reason: .taken)) {
        try file.copy(to: folder + "/copy")
      }
    }
  }

  @Test func branchesByTheHundredComeBack() throws {
    try Fixtures.withScratchFolder { folder in
      let path = folder + "/branches.session"
      var (file, session) = try SessionFile.open(path, .writing)
      let prompt = session.tree.begin((0..<20).map { token($0) }, by: session.tree.add(typed))
      for branch in 0..<100 {
        let origin = session.tree.add(sampled(seed: UInt64(branch)))
        _ = session.tree.branch(at: prompt, (0..<200).map { token(branch * 200 + $0) }, by: origin)
        try file.append(session.takeRecords())
      }
      let again = try SessionFile.open(path, .reading).session
      #expect(again.tree.tokenCount == 20_020)
      #expect(facts(again) == facts(session))
    }
  }

  // MARK: Files that are none, or damaged

  @Test(arguments: [
    ("", ""), ("{\"type\":\"session\",\"format\":1", ""), ("{\"ty", ""),
    ("hello\n", "not a session, FILE: expected a file that begins with {\"type\":\"session\",…, found 'hello'"),
    ("hello", "not a session, FILE: expected a file that begins with {\"type\":\"session\",…, found 'hello'"),
    ("{}\n", "not a session, FILE: expected a file that begins with {\"type\":\"session\",…, found '{}'"),
    (
      "\u{0}\u{1}\n",
      "not a session, FILE: expected a file that begins with {\"type\":\"session\",…, found 2 bytes of another kind"
    ),
    (
      "{\"type\":\"session\",\"format\":2}\n",
      "the session is of a later version, FILE: expected format 1 or lower, found format 2"
    ),
  ]) func aForeignFileIsRefusedAndKeptAsItIs(text: String, message: String) throws {
    try Fixtures.withScratchFolder { folder in
      let path = folder + "/foreign"
      try write(Array(text.utf8), path)
      do {
        _ = try SessionFile.open(path, .writing)
        #expect(message.isEmpty)
      } catch let error as SessionError {
        #expect(error.description.replacing(path, with: "FILE") == message && error.hint != nil)
        #expect(try read(path) == Array(text.utf8))
      }
    }
  }

  @Test(arguments: [
    ("{", "a key in quotes", "the end of the text"), ("[]", "an object", "an array"),
    ("{}", "a value for 'type'", "none"),
    ("{\"type\":\"node\",\"node\":-1}", "a whole number of at least 0 as 'node'", "-1.0"),
    ("{\"type\":\"node\",\"node\":5,\"origin\":0}", "node 1", "node 5"),
    ("{\"type\":\"node\",\"node\":1,\"origin\":9}", "an origin that is known", "origin 9"),
    ("{\"type\":\"node\",\"node\":1,\"origin\":0,\"parent\":[0,3]}", "a place in the tree", "[0, 3]"),
    ("{\"type\":\"node\",\"node\":1,\"origin\":0,\"parent\":[0]}", "[node, count] as 'parent'", "an array"),
    (
      "{\"type\":\"node\",\"node\":1,\"origin\":0,\"parent\":[0,1],\"source\":[0,1]}",
      "a first node with a source in another text", "node 1"
    ),
    ("{\"type\":\"tokens\",\"node\":0,\"at\":1,\"ids\":[1],\"texts\":[\"a\"]}", "tokens from 2 on", "from 1 on"),
    ("{\"type\":\"tokens\",\"node\":0,\"at\":2,\"ids\":[1],\"texts\":[]}", "1 values in 'texts'", "0"),
    ("{\"type\":\"tokens\",\"node\":0,\"at\":2,\"ids\":[\"a\"],\"texts\":[\"a\"]}", "a whole number as 'ids'", "'a'"),
    (
      "{\"type\":\"tokens\",\"node\":0,\"at\":2,\"ids\":[1],\"texts\":[\"a\"],\"bytes\":{\"0\":[256]}}", "bytes as '0'",
      "256.0"
    ),
    (
      "{\"type\":\"tokens\",\"node\":0,\"at\":2,\"ids\":[1],\"texts\":[\"a\"],\"top_counts\":[2],\"top_ids\":[1],\"top_texts\":[\"a\"]}",
      "as many values in 'top_ids' as 'top_counts' counts", "another number"
    ),
    (
      "{\"type\":\"tokens\",\"node\":0,\"at\":2,\"ids\":[1],\"texts\":[\"a\"],\"top_counts\":[-1],\"top_ids\":[],\"top_texts\":[]}",
      "a whole number of at least 0 as 'top_counts'", "-1.0"
    ),
    ("{\"type\":\"tokens\",\"node\":7,\"at\":0,\"ids\":[],\"texts\":[]}", "a node that is known", "node 7"),
    (
      "{\"type\":\"origin\",\"origin\":3,\"kind\":\"chosen\",\"model\":{\"name\":\"m\"}}", "origin 1 or one before",
      "origin 3"
    ),
    (
      "{\"type\":\"origin\",\"origin\":0,\"kind\":\"chosen\",\"model\":{\"name\":\"m\"}}",
      "the next origin, or an earlier one that is an edit", "origin 0"
    ),
    (
      "{\"type\":\"origin\",\"origin\":1,\"kind\":\"sung\",\"model\":{\"name\":\"m\"}}",
      "a kind of origin that is known", "'sung'"
    ),
    (
      "{\"type\":\"origin\",\"origin\":1,\"kind\":\"chosen\",\"model\":{\"name\":\"m\",\"format\":\"q9\"}}",
      "one of \(NumberFormat.allCases.map(\.rawValue).joined(separator: ", ")) as 'format'", "'q9'"
    ),
    ("{\"type\":\"outcome\",\"node\":0,\"reason\":\"bored\"}", "a reason that is known", "'bored'"),
    ("{\"type\":\"cut\",\"node\":0,\"count\":3}", "0 to 2 tokens", "3"),
    ("{\"type\":\"prune\",\"node\":0,\"from\":3}", "0 to 2 tokens", "3"),
    ("{\"type\":\"root\",\"node\":0}", "a later version of a prompt", "node 0"),
    ("{\"type\":\"cursor\",\"cursor\":0,\"places\":[[0,9]]}", "a place in the tree", "[0, 9]"),
    ("{\"type\":\"cursor\",\"cursor\":99999999999,\"places\":[]}", "a cursor number below 2^32", "99999999999"),
    ("{\"type\":\"label\",\"place\":[4,0],\"name\":\"x\"}", "a place in the tree", "[4, 0]"),
    ("{\"type\":\"remove\",\"node\":4}", "a node that is known", "node 4"),
  ]) func aDamagedLineIsNamed(line: String, expected: String, found: String) throws {
    try Fixtures.withScratchFolder { folder in
      let path = folder + "/damaged.session"
      var (file, session) = try SessionFile.open(path, .writing)
      _ = session.tree.begin([token(1), token(2)], by: session.tree.add(typed))
      try file.append(session.takeRecords())
      let bytes = try read(path) + Array(line.utf8) + [0x0A]
      try write(bytes, path + "2")
      #expect(throws: SessionError.damaged(path: path + "2", line: 4, expected: expected, found: found)) {
        _ = try SessionFile.open(path + "2", .writing)
      }
      #expect(try read(path + "2") == bytes, "a damaged file is not changed")
    }
  }

  @Test func linesOfLaterVersionsAreLeftOut() throws {
    try Fixtures.withScratchFolder { folder in
      let path = folder + "/later.session"
      let text = "{\"type\":\"session\",\"format\":1,\"extra\":[]}\n{\"type\":\"melody\",\"notes\":[1,2]}\n"
      try write(Array(text.utf8), path)
      #expect(try SessionFile.open(path, .reading).session.tree.roots.isEmpty)
    }
  }

  @Test func whatIsNoFileIsRefused() throws {
    try Fixtures.withScratchFolder { folder in
      for (path, access) in [
        (folder, SessionFile.Access.writing), (folder, .reading), ("/dev/null", .reading), (folder + "/none", .reading),
        (folder + "/none/none", .writing),
      ] {
        #expect(throws: SessionError.self) { _ = try SessionFile.open(path, access) }
      }
    }
  }
}
