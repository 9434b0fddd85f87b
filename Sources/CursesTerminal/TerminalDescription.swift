import CNCurses
import TerminalUI

/// What terminfo knows of the terminal.
struct TerminalDescription {
  /// The entry in use.
  let type: String
  /// Whether colours are given as red, green and blue.
  let hasDirectColor: Bool

  /// Loads the entry of TERM. Where COLORTERM promises true colour and the machine has a sister entry that knows how
  /// to ask for it, that one.
  init(environment: [String: String]) throws(CursesTerminalError) {
    let named = environment["TERM"] ?? ""
    guard !named.isEmpty else { throw .noType }
    guard named != "dumb", named != "unknown" else { throw .incapable(named) }
    if let sister = TerminalDescription.directSister(of: named, environment), cn_load_description(sister) == 1,
      cn_has_direct_color()
    {
      type = sister
    } else if cn_load_description(named) == 1 {
      type = named
    } else {
      throw .unknownType(named)
    }
    guard cn_capability("cup") != nil else { throw .incapable(named) }
    hasDirectColor = cn_has_direct_color()
  }

  /// The bytes of a capability; empty when there is none.
  func capability(_ name: String) -> String {
    guard let value = cn_capability(name) else { return "" }
    return TerminalDescription.withoutDelays(String(cString: value))
  }

  /// The bytes of a capability with one number.
  func capability(_ name: String, _ number: Int) -> String {
    guard let value = cn_capability_with(name, number) else { return "" }
    return TerminalDescription.withoutDelays(String(cString: value))
  }

  /// The bytes that bring back what stood on the terminal before; without a second screen, those that clear it and put
  /// the cursor into its first cell.
  var leavingScreen: String {
    let bytes = capability("rmcup")
    return bytes.isEmpty ? capability("clear") : bytes
  }

  private static func directSister(of type: String, _ environment: [String: String]) -> String? {
    guard ["truecolor", "24bit"].contains(environment["COLORTERM"] ?? "") else { return nil }
    switch type {
    case "xterm-256color": return "xterm-direct2"
    case "tmux-256color": return "tmux-direct"
    default: return nil
    }
  }

  /// Old terminals' entries hold waits, `$<50>`, which are not meant to be sent.
  private static func withoutDelays(_ text: String) -> String {
    var result = ""
    var rest = text[...]
    while let start = rest.firstRange(of: "$<"), let end = rest[start.upperBound...].firstIndex(of: ">") {
      result += rest[..<start.lowerBound]
      rest = rest[rest.index(after: end)...]
    }
    return result + rest
  }
}
