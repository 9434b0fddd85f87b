import EngineAPI
import Platform
import TerminalUI

/// Writes what is inside a model as tables.
struct InspectionWriter {
  let answer: InspectionAnswer
  let request: InspectionRequest
  let console: Console

  /// The tokens of a layer that fit a row.
  private static let tokensInRow = 5
  /// The rows of the attribution.
  private static let attributedRows = 20

  func write() throws {
    let place = Cells.token(answer.tokens[answer.position], glyphs: console.glyphs).text
    let followed = Cells.token(answer.token.token, glyphs: console.glyphs).text
    try console.writeLine(
      console.ink("position \(answer.position) \(place), followed token \(answer.token.token.id) \(followed)", .heading)
    )
    for change in request.context.model.changes {
      try console.writeLine(console.ink("changed: \(change.option.onOneLine)", .dim))
    }
    if request.parts.contains(.lens) { try writeLens() }
    if request.parts.contains(.attention) { try writeAttention() }
    if request.parts.contains(.attribution) { try writeAttribution() }
    if request.parts.contains(.norms) { try writeNorms() }
    if let sweep = answer.sweep { try write(sweep) }
    if !answer.watched.isEmpty { try writeWatched() }
    if let bend = answer.bend { try write(bend) }
    if !answer.golden.isEmpty { try writeGolden() }
  }

  private func heading(_ text: String) throws {
    try console.writeLine()
    try console.writeLine(console.ink(text, .heading))
  }

  private func write(_ table: Table) throws {
    for line in table.lines(console.ink) { try console.writeLine(line) }
  }

  // MARK: - Lens

  private func writeLens() throws {
    try heading("lens: the prediction after each layer")
    var table = Table([
      .right("layer"), .right("entropy"), .right("rank"), .right("prob."), .left("first after attention"),
      .left("first after the layer"),
    ])
    for layer in answer.lens {
      let top = layer.prediction.top.prefix(Self.tokensInRow).map { ranked in
        let percent = Cells.percent(ranked.logprob).text
        return "\(Cells.token(ranked.token, glyphs: console.glyphs).text) \(percent)"
      }
      table.add([
        .init(layer.layer == 0 ? "embedding" : "\(layer.layer)"), Cells.number(layer.prediction.entropy),
        Cells.count(layer.prediction.finalRank), Cells.percent(layer.prediction.finalLogprob),
        layer.afterAttention?.top.first.map { Cells.token($0.token, glyphs: console.glyphs) } ?? "-",
        .init(top.joined(separator: "  "), layer.prediction.top.first?.logprob.flatMap(Cells.heat)),
      ])
    }
    try write(table)
    let words =
      answer.settled.map { $0 == 0 ? "first from the embedding on" : "first from layer \($0) on" }
      ?? "not first in the last layer"
    try console.writeLine("the followed token is \(words)")
  }

  // MARK: - Attention

  private func writeAttention() throws {
    for kind in [AttentionHead.Kind.encoder, .own, .cross] {
      let heads = answer.attention.filter { $0.kind == kind }
      guard let first = heads.first else { continue }
      // The encoder's rows are positions of the source: show the last one.
      let position = kind == .encoder ? first.weights.count - 1 : answer.position
      let keys = kind == .own ? answer.tokens : answer.source ?? answer.tokens
      try heading("\(Self.title(kind)) from position \(position), one column a token")
      var table = Table([.right("layer"), .right("head"), .left("weights"), .right("most"), .left("on")])
      for head in heads {
        let row = head.weights[position]
        let most = row.indices.max { row[$0] < row[$1] } ?? 0
        table.add([
          .init("\(head.layer)"), .init("\(head.head)"), .init(strip(row)),
          Cells.percent(probability: Double(row.isEmpty ? 0 : row[most])),
          .init("\(most) \(keys.indices.contains(most) ? Cells.token(keys[most], glyphs: console.glyphs).text : "")"),
        ])
      }
      try write(table)
    }
  }

  private static func title(_ kind: AttentionHead.Kind) -> String {
    switch kind {
    case .own: "attention"
    case .encoder: "encoder attention"
    case .cross: "cross-attention"
    }
  }

  /// Weights as a row of small bars; a weight below 1 % is a space. Of a long text the last columns.
  private func strip(_ weights: [Float]) -> String {
    let shown = weights.suffix(Self.mostColumns)
    let bars = shown.map { weight -> String in
      guard weight >= 0.01 else { return " " }
      let sparks = console.glyphs.sparks
      return sparks[min(sparks.count - 1, Int(weight * Float(sparks.count)))]
    }
    return (shown.count < weights.count ? console.glyphs.ellipsis : "") + bars.joined() + "|"
  }

  private static let mostColumns = 60

  // MARK: - Attribution

  private func writeAttribution() throws {
    let what =
      answer.against.map { "the logit difference to \(Cells.token($0.token, glyphs: console.glyphs).text)" }
      ?? "the logit"
    try heading("what the parts add to \(what), the largest first")
    var table = Table([.left("part"), .right("logit"), .left("")])
    let sorted = answer.attribution.sorted { abs($0.logit) > abs($1.logit) }
    let largest = sorted.first.map { abs($0.logit) } ?? 0
    for part in sorted.prefix(Self.attributedRows) {
      let share = largest > 0 ? abs(part.logit) / largest : 0
      table.add([
        .init(part.words), .init(NumberText.fixed(part.logit, decimals: 3)),
        .init(Bar.text(share, width: 20, glyphs: console.glyphs)),
      ])
    }
    let rest = sorted.dropFirst(Self.attributedRows)
    if !rest.isEmpty {
      let sum = rest.reduce(0) { $0 + $1.logit }
      table.add([.init("\(rest.count) others"), .init(NumberText.fixed(sum, decimals: 3)), ""])
    }
    table.add([.init("sum"), .init(NumberText.fixed(answer.attribution.reduce(0) { $0 + $1.logit }, decimals: 3)), ""])
    try write(table)
  }

  // MARK: - Norms

  private func writeNorms() throws {
    for (title, norms) in [("norms", answer.norms), ("norms of the encoder", answer.encoderNorms)] where !norms.isEmpty
    {
      let position = title == "norms" ? answer.position : norms[0].count - 1
      try heading("\(title) of the residual stream, one bar a token")
      let largest = norms.lazy.flatMap(\.self).max() ?? 0
      var table = Table([.right("layer"), .right("at \(position)"), .right("mean"), .left("")])
      for (layer, row) in norms.enumerated() {
        table.add([
          .init(layer == 0 ? "embedding" : "\(layer)"), .init(NumberText.fixed(row[position], decimals: 2)),
          .init(NumberText.fixed(row.reduce(0, +) / Double(row.count), decimals: 2)),
          .init(strip(row.map { Float(largest > 0 ? $0 / largest : 0) })),
        ])
      }
      try write(table)
    }
  }
}

extension InspectionWriter {
  private func write(_ sweep: SweepAnswer) throws {
    let (token, against) = (
      Cells.token(sweep.token, glyphs: console.glyphs).text, Cells.token(sweep.against, glyphs: console.glyphs).text
    )
    try heading("restored share of the logit difference \(token) to \(against)")
    try console.writeLine(
      "from \(NumberText.fixed(sweep.corrupted, decimals: 3)) to \(NumberText.fixed(sweep.clean, decimals: 3))")
    var table = Table(
      [.right("after layer")] + answer.tokens.map { .right(Cells.token($0, glyphs: console.glyphs).text) })
    for (layer, row) in sweep.restored.enumerated() {
      table.add([.init("\(layer)")] + row.map { .init(NumberText.fixed($0 * 100, decimals: 1) + " %") })
    }
    try write(table)
  }

  /// The watched strings by layer.
  private func writeWatched() throws {
    try heading("the probability that the text goes on with")
    var table = Table(
      [.right("layer")] + answer.watched.map { .right(visible($0.text, glyphs: console.glyphs)) })
    for layer in answer.watched[0].layers.indices {
      table.add(
        [.init(layer == 0 ? "embedding" : "\(layer)")] + answer.watched.map { Cells.percent($0.layers[layer]) })
    }
    try write(table)
  }

  /// Where a number format bends: layers, sublayers, and the matrices that do most.
  private func write(_ bend: FormatBendAnswer) throws {
    let bits = { (value: Double) in NumberText.finite(value, decimals: 4) }
    let share = { (value: Double) in NumberText.fixed(value * 100, decimals: 3) + " %" }
    try heading("\(bend.wide.rawValue) and \(bend.narrow.rawValue): the residual stream and the lens")
    var table = Table([.right("layer"), .right("difference"), .right("lens KL"), .left("first token")])
    let isPair = Set(bend.layers.map(\.stack)).count > 1
    for layer in bend.layers {
      let name = layer.layer == 0 ? "embedding" : "\(layer.layer)"
      table.add([
        .init(isPair ? "\(layer.stack) \(name)" : name), .init(share(layer.difference)),
        .init(layer.lens.map { bits($0.forward) } ?? "-"),
        .init(layer.topAgrees.map { $0 ? "" : "differs" } ?? "", .accent),
      ])
    }
    try write(table)
    try heading("inside the sublayers")
    var parts = Table([.right("layer"), .left("part"), .right("difference")])
    for part in bend.parts {
      parts.add([
        .init(isPair ? "\(part.stack) \(part.layer)" : "\(part.layer)"),
        .init(part.kind.rawValue.replacing("_", with: "-")), .init(share(part.difference)),
      ])
    }
    try write(parts)
    try heading("matrices: mean KL in bits, alone in \(bend.narrow.rawValue), and alone kept in \(bend.wide.rawValue)")
    var matrices = Table([.left("matrix"), .right("alone"), .right("kept"), .right("wins"), .left("")])
    let first = bend.first
    for matrix in bend.matrices where matrix.kept != nil || bend.matrices.count <= Self.attributedRows {
      matrices.add([
        .init(matrix.name), .init(bits(matrix.alone)), .init(matrix.kept.map(bits) ?? ""),
        .init(bend.gain(of: matrix).map(bits) ?? ""),
        .init(matrix == first ? "first that moves the distribution" : "", .accent),
      ])
    }
    try write(matrices)
    try console.writeLine(
      "mean KL \(bits(bend.meanDivergence)) bits, at the position \(bits(bend.divergence.forward)) bits")
    guard let first, let gain = bend.gain(of: first) else {
      return try console.writeLine("the distributions are the same")
    }
    try console.writeLine("keeping \(first.name) in \(bend.wide.rawValue) wins \(bits(gain)) bits")
  }

  private func writeGolden() throws {
    try heading("compared with \(request.golden ?? "")")
    var table = Table([.left("activation"), .right("difference"), .right("ULP"), .left("")])
    for activation in answer.golden {
      table.add([
        .init(activation.name), .init("\(Float(activation.difference))"),
        .init(NumberText.fixed(activation.units, decimals: 1)), .init(activation.isEqual ? "" : "differs"),
      ])
    }
    try write(table)
    let first = answer.golden.first { !$0.isEqual }
    try console.writeLine(first.map { "the first that differs is \($0.name)" } ?? "no activation differs")
  }
}

extension AttributedPart {
  /// The part in words: `head 2 of layer 3`.
  fileprivate var words: String {
    switch kind {
    case .embedding: "embedding"
    case .head: "\(isCross ? "cross-attention " : "")head \(head ?? 0) of layer \(layer ?? 0)"
    case .feedForward: "feed-forward of layer \(layer ?? 0)"
    case .bias: layer.map { "biases of layer \($0)" } ?? "biases of the final norm and head"
    case .rounding: "rounding of the number format"
    }
  }
}
