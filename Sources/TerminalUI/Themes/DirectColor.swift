/// True color as terminfo describes it: in an entry of its own beside the terminal's usual one.
public enum DirectColor {
  /// The entry with true color for a terminal whose environment announces it (`COLORTERM`); nil where nothing announces
  /// it, or the terminal's own entry has it.
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

  /// What to tell where the entry is missing, so that there are 256 colors and not more.
  public static func notice(missing entry: String) -> String {
    "256 colors: terminfo lacks \(visible(entry).fitted(to: 24)) (in Debian: ncurses-term)"
  }
}
