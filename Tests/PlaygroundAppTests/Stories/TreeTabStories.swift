import EngineAPI
import ScriptedSupport
@testable import Sessions
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The Tree tab: walking, growing, pruning and comparing branches.
@Suite struct TreeTabStories {
  /// The Generate tab with three texts of one prompt, then the tree.
  private func player(_ width: Int = 120, _ height: Int = 36, texts: Int = 3) -> Player {
    var settings = PlaygroundSettings()
    settings.maxTokens = 6
    var player = Player(width, height, settings: settings)
    player.press("right enter tab tab")
    for _ in 1..<texts { player.press("r") }
    player.open(.tree)
    return player
  }

  private func tree(_ player: Player) -> SessionTree { player.state.shell.tree }

  private func selected(_ player: Player) -> TreeOutline.Row? {
    player.state.treeTab.selected.map { player.state.treeTab.outline.rows[$0] }
  }

  @Test func theBeginningOfADialogueIsNamed() {
    var player = Player(task: .chat)
    player.open(.chat)
    player.type("Hello")
    player.press("enter tab up e")
    player.type(" again")
    player.press("enter")
    player.open(.tree)
    #expect(player.screen.contains("a dialogue") && !player.screen.contains("nothing yet"))
  }

  @Test func theLineOfWhoMadeATextDropsItsLastWordsWhole() {
    let player = player(80, 24)
    let line = player.grid().lines.first { $0.contains("storyteller · sampled") } ?? ""
    #expect(line.contains("sampled, seed") && !line.contains("…"), "\(line)")
  }

  @Test func theTabOpensAtTheTextOneComesFromAndArrowsWalkToParentChildAndSibling() {
    var player = player()
    #expect(player.state.tab == .tree && player.state.treeTab.outline.rows.count == 4)
    #expect(selected(player)?.index == 2 && selected(player)?.depth == 1)
    player.press("up")
    #expect(selected(player)?.index == 1)
    player.press("left")
    #expect(selected(player)?.depth == 0)
    player.press("right")
    #expect(selected(player)?.index == 0 && selected(player)?.depth == 1)
    player.press("G down")
    #expect(selected(player)?.index == 2)
    player.press("g up")
    #expect(selected(player)?.depth == 0)
  }

  @Test func enterShowsTheBranchInItsTabAndUndoThereLeadsBack() {
    var player = player()
    let before = player.state.generate.leading.run?.trace
    player.press("up up")
    let wanted = player.state.treeTab.trace?.place
    player.press("enter")
    #expect(player.state.tab == .generate && player.state.focus == .stream(0))
    #expect(player.state.generate.leading.run?.trace.place == wanted && wanted != before?.place)
    player.press("u")
    #expect(player.state.generate.leading.run?.trace == before)
  }

  @Test func aTranslationIsTakenIntoItsTab() {
    var player = Player(120, 36, task: .translate)
    player.press("right enter")
    player.open(.tree)
    #expect(player.screen.contains("of: How are you?"))
    player.press("left right down enter")
    #expect(player.state.tab == .translate && player.state.translate.beams.chosen == 1)
  }

  @Test func digitsGrowTextsBesideALeafWithConsecutiveSeedsAndUndoPrunesThem() throws {
    var player = player()
    let before = player.state.treeTab.outline.rows.count
    let tokens = tree(player).tokenCount
    player.press("4")
    #expect(player.state.treeTab.outline.rows.count == before + 4)
    let nodes = try #require(tree(player)[NodeID(0)]).children + tree(player).allNodes.map(\.id)
    let seeds = Set(nodes).compactMap { tree(player).generationRequest(of: $0) }.map(\.seed).sorted()
    #expect(seeds == Array(seeds[0]..<seeds[0] + 7), "three texts and four more")
    #expect(tree(player).tokenCount > tokens && !player.state.treeTab.isBusy)
    player.press("u")
    #expect(player.state.treeTab.outline.rows.count == before)
    player.press("ctrl-r")
    #expect(player.state.treeTab.outline.rows.count == before + 4)
  }

  @Test func textsGrowFromThePlaceOfTheCursorAsTheyWouldAfresh() throws {
    var player = player(texts: 1)
    player.press("tab g right right 1")
    let grown = try #require(tree(player).allNodes.map(\.id).last)
    let request = try #require(tree(player).generationRequest(of: grown))
    let path = try #require(tree(player)[grown]?.parent)
    #expect(request.context.ids == tree(player).path(to: path).ids && request.context.ids.count == 2)
    let again = try ScriptedEngine().model(request.context.model).events(request).compactMap { event -> Int? in
      if case .token(let token, _) = event { token.token.id } else { nil }
    }
    #expect(tree(player)[grown].map { node in (0..<node.tokens.count).map { node.tokens.id(at: $0) } } == again)
  }

  @Test func aCandidateBeginsABranch() {
    var player = player(texts: 1)
    let before = player.state.treeTab.outline.rows.count
    player.press("tab g right right right right right right right right right right right right tab down enter")
    #expect(player.state.treeTab.outline.rows.count == before + 2, "\(player.screen)")
    let chosen = tree(player).allNodes.first {
      if case .chosen = tree(player).origin(of: $0.id) { true } else { false }
    }
    #expect(chosen.map { tree(player)[$0.id]?.tokens.count } == 1)
    player.press("u")
    #expect(player.state.treeTab.outline.rows.count == before)
  }

  @Test func marksAndNamesAreShownAndUndone() {
    var player = player()
    player.press("* e")
    #expect(player.state.keyContext == .branchName)
    player.type("the best one")
    player.press("enter")
    #expect(player.screen.contains("★") && player.screen.contains("the best one"))
    #expect(tree(player).namedPlaces.map(\.name) == ["the best one"] && tree(player).markedPlaces.count == 1)
    player.press("u")
    #expect(tree(player).namedPlaces.isEmpty)
    player.press("u")
    #expect(tree(player).markedPlaces.isEmpty)
    player.press("u")
    #expect(player.state.notice == "nothing to undo in the tree")
    player.press("ctrl-r ctrl-r")
    #expect(tree(player).namedPlaces.count == 1 && tree(player).markedPlaces.count == 1)
    player.press("e esc")
    #expect(player.state.keyContext == .tree && tree(player).namedPlaces.count == 1)
  }

  @Test func aPrunedBranchIsGoneFromTheScreenAndUndoBringsItBack() {
    var player = player()
    player.press("p")
    #expect(player.state.notice?.contains("a tab shows a text of this branch") == true)
    player.press("up p")
    #expect(player.state.treeTab.outline.rows.count == 3 && player.state.notice?.contains("are pruned") == true)
    #expect(tree(player).leaves.count == 2)
    player.press("u")
    #expect(player.state.treeTab.outline.rows.count == 4 && tree(player).leaves.count == 3)
  }

  @Test func twoBranchesStandSideBySideFromWhereTheyPart() throws {
    var player = player()
    player.press("= up =")
    let both = try #require(player.state.treeTab.comparison)
    let (left, right) = (tree(player).path(to: both.left.place).ids, tree(player).path(to: both.right.place).ids)
    #expect(Array(left.prefix(both.parting)) == Array(right.prefix(both.parting)))
    #expect(left.count == both.parting || right.count == both.parting || left[both.parting] != right[both.parting])
    #expect(player.screen.contains("First") && player.screen.contains("Second"))
    player.press("=")
    #expect(player.state.treeTab.comparison == nil && player.screen.contains("This path"))
    player.press("= =")
    #expect(player.state.notice == "nothing is compared")
  }

  @Test func growingBranchesAreStoppedAndKeepTheirText() {
    var player = player()
    player.holdsStreams = true
    player.press("2")
    player.stream(2)
    #expect(player.state.treeTab.isBusy && player.state.treeTab.growths.count == 2)
    player.press("down p")
    player.press("esc")
    #expect(!player.state.treeTab.isBusy && player.state.notice?.hasPrefix("stopped") == true)
    let grown = tree(player).allNodes.filter { $0.outcome?.reason == .interrupted }
    #expect(grown.count == 2 && grown.allSatisfy { $0.tokens.count == 2 })
  }

  @Test func aModelThatIsNotOpenDoesNotHinderReading() {
    var session = Session()
    let gone = ModelReference("gone")
    let prompt = session.tree.type("Far", [TokenValue(id: 1, bytes: Array("Far".utf8))], model: gone)
    let request = GenerationRequest(context: ModelContext(model: gone, ids: []), seed: 7)
    let word = ScoredToken(token: TokenValue(id: 2, bytes: Array(" away".utf8)), logprob: -1, rank: 2, entropy: 3)
    _ = session.tree.branch(at: prompt, [word], by: session.tree.add(.sampled(request)))
    var player = Player()
    player.change { $0.shell.tree = session.tree }
    player.open(.tree)
    player.press("right")
    #expect(player.state.overlay == nil && player.screen.contains("36.79 %") && player.screen.contains("gone"))
    player.press("2")
    #expect(player.state.overlay?.keyContext == .failure)
    player.press("space u esc")
    #expect(player.screen.contains("away"))
  }

  @Test func anEmptyTreeSaysWhatToDo() {
    var player = Player()
    player.open(.tree)
    #expect(player.screen.contains("no text yet"))
    player.press("1 = * p enter tab u")
    #expect(player.exitCode == nil)
  }

  @Test func aThousandBranchesAreWalkedAndDrawnByTheRowsOnTheScreen() {
    var tree = SessionTree()
    let model = ModelReference("storyteller")
    let prompt = tree.type("Once", [TokenValue(id: 1, bytes: Array("Once".utf8))], model: model)
    let words = (0..<200).map {
      ScoredToken(token: TokenValue(id: $0, bytes: Array(" w\($0)".utf8)), logprob: -1, rank: 2, entropy: 3)
    }
    for seed in 0..<1_000 as Range<UInt64> {
      let request = GenerationRequest(context: ModelContext(model: model, ids: []), seed: seed)
      _ = tree.branch(at: prompt, words, by: tree.add(.sampled(request)))
    }
    var player = Player()
    player.change { $0.shell.tree = tree }
    player.open(.tree)
    let outline = player.state.treeTab.outline
    #expect(outline.rows.count == 1_001)
    player.press("right")
    for key in ["G", "up", "down", "pageup", "g", "right"] {
      player.press(key)
      #expect(player.screen.contains("w0 w1"))
      // The key has not looked at the tree's nodes again.
      #expect(player.state.treeTab.outline.visited == outline.visited)
      #expect(player.state.treeTab.window.visible.count < 36)
    }
  }
}

extension Player {
  /// Opens a tab by its key.
  mutating func open(_ tab: TabID) { press("alt-\((TabID.allCases.firstIndex(of: tab) ?? 0) + 1)") }
}

extension PlaygroundState {
  var treeTab: TreeState {
    get { tabs[TreeState.self] }
    set { tabs[TreeState.self] = newValue }
  }
}
