import EngineAPI
import TerminalUI

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The cells that tables of tokens are made of.
enum Cells {
  /// Columns that a token may take; longer ones are cut with a mark.
  private static let tokenWidth = 28

  /// A token with its spaces and control characters made visible.
  static func token(_ token: TokenValue, glyphs: Glyphs, logprob: Double? = nil) -> Table.Cell {
    let text = visible(bytes: token.bytes, glyphs: glyphs).fitted(to: tokenWidth, mark: glyphs.ellipsis)
    return Table.Cell(text, logprob.flatMap(heat))
  }

  /// A logarithm of a probability as a percentage, `-` where there is none.
  static func percent(_ logprob: Double?) -> Table.Cell {
    guard let logprob else { return "-" }
    return Table.Cell(NumberText.percent(exp(logprob)).trimmed, heat(logprob))
  }

  /// A probability as a percentage.
  static func percent(probability: Double) -> Table.Cell { Table.Cell(NumberText.percent(probability).trimmed) }

  /// A cell of a value that the engine may not know.
  static func known<Value>(_ value: Value?, _ cell: (Value) -> Table.Cell) -> Table.Cell {
    value.map(cell) ?? Table.Cell("not known", .dim)
  }

  /// A number with two decimals, `-` where there is none.
  static func number(_ value: Double?) -> Table.Cell {
    guard let value else { return "-" }
    return Table.Cell(NumberText.fixed(value, decimals: 2))
  }

  /// A whole number with commas, `-` where there is none.
  static func count(_ value: Int?) -> Table.Cell { Table.Cell(value.map(NumberText.grouped) ?? "-", .dim) }

  /// A bar as long as a probability.
  static func bar(_ logprob: Double?, glyphs: Glyphs) -> Table.Cell {
    guard let logprob else { return "" }
    return Table.Cell(Bar.text(exp(logprob), width: 20, glyphs: glyphs), heat(logprob))
  }

  /// Where a probability stands on the heat scale.
  static func heat(_ logprob: Double) -> Role? {
    logprob.isNaN ? nil : .heat(fraction: HeatPlace.probability(exp(logprob)))
  }
}

extension String {
  /// Without the spaces that `NumberText` pads with.
  fileprivate var trimmed: String { String(drop { $0 == " " }) }
}
