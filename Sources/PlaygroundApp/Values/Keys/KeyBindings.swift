import TerminalUI

/// The effective key bindings: the key table with the changes from the configuration.
public struct KeyBindings: Sendable, Equatable {
  /// What is wrong with a configuration's keys.
  public enum Problem: Sendable, Hashable, CustomStringConvertible {
    /// There is no such action.
    case unknownAction(String)
    /// There is no such key.
    case unknownKey(String, action: String)

    /// One sentence.
    public var description: String {
      switch self {
      case .unknownAction(let name): "unknown action in keys: found \"\(name)\""
      case .unknownKey(let key, let action):
        "unknown key, keys.\(action): expected a key like ctrl-s or f5, found \"\(key)\""
      }
    }

    /// Advice for the user.
    public var hint: String {
      switch self {
      case .unknownAction: "correct the name, or remove the line; it has no effect"
      case .unknownKey: "correct the key, or remove the line; until then the action has its usual keys"
      }
    }
  }

  /// The lines of the table.
  let bindings: [KeyBinding]
  /// The parts of the configuration that could not be used.
  public let problems: [Problem]

  /// Creates bindings from the table with other keys for some actions. An empty list unbinds an action. Invalid entries
  /// are ignored and reported in ``problems``. A key that the configuration assigns to an action is removed from all
  /// other actions in the same context.
  public init(overrides: [String: [String]] = [:]) {
    var problems: [Problem] = []
    var chosen: [Action: [KeyStroke]] = [:]
    for (name, texts) in overrides.sorted(by: { $0.key < $1.key }) {
      guard let action = KeyTable.actions.first(where: { $0.rawValue == name }) else {
        problems.append(.unknownAction(name))
        continue
      }
      let keys = texts.compactMap { text -> KeyStroke? in
        let key = KeyStroke(text)
        if key == nil { problems.append(.unknownKey(text, action: name)) }
        return key
      }
      if texts.isEmpty || !keys.isEmpty { chosen[action] = keys }
    }
    let remapped = KeyTable.defaults.map { binding in
      var binding = binding
      if let keys = chosen[binding.action] { binding.keys = keys }
      return binding
    }
    // Lines with chosen keys come first: they win over the defaults that share a key.
    bindings = remapped.filter { chosen[$0.action] != nil } + remapped.filter { chosen[$0.action] == nil }
    self.problems = problems
  }

  /// What a key does in a context of a tab; `nil` if it does nothing, or types a character.
  func action(for key: KeyStroke, in context: KeyContext, tab: TabID) -> Action? {
    if context.isTextEntry, key.typedCharacter != nil { return nil }
    return bindings.first {
      $0.contexts.contains(context) && $0.tabs.contains(tab) && $0.keys.contains(key)
    }?.action
  }

  /// The hints for a context, most important first: one key, or two that belong together, and a short text.
  func hints(in context: KeyContext, tab: TabID) -> [(action: Action, keys: [KeyStroke], words: String)] {
    bindings.filter { !$0.hint.isEmpty && $0.hintContexts.contains(context) && $0.tabs.contains(tab) }
      .sorted { $0.hintOrder < $1.hintOrder }
      .compactMap { binding in
        guard let key = binding.shownKey(in: context) else { return nil }
        let partner = binding.hintPartner.flatMap { self.key(for: $0, in: context, tab: tab) }
        return (binding.action, [key] + (partner.map { [$0] } ?? []), binding.hint)
      }
  }

  /// The first key of an action in a context, to be named in a sentence.
  func key(for action: Action, in context: KeyContext, tab: TabID) -> KeyStroke? {
    for binding in bindings
    where binding.action == action && binding.contexts.contains(context) && binding.tabs.contains(tab) {
      if let key = binding.shownKey(in: context) { return key }
    }
    return nil
  }
}
