import EngineAPI
import TerminalUI

/// Writes comparisons as tables.
struct ComparisonText {
  let console: Console
  let comparing: TextComparison

  /// The columns left for a text.
  private static let textWidth = 48

  /// Writes the comparison over one text: its positions in the order of the text, then the figures.
  func write(_ result: ComparisonResult) throws(CommandError) {
    if let positions = result.positions {
      try write(positions)
    } else if let stretches = result.stretches {
      try console.writeLine(
        console.ink("different tokenizers: bits of each part that begins and ends at a token of all sides", .heading))
      var table = Table([.right("byte"), .left("text")] + letters.map { .right("bits \($0)") })
      for stretch in stretches {
        table.add(
          [
            Cells.count(stretch.range.lowerBound),
            .init(visible(bytes: Array(stretch.text.utf8), glyphs: console.glyphs).fitted(to: Self.textWidth)),
          ] + stretch.bits.map { Cells.number($0) })
      }
      try write(table)
    }
    try console.writeLine()
    try result.masks?.write(to: console)
    try write(result.pairs)
    try write(result.costs, result.scores.map(\.bitsPerByte))
  }

  /// Writes the comparison over a file of texts: the worst text first, then the figures of all.
  func write(_ summary: FileSummary) throws(CommandError) {
    let hasPairs = comparing.hasOneVocabulary
    var columns: [Table.Column] = [.right("line")]
    if hasPairs { columns += [.right("mean KL"), .right("p99 KL"), .right("mean JS"), .right("first agrees")] }
    columns += letters.map { .right("bits/byte \($0)") } + [.right("tokens"), .left("text")]
    var table = Table(columns)
    let order = summary.texts.enumerated().sorted { ($1.element.worst, $0.offset) < ($0.element.worst, $1.offset) }
    for text in order.map(\.element) {
      let widest = text.pairs.max { ($0.meanForward ?? 0) < ($1.meanForward ?? 0) }
      var cells = [Cells.count(text.prompt.line)]
      if hasPairs {
        cells += [
          figure(widest?.meanForward), figure(widest?.highForward), figure(widest?.meanShannon),
          share(widest?.agreement),
        ]
      }
      cells += letters.indices.map { Cells.number($0 < text.bitsPerByte.count ? text.bitsPerByte[$0] : nil) }
      cells.append(Cells.count(text.positions))
      let words = text.problem.map { "error: \($0.facts.line)" } ?? (text.prompt.target ?? text.prompt.text)
      cells.append(.init(words.onOneLine.fitted(to: Self.textWidth), text.problem == nil ? nil : .error))
      table.add(cells)
    }
    try write(table)
    try console.writeLine()
    if hasPairs { try write(summary.pairs) }
    try write(summary.costs, summary.bitsPerByte)
  }

  private var letters: [String] { comparing.sides.indices.map(ModelReference.letter) }

  private func write(_ table: Table) throws(CommandError) {
    for line in table.lines(console.ink) { try console.writeLine(line) }
  }

  private func write(_ positions: [ComparedPosition]) throws(CommandError) {
    let pairs = SidePair.all(letters.count)
    var columns: [Table.Column] = [.right("#"), .left("token")]
    if pairs.count == 1 {
      columns += [.right("KL(A|B)"), .right("KL(B|A)"), .right("JS")]
    } else {
      columns += pairs.map { .right("JS \(letters[$0.a])\(letters[$0.b])") }
    }
    columns += letters.flatMap { [.right("prob. \($0)"), .right("rank \($0)")] } + [.left("first choices")]
    var table = Table(columns)
    for position in positions {
      var cells = [Cells.count(position.index), Cells.token(position.token, glyphs: console.glyphs)]
      if let pair = position.pairs.first, pairs.count == 1 {
        cells += [figure(pair.divergence.forward), figure(pair.divergence.backward)]
      }
      cells += position.pairs.map { figure($0.divergence.jensenShannon) }
      for reading in position.readings { cells += [Cells.percent(reading.logprob), Cells.count(reading.rank)] }
      cells.append(position.pairs.allSatisfy(\.topAgrees) ? .init("") : .init(parting(position), .accent))
      table.add(cells)
    }
    try write(table)
  }

  /// The first choices of the sides, where they differ.
  private func parting(_ position: ComparedPosition) -> String {
    let first = position.readings.map { $0.top.first.map { Cells.token($0.token, glyphs: console.glyphs).text } ?? "" }
    return first.contains("") ? "differ" : first.joined(separator: " | ")
  }

  private func write(_ pairs: [(pair: SidePair, summary: PairSummary)]) throws(CommandError) {
    guard !pairs.isEmpty else { return }
    let hasChains = pairs.contains { $0.summary.meanShannonAfterChain != nil }
    var table = Table(
      [
        .left("sides"), .right("mean KL"), .right("p99 KL"), .right("deviation"), .right("back"), .right("mean JS"),
      ] + (hasChains ? [.right("JS after chain")] : []) + [.right("first agrees"), .right("first parting")])
    for (pair, summary) in pairs {
      var cells: [Table.Cell] = [
        .init("\(letters[pair.a])\(letters[pair.b])"), figure(summary.meanForward), figure(summary.highForward),
        figure(summary.deviation), figure(summary.meanBackward), figure(summary.meanShannon),
      ]
      if hasChains { cells.append(figure(summary.meanShannonAfterChain)) }
      table.add(cells + [share(summary.agreement), Cells.count(summary.firstDivergence)])
    }
    try write(table)
    try console.writeLine()
  }

  /// Writes the models with their scores, speed and memory.
  private func write(_ costs: [SideCost], _ bits: [Double?]) throws(CommandError) {
    var table = Table([
      .left("side"), .left("model"), .left("format"), .right("bits/byte"), .right("tokens/s"), .right("weights"),
    ])
    for (index, side) in comparing.sides.enumerated() {
      let information = side.open.information
      let speed = index < costs.count ? costs[index].tokensPerSecond : nil
      table.add([
        .init(letters[index]), .init(side.option.text.onOneLine),
        .init(information.format?.rawValue ?? "not known", information.format == nil ? .dim : nil),
        .init(bits[index].map { NumberText.fixed($0, decimals: 4) } ?? "-"),
        .init(speed.map { NumberText.grouped(Int($0.rounded())) } ?? "-"),
        Cells.known(information.weightBytes) { .init(NumberText.bytes($0)) },
      ])
    }
    try write(table)
  }

  /// A number of bits with four decimals; `inf` where one side excludes what the other allows.
  private func figure(_ value: Double?) -> Table.Cell {
    guard let value else { return "-" }
    return value.isFinite ? .init(NumberText.fixed(value, decimals: 4)) : .init("inf")
  }

  private func share(_ value: Double?) -> Table.Cell {
    value.map { .init("\(NumberText.fixed($0 * 100, decimals: 1)) %") } ?? "-"
  }
}
