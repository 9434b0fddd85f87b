/// A key together with its modifiers: `ctrl-q`, `alt-enter`, `?`, `f1`.
///
/// The text form is the one of configuration files and help: modifiers `ctrl-`, `alt-`, `shift-` in this order, then a
/// key's name or a character. `space`, `minus` and `plus` may stand for their characters.
public struct KeyStroke: Hashable, Sendable, CustomStringConvertible {
  /// The key.
  public let key: Key
  /// The modifiers held with it.
  public let modifiers: Modifiers

  /// A stroke in its one normal form: Shift-Tab is `.backtab`; Shift with a letter is the capital; Control with a
  /// letter is the small letter.
  public init(_ key: Key, _ modifiers: Modifiers = []) {
    var key = key
    var modifiers = modifiers
    switch key {
    case .tab where modifiers.contains(.shift):
      key = .backtab
      modifiers.remove(.shift)
    case .backtab:
      modifiers.remove(.shift)
    case .character(let character):
      if modifiers.contains(.control), character.isASCII, let small = character.lowercased().first {
        key = .character(small)
      } else if modifiers.contains(.shift), let capital = character.uppercased().first,
        character.uppercased().count == 1
      {
        key = .character(capital)
      }
      modifiers.remove(.shift)
    default: break
    }
    self.key = key
    self.modifiers = modifiers
  }

  /// A character with modifiers.
  public init(_ character: Character, _ modifiers: Modifiers = []) { self.init(.character(character), modifiers) }

  /// The character that the stroke types into text; nil where a modifier or a special key makes it a command.
  public var typedCharacter: Character? {
    if case .character(let character) = key, modifiers.isEmpty { character } else { nil }
  }

  /// The stroke of a text form; nil when there is no such key. Names are read in any case, single letters as they are.
  public init?(_ text: String) {
    var rest = text[...]
    var modifiers: Modifiers = []
    while let dash = rest.dropFirst().firstIndex(of: "-"), rest.index(after: dash) < rest.endIndex {
      guard let modifier = KeyStroke.modifier(rest[..<dash].lowercased()) else { return nil }
      modifiers.insert(modifier)
      rest = rest[rest.index(after: dash)...]
    }
    if rest.count == 1, let character = rest.first {
      guard character.columnWidth > 0, !character.unicodeScalars.contains(where: \.isTerminalControl) else {
        return nil
      }
      self.init(.character(character), modifiers)
      return
    }
    guard let key = KeyStroke.key(named: rest.lowercased()) else { return nil }
    self.init(key, modifiers)
  }

  /// The text form; `init(_:)` reads it back.
  public var description: String {
    var prefix = ""
    if modifiers.contains(.control) { prefix += "ctrl-" }
    if modifiers.contains(.alt) { prefix += "alt-" }
    if modifiers.contains(.shift) { prefix += "shift-" }
    return prefix + KeyStroke.name(of: key)
  }

  private static func modifier(_ name: String) -> Modifiers? {
    switch name {
    case "ctrl", "control", "c": .control
    case "alt", "meta", "option", "m": .alt
    case "shift", "s": .shift
    default: nil
    }
  }

  private static let names: [(name: String, key: Key)] = [
    ("enter", .enter), ("tab", .tab), ("shift-tab", .backtab), ("backspace", .backspace), ("delete", .delete),
    ("insert", .insert), ("esc", .escape), ("up", .up), ("down", .down), ("left", .left), ("right", .right),
    ("home", .home), ("end", .end), ("pageup", .pageUp), ("pagedown", .pageDown), ("space", .character(" ")),
  ]

  private static let aliases: [String: Key] = [
    "return": .enter, "backtab": .backtab, "del": .delete, "ins": .insert, "escape": .escape, "pgup": .pageUp,
    "pgdn": .pageDown, "minus": .character("-"), "plus": .character("+"),
  ]

  private static func key(named name: String) -> Key? {
    if let found = names.first(where: { $0.name == name }) { return found.key }
    if let found = aliases[name] { return found }
    guard name.first == "f", let number = Int(name.dropFirst()), (1...24).contains(number), name.count <= 3 else {
      return nil
    }
    return .function(number)
  }

  private static func name(of key: Key) -> String {
    switch key {
    case .function(let number): "f\(number)"
    case .character(let character) where character != " ": String(character)
    default: names.first { $0.key == key }?.name ?? ""
    }
  }
}
