import TerminalUI

/// A figure of a run, from its name in a log or an event file: what is measured, and on which examples.
struct FigureName: Sendable, Hashable {
  /// What is measured: `loss`, `learning_rate`.
  var base: String
  /// Whether it is measured on held-out examples.
  var isHeldOut = false

  /// A figure.
  init(_ base: String, isHeldOut: Bool = false) {
    self.base = base
    self.isHeldOut = isHeldOut
  }

  /// The figure of a tag such as `train/loss`, `Loss/validation` or `eval_accuracy`.
  init(tag: String) {
    var parts = tag.split(separator: "/").map { $0.lowercased() }
    if parts.count == 1, let mark = parts[0].firstIndex(of: "_") {
      let head = String(parts[0][..<mark])
      if FigureName.training.contains(head) || FigureName.heldOut.contains(head) {
        parts = [head, String(parts[0][parts[0].index(after: mark)...])]
      }
    }
    var isHeldOut = false
    let index = parts.firstIndex { FigureName.training.contains($0) || FigureName.heldOut.contains($0) }
    if let index, parts.count > 1 { isHeldOut = FigureName.heldOut.contains(parts.remove(at: index)) }
    self.init(parts.joined(separator: "/"), isHeldOut: isHeldOut)
  }

  private static let training: Set = ["train", "training"]
  private static let heldOut: Set = ["eval", "evaluation", "val", "valid", "validation", "test", "dev"]

  /// The figures that come first, in their order.
  static let known = ["loss", "kl", "accuracy", "learning_rate", "grad_norm", "tokens_per_second", "memory"]

  /// The title of a chart of it.
  var title: String {
    switch base {
    case "kl": return "KL from the start"
    case "grad_norm": return "Gradient norm"
    case "tokens_per_second": return "Tokens a second"
    default:
      let words = base.replacing("_", with: " ")
      return words.prefix(1).uppercased() + words.dropFirst()
    }
  }

  /// Whether a smaller value is better.
  var isBetterBelow: Bool { ["loss", "perplexity", "mse", "mae", "kl", "bits_per_byte"].contains(base) }
}

/// Numbers of runs as text.
enum FigureText {
  /// A value with about three digits: `0.412`, `2,140`, `3.1e-4`.
  static func value(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-inf" : "inf" }
    let magnitude = abs(value)
    if magnitude >= 1e7 { return scientific(value) }
    if magnitude >= 1000 { return NumberText.grouped(Int(value.rounded())) }
    if magnitude >= 100 { return NumberText.fixed(value, decimals: 1) }
    if magnitude >= 10 { return NumberText.fixed(value, decimals: 2) }
    if magnitude >= 0.01 || magnitude == 0 { return NumberText.fixed(value, decimals: 3) }
    return scientific(value)
  }

  /// A value with two digits and a power of ten: `3.1e-4`; `5e-5`.
  static func scientific(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : FigureText.value(value) }
    var exponent = 0
    var mantissa = abs(value)
    while mantissa >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    while mantissa < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    var tenths = Int((mantissa * 10).rounded())
    if tenths == 100 { (tenths, exponent) = (10, exponent + 1) }
    let digits = tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    return (value < 0 ? "-" : "") + digits + "e\(exponent)"
  }

  /// A value of a figure, with its unit.
  static func value(_ value: Double, of figure: FigureName) -> String {
    switch figure.base {
    case "memory" where value.isFinite && abs(value) < 1e18: NumberText.bytes(Int(value))
    case "learning_rate": scientific(value)
    default: self.value(value)
    }
  }

  /// Seconds in words: `38 s`, `12 min`, `3 h 20 min`, `2 d 4 h`.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "-" }
    let whole = Int(seconds.rounded(.up))
    if whole < 120 { return "\(whole) s" }
    if whole < 7200 { return "\((whole + 30) / 60) min" }
    if whole < 172_800 { return "\(whole / 3600) h \(whole % 3600 / 60) min" }
    return "\(whole / 86_400) d \(whole % 86_400 / 3600) h"
  }
}
