import CNCurses
import TerminalUI

/// Options of the screen.
public struct TerminalOptions: Sendable {
  /// Environment variables: TERM, COLORTERM, NO_COLOR.
  public var environment: [String: String]
  /// The maximum color depth; nil uses all colors, or none if NO_COLOR is set and not empty.
  public var colorLimit: ColorDepth?
  /// The minimum window size.
  public var minimumSize: Size
  /// Whether to draw in ASCII even if the terminal supports Unicode.
  public var usesASCII: Bool
  /// The timeout of a lone Escape, in seconds; on slow connections the bytes of one key can arrive separately.
  public var patience: Double

  /// Creates options.
  public init(
    environment: [String: String], colorLimit: ColorDepth? = nil, minimumSize: Size = Size(10, 3),
    usesASCII: Bool = false, patience: Double = TimedInputDecoder.standardPatience
  ) {
    self.environment = environment
    self.colorLimit = colorLimit
    self.minimumSize = minimumSize
    self.usesASCII = usesASCII
    self.patience = patience
  }

  var effectiveColorLimit: ColorDepth {
    if let colorLimit { return colorLimit }
    return (environment["NO_COLOR"] ?? "").isEmpty ? .trueColor : .none
  }
}

/// The terminal's terminfo entry.
struct TerminalDescription {
  /// The name of the entry.
  let type: String
  /// Whether colors are specified as red, green and blue instead of palette indices.
  let hasDirectColor: Bool
  /// The true-color entry that COLORTERM asks for, if terminfo lacks it; otherwise nil.
  let missingEntry: String?

  /// Loads the entry for TERM. If COLORTERM announces true color and a matching direct-color entry is installed, loads
  /// that entry instead.
  init(environment: [String: String]) throws(CursesTerminalError) {
    let named = environment["TERM"] ?? ""
    guard !named.isEmpty else { throw .noType }
    guard named != "dumb", named != "unknown" else { throw .incapable(named) }
    let variant = DirectColor.entry(for: named, environment: environment)
    if let variant, cn_load_description(variant) == 1, cn_has_direct_color() {
      (type, missingEntry) = (variant, nil)
    } else if cn_load_description(named) == 1 {
      (type, missingEntry) = (named, cn_has_direct_color() ? nil : variant)
    } else {
      throw .unknownType(named)
    }
    guard cn_capability("cup") != nil else { throw .incapable(named) }
    hasDirectColor = cn_has_direct_color()
  }

  /// The bytes of a capability; empty if the terminal does not have it.
  func capability(_ name: String) -> String {
    guard let value = cn_capability(name) else { return "" }
    return TerminalDescription.withoutDelays(String(cString: value))
  }

  /// The bytes of a capability with a numeric parameter.
  func capability(_ name: String, _ number: Int) -> String {
    guard let value = cn_capability_with(name, number) else { return "" }
    return TerminalDescription.withoutDelays(String(cString: value))
  }

  /// The bytes that restore the previous screen content; without an alternate screen, the bytes that clear the screen
  /// and move the cursor to the top left.
  var leavingScreen: String {
    let bytes = capability("rmcup")
    return bytes.isEmpty ? capability("clear") : bytes
  }

  /// Removes delays such as `$<50>`, which must not be sent.
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

/// The character encoding of ncurses.
enum CharacterEncoding {
  /// Uses the user's locale, or another UTF-8 locale if it is not UTF-8. Returns false if there is none.
  static func useUTF8() -> Bool {
    for name in ["", "C.UTF-8", "en_US.UTF-8", "UTF-8"] where cn_use_locale(name) { return true }
    return false
  }
}

/// Why the screen could not be started.
public enum CursesTerminalError: Error, Equatable, CustomStringConvertible {
  /// Standard input or output is not a terminal.
  case notATerminal(stream: String)
  /// The variable TERM is not set.
  case noType
  /// TERM names a terminal without a terminfo entry.
  case unknownType(String)
  /// The terminal cannot position its cursor, like `dumb`.
  case incapable(String)
  /// The terminal is smaller than the minimum.
  case tooSmall(found: Size, needed: Size)
  /// ncurses failed to start.
  case cannotStart(String)

  /// One sentence: what failed, where, what was expected and what was found.
  public var description: String {
    switch self {
    case .notATerminal(let stream):
      "the screen needs a terminal, \(stream): expected a terminal, found a file or pipe"
    case .noType:
      "the type of the terminal is unknown, TERM: expected a name such as xterm-256color, found nothing"
    case .unknownType(let type):
      "the type of the terminal is unknown, TERM: expected a name in terminfo, found \(visible(type).fitted(to: 40))"
    case .incapable(let type):
      "the terminal cannot show a screen, TERM: expected one that moves its cursor, found \(visible(type).fitted(to: 40))"
    case .tooSmall(let found, let needed):
      "the terminal is too small, window: expected at least \(needed.width)×\(needed.height), "
        + "found \(found.width)×\(found.height)"
    case .cannotStart(let type):
      "the screen cannot be taken, ncurses: expected it to start on \(visible(type).fitted(to: 40)), found an error"
    }
  }

  /// Advice for the user.
  public var hint: String? {
    switch self {
    case .notATerminal: "the other commands work in pipes: see triptych --help"
    case .noType, .unknownType: "set TERM to what the terminal really is, xterm-256color for most"
    case .incapable: "use another terminal, or the commands that print: see triptych --help"
    case .tooSmall: "make the window larger"
    case .cannotStart: nil
    }
  }
}
