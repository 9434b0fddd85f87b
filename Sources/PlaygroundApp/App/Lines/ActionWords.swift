import TerminalUI

/// The words of actions, for a playground without a screen. They are made from the key table.
extension PlaygroundState {
  /// The bindings that can be named: those of the open overlay, or those of the tab.
  private var namedBindings: [KeyBinding] {
    let bindings = shell.keys.bindings.filter { binding in
      binding.tabs.contains(shell.tab) && !binding.action.needsScreen
        && (shell.overlay == nil
          ? !binding.contexts.isDisjoint(with: KeyContext.tab) : binding.contexts.contains(keyContext))
    }
    return bindings.filter { lesson != nil || !$0.action.isStep }
  }

  /// The action of a word, or of several: `generate`, `next pane`, `chat.retry`. If a word means several actions, the
  /// one whose key is active in the pane with the focus comes first.
  func action(named text: String) -> Action? {
    let text = text.lowercased()
    if shell.overlay == nil, text == shell.tab.rawValue || text == shell.tab.title.lowercased() { return .send }
    var best: (rank: Int, action: Action)?
    for binding in namedBindings {
      guard let place = binding.words.firstIndex(where: { $0.contains(text) }) else { continue }
      let rank = 2 * place + (binding.contexts.contains(keyContext) ? 0 : 1)
      if rank < best?.rank ?? .max { best = (rank, binding.action) }
    }
    return best?.action
  }

  /// What can be written here: the words of the pane with the focus, then those of the whole tab.
  var wordList: [String] {
    var seen: Set<Action> = []
    let bindings = namedBindings.filter { seen.insert($0.action).inserted }
    let here = bindings.filter { $0.contexts.contains(keyContext) && !KeyContext.tab.isSubset(of: $0.contexts) }
    let others = bindings.filter { binding in !here.contains { $0.action == binding.action } }
    var lines = here.isEmpty ? [] : ["words here:"] + here.map(line)
    lines += ["words everywhere in \(shell.tab.title):"] + others.map(line)
    return lines + Self.otherWords
  }

  private func line(_ binding: KeyBinding) -> String { "  \(binding.word): \(binding.entry ?? binding.help)" }

  private static let otherWords = [
    "and:", "  text TEXT: the text for the prompt, also if it is a word of this list", "  send TEXT: that, and send it",
    "  more TEXT: a further line of the prompt", "  take N: take row N of the candidates",
    "  pane NAME: go to a pane, by the beginning of its title",
    "  temperature 0.7, seed 7, model NAME, theme NAME: values",
    "  read: the pane with the focus again; read all: every pane", "  where: the tab, the model, and the panes",
    "  the names of keys, such as enter, f3, alt-5",
  ]
}

extension KeyBinding {
  /// The word that the list of words shows.
  var word: String { words.first?.first ?? action.rawValue }

  /// The words of the action, in lower case, the most specific first.
  fileprivate var words: [[String]] {
    let parts = action.rawValue.split(separator: ".").map { String($0).replacing("-", with: " ") }
    let (group, name) = (parts.first ?? "", parts.last ?? "")
    var own: [String]
    if group == "task", let tab = TabID(rawValue: action.rawValue.split(separator: ".").last.map(String.init) ?? "") {
      own = [tab.title.lowercased(), tab.rawValue]
    } else {
      switch name {
      case "open", "choose": own = [group]
      case "next", "previous": own = ["\(name) \(group == "focus" ? "pane" : group == "task" ? "tab" : group)"]
      // The name of a tab always means the tab.
      case _ where TabID.allCases.contains { $0.title.lowercased() == name || $0.rawValue == name }:
        own = ["\(group) \(name)"]
      default: own = [name]
      }
    }
    own += [action.rawValue, parts.joined(separator: " ")]
    return [own, synonyms + action.synonyms, [help.lowercased(), (entry ?? help).lowercased()]]
  }
}

extension Action {
  /// Whether the action only makes sense on a screen.
  fileprivate var needsScreen: Bool {
    [.editor, .zoom, .mouse, .theme, .heat, .heatScale, .bars, .promptColors, .palette, .newline].contains(self)
  }
}
