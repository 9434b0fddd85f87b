import LocalFiles
import TerminalUI

/// Colours text for a terminal, or leaves it as it is.
struct Ink: Sendable {
  /// How many colours there are; `.none` leaves text as it is.
  let depth: ColorDepth

  /// No colour.
  static let plain = Ink(depth: .none)

  init(depth: ColorDepth) { self.depth = depth }

  /// The ink that a person's choice, the environment and the terminal allow.
  init(choice: ColorChoice, environment: [String: String], isTerminal: Bool) {
    let term = environment["TERM"] ?? ""
    let wanted =
      switch choice {
      case .always: true
      case .never: false
      case .auto: isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && term != "dumb" && !term.isEmpty
      }
    depth = wanted ? Self.depth(term: term, colorTerm: environment["COLORTERM"] ?? "") : .none
  }

  private static func depth(term: String, colorTerm: String) -> ColorDepth {
    if ["truecolor", "24bit"].contains(colorTerm) || term.hasSuffix("-direct") { return .trueColor }
    return term.contains("256color") ? .indexed256 : .ansi16
  }

  /// The text in the colour of a role.
  func callAsFunction(_ text: String, _ role: Role, _ attributes: Style.Attributes = []) -> String {
    guard depth != .none, !text.isEmpty, let theme = Self.theme else { return text }
    if case .heat(let place) = role, HeatPlace.step(place) == 0 { return text }
    var paint = theme.paint(Style(role, attributes), depth: depth)
    if case .heat(let place) = role, depth == .ansi16 { paint = Self.heat(place) }
    let codes = Self.codes(paint)
    return codes.isEmpty ? text : "\u{1B}[\(codes.joined(separator: ";"))m\(text)\u{1B}[0m"
  }

  /// The text in the colour of a probability: as it is above 50 %, then warmer with surprise.
  func callAsFunction(_ text: String, probability logprob: Double?) -> String {
    guard let logprob, let role = Cells.heat(logprob) else { return text }
    return self(text, role)
  }

  /// The ground stays the terminal's own, dark or light, so the colours are of middle lightness: they can be read on
  /// both.
  private static let theme: Theme? = {
    let grey = RGB(128, 128, 128)
    var colors = [RGB](repeating: grey, count: 16)
    colors[0] = RGB(0, 0, 0)
    colors[8] = RGB(214, 69, 65)
    colors[10] = RGB(176, 124, 10)
    colors[11] = RGB(63, 143, 74)
    colors[13] = RGB(58, 129, 200)
    return Scheme(colors).map { scheme in
      Theme(
        name: "command-line", scheme: scheme, overrides: [.accent: colors[13], .dim: grey, .text: grey],
        warmth: [RGB(176, 124, 10), RGB(222, 84, 20)])
    }
  }()

  /// A place beyond the first step in colours of sixteen that can be read on dark and on light grounds.
  private static func heat(_ place: UInt8) -> Paint {
    Paint(foreground: .indexed(HeatPlace.step(place) < 2 ? 5 : 1), attributes: HeatPlace.step(place) < 3 ? [] : .bold)
  }

  private static func codes(_ paint: Paint) -> [String] {
    var codes: [String] = []
    if paint.attributes.contains(.bold) { codes.append("1") }
    if paint.attributes.contains(.dim) { codes.append("2") }
    if paint.attributes.contains(.underline) { codes.append("4") }
    switch paint.foreground {
    case .standard: break
    case .indexed(let place) where place < 8: codes.append("\(30 + place)")
    case .indexed(let place) where place < 16: codes.append("\(82 + place)")
    case .indexed(let place): codes.append("38;5;\(place)")
    case .rgb(let color): codes.append("38;2;\(color.red);\(color.green);\(color.blue)")
    }
    return codes
  }
}
