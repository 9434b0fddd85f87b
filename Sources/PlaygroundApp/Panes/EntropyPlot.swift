import EngineAPI
import Sessions
import TerminalUI

/// The entropies of a text's tokens for a plot of one row. It stands beside the trace in the state and grows by what is
/// new, and it keeps a bounded number of means, so that a frame costs the same whatever the length of the text.
struct EntropyPlot: Sendable, Equatable {
  /// How many means are kept at most; beyond that each covers twice as many tokens.
  static let most = 512

  /// Tokens that are shown as one.
  private struct Bucket: Sendable {
    /// The sum of their entropies, in bits.
    var sum = 0.0
    /// How many of them have one.
    var known = 0

    var mean: Double? { known > 0 ? sum / Double(known) : nil }

    mutating func add(_ other: Bucket) {
      sum += other.sum
      known += other.known
    }
  }

  private var buckets: [Bucket] = []
  /// Tokens in a full bucket; a power of two.
  private var span = 1
  private var whole = Bucket()
  /// How many tokens it has taken.
  private(set) var count = 0
  /// How many tokens were looked at since the beginning: what the work grows with.
  private(set) var lookedTokens = 0

  /// Follows from the trace: where traces are equal, it is.
  static func == (left: EntropyPlot, right: EntropyPlot) -> Bool { true }

  /// The mean of all tokens, in bits; nil where no token has an entropy.
  var mean: Double? { whole.mean }

  /// Takes the tokens that came; all of them only where there are fewer than before.
  mutating func update(_ tokens: TokenPath) {
    if tokens.count < count { self = EntropyPlot() }
    for index in count..<tokens.count { append(tokens[index].entropy) }
  }

  /// Takes the entropy of one more token; nil where the engine does not know it.
  mutating func append(_ entropy: Double?) {
    if count == buckets.count * span {
      if buckets.count == EntropyPlot.most { halve() }
      buckets.append(Bucket())
    }
    if let entropy, entropy.isFinite {
      let one = Bucket(sum: entropy, known: 1)
      buckets[buckets.count - 1].add(one)
      whole.add(one)
    }
    count += 1
    lookedTokens += 1
  }

  /// Joins neighbors, so that each bucket covers twice as many tokens.
  private mutating func halve() {
    buckets = stride(from: 0, to: buckets.count, by: 2).map { index in
      var pair = buckets[index]
      if index + 1 < buckets.count { pair.add(buckets[index + 1]) }
      return pair
    }
    span *= 2
  }

  /// How many cells a plot of the given width has. Of a text that grows all cells stand for as many buckets, so that
  /// they stay as they are when a token comes; those of a complete one fill the width.
  private func cellCount(columns: Int, isComplete: Bool) -> Int {
    let columns = max(1, columns)
    guard buckets.count > columns, !isComplete else { return min(buckets.count, columns) }
    let share = (buckets.count + columns - 1) / columns
    return (buckets.count + share - 1) / share
  }

  /// The first bucket of a cell, of so many cells.
  private func first(of cell: Int, of count: Int, columns: Int, isComplete: Bool) -> Int {
    if isComplete || count == buckets.count { return (cell * buckets.count + count - 1) / max(1, count) }
    return min(cell * ((buckets.count + columns - 1) / columns), buckets.count)
  }

  /// The means of the cells of a plot, in bits, from left to right; nil where no token of a cell has an entropy.
  ///
  /// - Parameter isComplete: whether no token will follow.
  func cells(columns: Int, isComplete: Bool = false) -> [Double?] {
    guard columns > 0 else { return [] }
    let count = cellCount(columns: columns, isComplete: isComplete)
    let first = { self.first(of: $0, of: count, columns: columns, isComplete: isComplete) }
    return (0..<count).map { number in
      var cell = Bucket()
      for bucket in buckets[first(number)..<first(number + 1)] { cell.add(bucket) }
      return cell.mean
    }
  }

  /// The cell of a plot that shows a token.
  func cell(of token: Int, columns: Int, isComplete: Bool = false) -> Int {
    let count = cellCount(columns: columns, isComplete: isComplete)
    let bucket = token / span
    guard isComplete || count == buckets.count else {
      return bucket / ((buckets.count + columns - 1) / max(1, columns))
    }
    return bucket * count / max(1, buckets.count)
  }
}

/// The entropies of a text as one row of bars, all plots on one scale: an eighth of the height a bit. Cells without an
/// entropy stay empty. At the right stands the mean.
struct EntropyPlotView: Widget {
  var plot: EntropyPlot
  /// The token that the cursor is on.
  var cursor: Int?
  /// Whether no token will follow.
  var isComplete = false

  func draw(in rect: Rect, on grid: inout CellGrid) {
    let words = rect.width >= 70 ? " bits a token" : rect.width >= 20 ? " bits" : ""
    var columns = rect.width
    if !words.isEmpty {
      let text = (plot.mean.map { NumberText.padded(NumberText.fixed($0, decimals: 2), 5) } ?? "    -") + words
      columns -= text.columnWidth + 2
      grid.draw(text, in: rect, alignment: .right, style: Style(.dim))
    }
    let marked = cursor.map { plot.cell(of: $0, columns: columns, isComplete: isComplete) }
    for (cell, bits) in plot.cells(columns: columns, isComplete: isComplete).enumerated() {
      let ground: Role? = cell == marked ? .selection : nil
      let point = Point(rect.x + cell, rect.y)
      guard let bits else {
        if ground != nil { grid.draw(" ", at: point, style: Style(.text, on: ground)) }
        continue
      }
      let sparks = grid.glyphs.sparks
      let height = min(max(0, Int(min(bits, 64))), sparks.count - 1)
      grid.draw(sparks[height], at: point, style: Style(.heat(fraction: HeatPlace.surprise(bits)), on: ground))
    }
  }
}
