import EngineAPI
import Foundation
import LocalFiles
import Platform
import PlaygroundApp
import Synchronization
import TerminalUI
import Testing

@testable import PlaygroundRuntime
@testable import Sessions

/// What keeps the texts of the screen in session files.
@Suite struct SessionKeeperTests {
  private let model = ModelReference("storyteller")
  /// 2026-11-28 18:03 UTC.
  private let moment = SessionTime(seconds: 1_795_888_980, isUTC: true)

  private func withFolder(_ body: (SessionFolder) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("triptych-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(SessionFolder(path + "/data/sessions"))
  }

  private func token(_ id: Int) -> ScoredToken {
    ScoredToken(token: TokenValue(id: id, bytes: Array(" w\(id)".utf8)), logprob: -1.5, rank: 2, entropy: 3)
  }

  private func tree(_ body: (inout SessionTree) -> Void) -> SessionTree {
    var tree = SessionTree()
    tree.startRecording()
    body(&tree)
    return tree
  }

  private func sampled(_ seed: UInt64) -> Origin {
    .sampled(GenerationRequest(context: ModelContext(model: model, ids: []), seed: seed))
  }

  @Test func aSessionGetsAFileWithItsFirstTextAndHasItsWordsAsItsName() throws {
    try withFolder { folder in
      let files = SessionFiles(folder: folder) { [moment] in moment }
      var tree = tree { _ = $0.beginDraft("", model: model) }
      #expect(try files.add(tree.takeRecords(), number: 0).isEmpty && folder.names().isEmpty)
      let prompt = tree.type(
        "Once upon a time, there was", [TokenValue(id: 1, bytes: Array("Once".utf8))], model: model)
      let name = "2026-11-28-1803-once-upon-a-time-there"
      #expect(files.add(tree.takeRecords(), number: 0) == [.saved(number: 0, name: name)])
      let made = tree.branch(at: prompt, by: tree.add(sampled(7)))
      for id in 0..<5 {
        tree.append(token(id), to: made.node)
        #expect(files.add(tree.takeRecords(), number: 0).isEmpty)
      }
      let read = try SessionFile.open(folder.path(of: name), .reading).session
      #expect(read.created == "2026-11-28T18:03:00Z")
      #expect(read.tree.roots == tree.roots && Array(read.tree.allNodes) == Array(tree.allNodes))
      // The next session of the same minute and words has another name.
      #expect(folder.newPath(moment, words: "Once upon a time, there was").hasSuffix("there-2"))
    }
  }

  @Test func theFileNamesTheModelsThatItsTextsReferToAndTheirHashes() throws {
    try withFolder { folder in
      let files = SessionFiles(folder: folder) { [moment] in moment }
      files.add(SessionModel(reference: model, path: "/m", format: .f32, bytes: 5))
      files.add(SessionModel(reference: ModelReference("unused"), path: "/u"))
      var tree = tree { _ = $0.type("a", [TokenValue(id: 1, bytes: [97])], model: model) }
      _ = files.add(tree.takeRecords(), number: 0)
      var hashed = SessionModel(reference: model, path: "/m", format: .f32, bytes: 5)
      hashed.sha256 = "ab"
      files.add(hashed)
      let path = try folder.path(of: #require(folder.names().first))
      #expect(try SessionFile.open(path, .reading).session.models == [hashed])
      // Until the hash is computed, a model counts as the one that the file names.
      #expect(!files.add(SessionModel(reference: model, path: "/m", format: .f32, bytes: 5)))
      #expect(!files.add(hashed))
      #expect(try SessionFile.open(path, .reading).session.models == [hashed])
      hashed.sha256 = "cd"
      #expect(files.add(hashed), "other weights")
      let session = try SessionFile.open(path, .reading).session
      #expect(session.models == [hashed] && session.model(model, of: NodeID(0))?.sha256 == "ab")
    }
  }

  @Test func aFullDiskIsToldOnceAndEverythingIsSavedWhenThereIsRoom() throws {
    try withFolder { folder in
      let room = Mutex(400)
      let files = SessionFiles(folder: folder, time: { [moment] in moment }) { path, created throws(SessionError) in
        try SessionFile.open(path, .writing, created: created) { descriptor, start, count in
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
      }
      var tree = tree { _ = $0.type("a", [TokenValue(id: 1, bytes: [97])], model: model) }
      var events = files.add(tree.takeRecords(), number: 0)
      let made = tree.branch(at: Place(NodeID(0), 1), by: tree.add(sampled(7)))
      for id in 0..<20 {
        tree.append(token(id), to: made.node)
        events += files.add(tree.takeRecords(), number: 0)
      }
      #expect(events.count == 2 && files.isFailing)
      guard case .failing(number: 0, let reason) = events.last else {
        Issue.record("\(events)")
        return
      }
      #expect(reason.lowercased().contains("no space"))
      room.withLock { $0 = 1 << 30 }
      #expect(files.write().count == 1 && !files.isFailing)
      let path = try folder.path(of: #require(folder.names().first))
      #expect(Array(try SessionFile.open(path, .reading).session.tree.allNodes) == Array(tree.allNodes))
    }
  }

  @Test func aSessionThatTheDiskRefusesGoesOnInAnotherFile() throws {
    try withFolder { folder in
      let room = Mutex(400)
      let files = SessionFiles(folder: folder, time: { [moment] in moment }) { path, created throws(SessionError) in
        try SessionFile.open(path, .writing, created: created) { descriptor, start, count in
          room.withLock { room in
            let written = room > 0 ? Platform.write(descriptor, start, min(room, count)) : -1
            if written < 0 { errno = ENOSPC }
            room -= max(0, written)
            return written
          }
        }
      }
      var tree = tree { _ = $0.type("a", [TokenValue(id: 1, bytes: [97])], model: model) }
      _ = files.add(tree.takeRecords(), number: 0)
      let made = tree.branch(at: Place(NodeID(0), 1), (0..<20).map(token), by: tree.add(sampled(7)))
      #expect(files.add(tree.takeRecords(), number: 0).count == 1 && files.isFailing)
      let old = try folder.path(of: #require(folder.names().first))
      guard case .notMoved(let error) = files.move(to: old, number: 0) else {
        Issue.record("an existing file was taken")
        return
      }
      #expect(error.place == old && files.isFailing)
      room.withLock { $0 = 1 << 30 }
      #expect(files.move(to: folder.path(of: "there"), number: 0) == .saved(number: 0, name: "there"))
      tree.append(token(30), to: made.node)
      #expect(files.add(tree.takeRecords(), number: 0).isEmpty && !files.isFailing)
      let read = try SessionFile.open(folder.path(of: "there"), .reading).session
      #expect(Array(read.tree.allNodes) == Array(tree.allNodes))
    }
  }

  /// The file system takes a number of bytes and no more, as if the program were killed in the middle of a write.
  @Test(arguments: 0..<12) func aKilledProgramLosesAtMostTheTokenBeingMade(seed: Int) throws {
    try withFolder { folder in
      let room = Mutex(1_300 + seed * 977 % 4_000)
      let files = SessionFiles(folder: folder, time: { [moment] in moment }) { path, created throws(SessionError) in
        try SessionFile.open(path, .writing, created: created) { descriptor, start, count in
          room.withLock { room in
            let written = room > 0 ? Platform.write(descriptor, start, min(room, count)) : 0
            room -= max(0, written)
            return written
          }
        }
      }
      var tree = tree { _ = $0.type("a", [TokenValue(id: 1, bytes: [97])], model: model) }
      var events = files.add(tree.takeRecords(), number: 0)
      let made = tree.branch(at: Place(NodeID(0), 1), by: tree.add(sampled(7)))
      var count = 0
      while !files.isFailing {
        tree.append(token(count), to: made.node)
        count += 1
        events += files.add(tree.takeRecords(), number: 0)
      }
      let path = try folder.path(of: #require(folder.names().first))
      let read = try SessionFile.open(path, .reading).session.tree
      #expect(read[made.node]?.tokens.count ?? 0 >= count - 1 && count > 1)
    }
  }

  @Test func anOpenedSessionTakesThePlaceOfTheOtherWithItsFirstRecord() throws {
    try withFolder { folder in
      let files = SessionFiles(folder: folder) { [moment] in moment }
      var old = tree { _ = $0.type("old", [TokenValue(id: 1, bytes: [97])], model: model) }
      _ = files.add(old.takeRecords(), number: 0)
      let first = try folder.path(of: #require(folder.names().first))
      let path = folder.path(of: "other")
      guard case .opened(number: 1, name: "other", var session, isReadOnly: false) = files.open(path, number: 1) else {
        Issue.record("not opened")
        return
      }
      _ = old.type("older", [TokenValue(id: 2, bytes: [98])], model: model)
      _ = files.add(old.takeRecords(), number: 0)
      _ = session.tree.type("new", [TokenValue(id: 3, bytes: [99])], model: model)
      _ = files.add(session.takeRecords(), number: 1)
      #expect(try SessionFile.open(first, .writing).session.texts.map(\.text) == ["a", "b"], "the lock is free again")
      #expect(try SessionFile.open(path, .reading).session.texts.map(\.text) == ["c"])
      // Records of a session that was left go nowhere.
      _ = old.type("oldest", [TokenValue(id: 4, bytes: [100])], model: model)
      #expect(files.add(old.takeRecords(), number: 0).isEmpty)
    }
  }

  @Test func aSessionThatAnotherProgramWritesIsReadOnlyAndStaysAsItIs() throws {
    try withFolder { folder in
      try folder.create()
      let path = folder.path(of: "shared")
      var (file, session) = try SessionFile.open(path, .writing)
      _ = session.tree.type("a", [TokenValue(id: 1, bytes: [97])], model: model)
      try file.append(session.takeRecords())
      let files = SessionFiles(folder: folder) { [moment] in moment }
      guard case .opened(_, _, var opened, isReadOnly: true) = files.open(path, number: 1) else {
        Issue.record("not opened for reading")
        return
      }
      let before = FileManager.default.contents(atPath: path)
      _ = opened.tree.type("b", [TokenValue(id: 2, bytes: [98])], model: model)
      #expect(files.add(opened.takeRecords(), number: 1).isEmpty)
      #expect(FileManager.default.contents(atPath: path) == before)
    }
  }

  @Test func aForeignFileIsRefusedAndTheOpenSessionStays() throws {
    try withFolder { folder in
      try folder.create()
      let path = folder.path(of: "foreign")
      #expect(FileManager.default.createFile(atPath: path, contents: Data("hello\n".utf8)))
      guard case .refused(number: 1, let error) = SessionFiles(folder: folder).open(path, number: 1) else {
        Issue.record("not refused")
        return
      }
      #expect(error.what == "not a session" && error.hint != nil)
    }
  }
}

/// Sessions of the playground, with keys.
@MainActor
@Suite(.timeLimit(.minutes(10))) struct KeptSessionStories {
  private func names(_ world: World) throws -> [String] {
    try SessionFolder(world.root + "/.local/share/triptych/sessions").names()
  }

  private func path(_ world: World) throws -> String {
    world.root + "/.local/share/triptych/sessions/" + (try #require(try names(world).first))
  }

  @Test func textsAreSavedAndQuitDoesNotAsk() async throws {
    let world = try World()
    let playground = world.open(size: Size(120, 36))
    playground.terminal.type("Once upon a time\n")
    await playground.see("no father and no mother")
    playground.press("tab", "q")
    #expect(await playground.code == 0)
    let read = try SessionFile.open(try path(world), .reading).session
    #expect(try names(world).count == 1 && names(world)[0].hasSuffix("once-upon-a-time"))
    #expect(read.texts.contains { $0.text.contains("Once upon a time") && $0.text.contains("no father") })
  }

  @Test func theLastChangeBeforeTheEndIsSaved() async throws {
    let world = try World()
    let playground = world.open(size: Size(120, 36))
    playground.terminal.type("Once upon a time\n")
    await playground.see("no father and no mother")
    let tree = try #require(TabID.allCases.firstIndex(of: .tree))
    playground.press("alt-\(tree + 1)", "*", "ctrl-q")
    #expect(await playground.code == 0)
    #expect(try SessionFile.open(try path(world), .reading).session.tree.markedPlaces.count == 1)
  }

  @Test func aSessionGoesOnWhereItStood() async throws {
    let world = try World()
    var playground = world.open(size: Size(120, 36))
    playground.terminal.type("Once upon a time\n")
    await playground.see("no father and no mother")
    playground.press("ctrl-q")
    #expect(await playground.code == 0)
    let path = try path(world)
    let before = try SessionFile.open(path, .reading).session
    playground = world.open(size: Size(120, 36)) { $0.session = path }
    let lines = await playground.see("no father and no mother")
    #expect(lines.contains { $0.contains("Once upon a time") })
    playground.press("ctrl-q")
    #expect(await playground.code == 0)
    let after = try SessionFile.open(path, .reading).session
    #expect(after.texts.map(\.text) == before.texts.map(\.text))
    #expect(try names(world).count == 1)
  }

  @Test func aPictureOfTheScreenIsSavedInTheWorkingFolder() async throws {
    let world = try World()
    let playground = world.open(size: Size(120, 36)) { $0.time = { SessionTime(seconds: 1_795_888_980, isUTC: true) } }
    playground.terminal.type("Once <upon>")
    await playground.see("Once <upon>")
    playground.press("f10")
    await playground.see("the screen is saved in")
    let svg = try TextFile.read(world.root + "/2026-11-28-1803-triptych.svg", limit: 1 << 20)
    #expect(svg.hasPrefix("<svg ") && svg.contains("Once<"))
    playground.press("f10")
    await playground.see("triptych-2.svg")
    playground.press("ctrl-q")
    #expect(await playground.code == 0)
  }

  @Test func theSessionIsExportedInTheFormOfTheFileName() async throws {
    let world = try World()
    let playground = world.open(size: Size(120, 36))
    playground.terminal.type("Once upon a time\n")
    await playground.see("no father and no mother")
    for (name, start) in [("a.html", "<!DOCTYPE html>"), ("a.csv", "text,node"), ("a.svg", "<svg ")] {
      playground.press("tab", "alt-e")
      await playground.see("its ending says in which form")
      playground.terminal.type(name + "\n")
      await playground.see("exported to \(world.root)/\(name)")
      #expect(try TextFile.read(world.root + "/" + name, limit: 1 << 20).hasPrefix(start))
    }
    let page = try TextFile.read(world.root + "/a.html", limit: 1 << 20)
    #expect(page.contains("class=\"c\"><i>") && page.contains("<i class=\"taken\""), "candidates are kept")
    playground.press("alt-e")
    playground.terminal.type("a.html\n")
    await playground.see("the file exists already")
    playground.press("space", "ctrl-q")
    #expect(await playground.code == 0)
  }

  @Test func aMissingFolderAndAForeignFileAreBoxesAndNothingIsLost() async throws {
    let world = try World()
    let playground = world.open(size: Size(120, 36)) { $0.session = "/none/none" }
    await playground.see("cannot save the session")
    playground.press("space")
    playground.terminal.type("Once upon a time\n")
    await playground.see("no father and no mother")
    playground.press("ctrl-q")
    #expect(await playground.code == 0)
    #expect(try names(world).count == 1)
  }
}
