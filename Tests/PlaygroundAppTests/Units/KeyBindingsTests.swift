import TerminalUI
import Testing

@testable import PlaygroundApp

@Suite struct KeyBindingsTests {
  @Test func everyLineOfTheTableHasAKey() {
    #expect(KeyTable.defaults.filter(\.keys.isEmpty).map(\.help) == [])
  }

  @Test func namesOfActionsAreStable() {
    // Configuration files hold these names: one may be added, none may change.
    #expect(
      KeyTable.actions.map(\.rawValue).sorted() == [
        "app.help", "app.interrupt", "app.mouse", "app.palette", "app.quit", "candidates.bars", "candidates.chain",
        "candidates.earlier-stage", "candidates.later-stage", "candidates.search", "candidates.take",
        "candidates.waterfall", "chat.add-model", "chat.answer-1", "chat.answer-2", "chat.answer-3",
        "chat.answer-4", "chat.choose-answer", "chat.colors", "chat.continue", "chat.drop-oldest",
        "chat.earlier-answer", "chat.edit", "chat.later-answer", "chat.new", "chat.reasoning", "chat.remove-model",
        "chat.retry", "chat.what-the-model-reads", "compare.add-side", "compare.again", "compare.change-side",
        "compare.fork",
        "compare.next-parting", "compare.order", "compare.previous-parting", "compare.prompt-side",
        "compare.remove-side",
        "compare.widest-gap", "edit.redo", "edit.undo", "fill-mask.mask-chosen", "fill-mask.targets", "focus.next",
        "focus.previous",
        "inside.against",
        "inside.all-on", "inside.attention", "inside.cells", "inside.direction", "inside.follow", "inside.next-head",
        "inside.next-layer", "inside.other-format", "inside.other-text", "inside.patch", "inside.previous-head",
        "inside.previous-layer",
        "inside.remove-change", "inside.steer", "inside.stronger", "inside.sweep", "inside.switch-feed-forward",
        "inside.switch-head", "inside.switch-layer", "inside.take-text", "inside.watch", "inside.weaker",
        "inside.write-on",
        "lesson.choose",
        "lesson.next", "lesson.previous", "model.card", "model.choose", "move.down", "move.first", "move.last",
        "move.left", "move.next-hit", "move.page-down", "move.page-up", "move.previous-hit", "move.right", "move.up",
        "overlay.accept", "overlay.close", "prompt.editor", "prompt.example", "prompt.history-next",
        "prompt.history-previous", "prompt.mask-word", "prompt.newline", "prompt.send", "reading.edit-here",
        "reading.open", "reading.unit", "sampler.model-defaults",
        "sampler.neutral", "sampler.open", "sampler.presets", "sampler.save-preset", "sampler.stage-earlier",
        "sampler.stage-later", "screen.save", "session.export", "sessions.open", "sessions.remove", "stream.add",
        "stream.again",
        "stream.continue", "stream.copy", "stream.go-to-1", "stream.go-to-2", "stream.go-to-3", "stream.go-to-4",
        "stream.remove", "stream.step", "stream.step-back", "stream.stop", "stream.walk-together", "task.chat",
        "task.classify", "task.compare", "task.fill-mask", "task.generate", "task.inside", "task.next", "task.previous",
        "task.train", "task.translate", "task.tree", "theme.choose", "train.learning-rate", "train.new", "train.open",
        "train.pause", "train.remove", "train.resume", "train.save", "train.scale", "train.smoothing", "train.start",
        "train.try", "translate.align", "translate.back", "translate.begin", "translate.direction", "translate.reverse",
        "tree.compare",
        "tree.grow-1", "tree.grow-2", "tree.grow-3", "tree.grow-4", "tree.grow-5", "tree.grow-6", "tree.grow-7",
        "tree.grow-8", "tree.grow-9", "tree.mark", "tree.name", "tree.name-end", "tree.prune", "tree.take",
        "view.heat", "view.heat-scale", "view.prompt-colors", "view.zoom",
      ])
  }

  @Test(arguments: KeyContext.allCases, TabID.allCases)
  func noKeyMeansTwoThings(context: KeyContext, task: TabID) {
    var seen: [KeyStroke: Action] = [:]
    for binding in KeyTable.defaults where binding.contexts.contains(context) && binding.tabs.contains(task) {
      for key in binding.keys {
        // `q` and Escape close an overlay before they leave or stop: the table's order says so.
        if let first = seen[key], first != binding.action, first != .close {
          Issue.record("\(key) is \(first.rawValue) and \(binding.action.rawValue) in \(context.rawValue)")
        }
        seen[key] = seen[key] ?? binding.action
      }
    }
  }

  @Test func charactersAreTypedWhereTextIs() {
    let keys = KeyBindings()
    for context in KeyContext.allCases where context.isTextEntry {
      for character in "abcqns?/[]+-MNLGDKJ " {
        #expect(keys.action(for: KeyStroke(character), in: context, tab: .generate) == nil)
      }
    }
  }

  /// Keys that most programs give to line editing.
  @Test(arguments: "auekwyd")
  func keysThatEditALineDoNotScrollWhereTextIsTyped(letter: Character) {
    for context in KeyContext.allCases where context.isTextEntry {
      let action = KeyBindings().action(for: KeyStroke(letter, .control), in: context, tab: .generate)
      #expect(action != .pageUp && action != .pageDown, "\(context.rawValue)")
    }
  }

  @Test func everyContextCanBeLeft() {
    let keys = KeyBindings()
    for context in KeyContext.allCases {
      for task in TabID.allCases {
        #expect(keys.action(for: KeyStroke("q", .control), in: context, tab: task) == .quit)
        #expect(keys.action(for: KeyStroke("c", .control), in: context, tab: task) == .interrupt)
      }
    }
  }

  @Test func configurationGivesOtherKeys() {
    let keys = KeyBindings(overrides: ["view.heat": ["H", "f9"], "app.palette": []])
    #expect(keys.problems == [])
    #expect(keys.action(for: KeyStroke("H"), in: .stream, tab: .generate) == .heat)
    #expect(keys.action(for: KeyStroke("c"), in: .stream, tab: .generate) == nil)
    #expect(keys.action(for: KeyStroke("p", .control), in: .stream, tab: .generate) == nil)
  }

  @Test func aChosenKeyWinsOverADefaultOne() {
    let keys = KeyBindings(overrides: ["view.heat": ["n"]])
    #expect(keys.action(for: KeyStroke("n"), in: .stream, tab: .generate) == .heat)
  }

  @Test func whatCanNotBeUsedIsNamed() {
    let keys = KeyBindings(overrides: ["no.such": ["x"], "view.heat": ["ctrl-nothing"], "app.help": ["f99", "f2"]])
    #expect(
      keys.problems == [
        .unknownKey("f99", action: "app.help"), .unknownAction("no.such"),
        .unknownKey("ctrl-nothing", action: "view.heat"),
      ])
    #expect(
      keys.problems[0].description == "unknown key, keys.app.help: expected a key like ctrl-s or f5, found \"f99\"")
    // An action whose configured keys are all invalid keeps its default keys.
    #expect(keys.action(for: KeyStroke("c"), in: .stream, tab: .generate) == .heat)
    #expect(keys.action(for: KeyStroke(.function(2)), in: .stream, tab: .generate) == .help)
  }

  @Test func hintsShowNoCharacterWhereTextIsTyped() {
    for task in TabID.allCases {
      for hint in KeyBindings().hints(in: .prompt, tab: task) {
        for key in hint.keys { #expect(key.typedCharacter == nil) }
      }
    }
  }
}
