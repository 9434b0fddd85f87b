/// A key, as far as terminals report it.
public enum Key: Hashable, Sendable {
  /// A character. Upper and lower case are distinct, so Shift is part of the character.
  case character(Character)
  /// Enter, Tab, Shift-Tab, Backspace, Delete, Insert, Escape.
  case enter, tab, backtab, backspace, delete, insert, escape
  /// The arrows.
  case up, down, left, right
  /// Home, End, Page Up, Page Down.
  case home, end, pageUp, pageDown
  /// A function key, counted from 1.
  case function(Int)
}

/// Modifier keys.
public struct Modifiers: OptionSet, Hashable, Sendable {
  /// One bit for each key.
  public let rawValue: UInt8

  /// The modifiers of the bits in `rawValue`.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Shift; never set for characters, where the letter's case includes it.
  public static let shift = Modifiers(rawValue: 1)
  /// Alt, Option or Meta.
  public static let alt = Modifiers(rawValue: 2)
  /// Control.
  public static let control = Modifiers(rawValue: 4)
}

/// A key together with its modifiers: `ctrl-q`, `alt-enter`, `?`, `f1`.
///
/// Configuration files and help use the text form: modifiers `ctrl-`, `alt-`, `shift-` in this order, then the name of
/// a key or a character. `space`, `minus` and `plus` can name their characters.
public struct KeyStroke: Hashable, Sendable, CustomStringConvertible {
  /// The key.
  public let key: Key
  /// The modifiers.
  public let modifiers: Modifiers

  /// Creates a keystroke in normal form: Shift-Tab is `.backtab`; Shift with a letter is the capital letter; Control
  /// with a letter is the lowercase letter.
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

  /// The character that the keystroke types; nil for special keys and keys with modifiers.
  public var typedCharacter: Character? {
    if case .character(let character) = key, modifiers.isEmpty { character } else { nil }
  }

  /// Parses the text form; nil if there is no such key. Names are read in any case; single letters keep their case.
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

extension KeyStroke {
  /// The keystroke as shown in hints and help: `Ctrl-Q`, `Alt-Enter`, `↑`, `?`.
  public func label(glyphs: Glyphs = .unicode) -> String {
    var prefix = ""
    if modifiers.contains(.control) { prefix += "Ctrl-" }
    if modifiers.contains(.alt) { prefix += "Alt-" }
    if modifiers.contains(.shift) { prefix += "Shift-" }
    let name =
      switch key {
      case .character(" "): "Space"
      case .character(let character): modifiers.isEmpty ? String(character) : character.uppercased()
      case .enter: "Enter"
      case .tab: "Tab"
      case .backtab: "Shift-Tab"
      case .backspace: "Backspace"
      case .delete: "Del"
      case .insert: "Ins"
      case .escape: "Esc"
      case .up: glyphs.isASCII ? "Up" : glyphs.up
      case .down: glyphs.isASCII ? "Down" : glyphs.down
      case .left: glyphs.isASCII ? "Left" : glyphs.left
      case .right: glyphs.isASCII ? "Right" : glyphs.right
      case .home: "Home"
      case .end: "End"
      case .pageUp: "PgUp"
      case .pageDown: "PgDn"
      case .function(let number): "F\(number)"
      }
    return prefix + name
  }
}
