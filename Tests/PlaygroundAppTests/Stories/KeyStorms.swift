import EngineAPI
import ScriptedSupport
import TerminalUI
import TestSupport
import Testing

@testable import PlaygroundApp

/// Thousands of random events at random sizes: nothing traps, every screen is whole.
@Suite struct KeyStorms {
  /// Every key of the table but those that leave, then keys that edit a text, and characters that are only typed.
  private static let keys: [KeyStroke] = {
    let isLeaving = { (action: Action) in action == .quit || action == .interrupt }
    let leaving = Set(KeyTable.defaults.filter { isLeaving($0.action) }.flatMap(\.keys))
    let editing = [
      "backspace", "delete", "left", "right", "home", "end", "space", "ctrl-w", "ctrl-y", "ctrl-k", "ctrl-u", "ctrl-d",
    ].compactMap { KeyStroke($0) }
    let typed = "abcdef0123456789é東".map { KeyStroke($0) }
    var seen = leaving
    return (KeyTable.defaults.flatMap(\.keys) + editing + typed).filter { seen.insert($0).inserted } + typed
  }()

  private static let pastes = [
    "[MASK] and [MASK]", "東京 e\u{301}te\u{301} 👩‍🚀", "\u{1B}[31m\u{7}\t", "line\nline\n\nline",
    String(repeating: "word ", count: 60),
  ]

  private func play(seed: UInt64, events: Int, task: TabID) {
    var random = SplitMix64(seed: seed)
    var settings = PlaygroundSettings.steady
    settings.maxTokens = 24
    // An odd seed takes the other of the two models that label.
    let labeler = ModelReference(ScriptedModel.labelers[Int(seed % 2)].summary.name)
    var player = Player(
      80, 24, task: task,
      models: [
        .classify: [labeler],
        .compare: [ModelReference("storyteller"), ModelReference("storyteller", format: .q4)],
        .inside: [ModelReference(["storyteller", "cloze", "interpreter"][Int(seed % 3)])],
      ], settings: settings,
      catalogue: ScriptedModel.bundled + [.wide] + ScriptedModel.labelers)
    if task == .train {
      // A run that is going, and one beside it.
      player.startRun()
      player.tell(ScriptedRun.events(to: 60))
      player.openRun(ScriptedRun.history("./old", lowest: 0.4))
    }
    for step in 0..<events {
      switch Int.random(in: 0..<100, using: &random) {
      case 0..<80: if let key = Self.keys.randomElement(using: &random) { player.send(.input(.key(key))) }
      case 80..<84: player.send(.input(.paste(Self.pastes.randomElement(using: &random) ?? "")))
      case 84..<88:
        let size = Size(Int.random(in: 0...140, using: &random), Int.random(in: 0...45, using: &random))
        player.send(
          .input(
            .resize(
              Int.random(in: 0..<3, using: &random) == 0
                ? size : [Size(40, 12), Size(80, 24), Size(120, 36)].randomElement(using: &random) ?? size)))
      case 88..<92:
        let point = Point(Int.random(in: -2...130, using: &random), Int.random(in: -2...40, using: &random))
        let action: MouseEvent.Action =
          [.press(0), .scrollDown, .scrollUp, .drag(0), .release(0)].randomElement(using: &random) ?? .press(0)
        player.send(.input(.mouse(MouseEvent(action, at: point))))
      case 92..<96 where task == .train:
        let last = Int.random(in: 0...300, using: &random)
        player.tell(ScriptedRun.events(to: last + 30, from: last))
      case 92..<96: player.holdsStreams.toggle()
      default: player.stream(Int.random(in: 1...6, using: &random))
      }
      guard step % 4 == 0 else { continue }
      let colors = ColorDepth.allCases[step / 4 % ColorDepth.allCases.count]
      let problems = player.grid(colors, glyphs: step % 28 == 0 ? .ascii : .unicode).problems(player.state)
      guard problems.isEmpty else {
        Issue.record("seed \(seed), step \(step): \(problems[0])\n\(player.screen)")
        return
      }
    }
  }

  @Test(arguments: TabID.allCases, 0..<3)
  func storms(task: TabID, seed: Int) { play(seed: UInt64(seed), events: 160, task: task) }
}
