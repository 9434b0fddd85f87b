import EngineAPI
import Sessions
import TerminalUI

/// The entropies of a text's tokens, aggregated for a one-row plot. It is updated incrementally and keeps a bounded
/// number of means, so that the cost of a frame does not depend on the length of the text.
struct EntropyPlot: Sendable, Equatable {
  /// The maximum number of means. When it is exceeded, neighbors are merged, so that each mean covers twice as many
  /// tokens.
  static let most = 512

  /// Consecutive tokens that share one mean.
  private struct Bucket: Sendable {
    /// The sum of their known entropies, in bits.
    var sum = 0.0
    /// The number of tokens with a known entropy.
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
  /// The number of tokens added.
  private(set) var count = 0
  /// The total number of tokens processed, for tests of the cost.
  private(set) var lookedTokens = 0

  /// Always true: the plot is derived from the trace, which is compared separately.
  static func == (left: EntropyPlot, right: EntropyPlot) -> Bool { true }

  /// The mean of all tokens, in bits; nil if no token has an entropy.
  var mean: Double? { whole.mean }

  /// Adds new tokens. Starts over only if there are fewer tokens than before.
  mutating func update(_ tokens: TokenPath) {
    if tokens.count < count { self = EntropyPlot() }
    for index in count..<tokens.count { append(tokens[index].entropy) }
  }

  /// Takes the entropy of one more token; nil if the engine does not know it.
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

  /// The number of cells of a plot. For a growing text, all cells cover the same number of buckets, so that they do not
  /// change when a token is added. For a complete text, the cells fill the width.
  private func cellCount(columns: Int, isComplete: Bool) -> Int {
    let columns = max(1, columns)
    guard buckets.count > columns, !isComplete else { return min(buckets.count, columns) }
    let share = (buckets.count + columns - 1) / columns
    return (buckets.count + share - 1) / share
  }

  /// The first bucket of cell `cell` in a plot of `count` cells.
  private func first(of cell: Int, of count: Int, columns: Int, isComplete: Bool) -> Int {
    if isComplete || count == buckets.count { return (cell * buckets.count + count - 1) / max(1, count) }
    return min(cell * ((buckets.count + columns - 1) / columns), buckets.count)
  }

  /// The means of the cells of a plot, in bits, from left to right; nil if no token of a cell has an entropy.
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

/// Draws the entropies of a text as one row of bars, followed by the mean. All plots have the same scale: one bit is an
/// eighth of the height. Cells without an entropy are empty.
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
        if ground != nil { grid.draw(" ", at: point, style: Style(.text, on: ground, .plotCursor)) }
        continue
      }
      let sparks = grid.glyphs.sparks
      let height = min(max(0, Int(min(bits, 64))), sparks.count - 1)
      grid.draw(
        sparks[height], at: point,
        style: Style(.heat(fraction: HeatPlace.surprise(bits)), on: ground, ground == nil ? [] : .plotCursor))
    }
  }
}
