/// True color in terminfo: a separate entry beside the terminal's usual one.
public enum DirectColor {
  /// The entry with true color for a terminal whose environment announces it (`COLORTERM`); nil if nothing announces it
  /// or the terminal's own entry has it.
  ///
  /// - Parameter type: the name of the terminal's own entry, from `TERM`.
  public static func entry(for type: String, environment: [String: String]) -> String? {
    guard ["truecolor", "24bit"].contains(environment["COLORTERM"] ?? ""), !type.contains("-direct") else { return nil }
    let suffix = "-256color"
    let base = type.hasSuffix(suffix) ? String(type.dropLast(suffix.count)) : type
    return switch base {
    // `xterm-direct` sends an empty field that some terminals don't understand.
    case "xterm": "xterm-direct2"
    case "xterm-kitty": "kitty-direct"
    default: "\(base)-direct"
    }
  }

  /// The notice for a missing entry, which limits the program to 256 colors.
  public static func notice(missing entry: String) -> String {
    "256 colors: terminfo lacks \(visible(entry).fitted(to: 24)) (in Debian: ncurses-term)"
  }
}
