import EngineAPI
import JSONText
import TerminalUI

/// The candidates of all sides at each mask of a text.
struct ComparedMasks: Sendable {
  /// The masks of each side, in the order of the text.
  let sides: [[MaskAnswer]]

  /// The number of masks.
  var count: Int { sides.map(\.count).min() ?? 0 }

  /// Fills the masks of a text under each side; `nil` if the text has none.
  init?(_ sides: [TextComparison.Side], _ contexts: [ModelContext], topK: Int) async throws {
    var filled: [[MaskAnswer]] = []
    for (side, context) in zip(sides, contexts) {
      guard let mask = side.open.information.maskToken?.id, context.ids.contains(mask) else { return nil }
      let request = FillMaskRequest(context: context, topK: side.open.listed(topK), joint: false)
      filled.append(try await side.open.engine.fillMask(request).masks)
    }
    self.sides = filled
  }

  /// `[{"position", "entropy", "candidates"}]`; entropy and candidates have an entry for each side.
  var json: JSONValue {
    .objects(
      (0..<count).map { mask in
        [
          "position": .integer(sides[0][mask].position),
          "entropy": .array(sides.map { .number($0[mask].entropy) }),
          "candidates": .array(sides.map { .objects($0[mask].candidates.map(\.ranked.rankedJSON)) }),
        ]
      })
  }

  /// Writes a table for each mask, the candidates of the sides beside one another.
  func write(to console: Console) throws(CommandError) {
    for mask in 0..<count {
      let entropies = sides.enumerated().compactMap { index, side in
        side[mask].entropy.map { "\(ModelReference.letter(index)) \(NumberText.fixed($0, decimals: 2)) bits" }
      }
      let name = count > 1 ? "mask \(mask + 1)" : "mask"
      try console.writeLine(
        console.ink("\(name): entropy \(entropies.joined(separator: ", "))", .heading))
      var table = Table(
        [.right("#")]
          + sides.indices.flatMap { [.left(ModelReference.letter($0)), .right("prob. \(ModelReference.letter($0))")] })
      for row in 0..<(sides.map { $0[mask].candidates.count }.max() ?? 0) {
        table.add(
          [Cells.count(row + 1)]
            + sides.flatMap { side -> [Table.Cell] in
              guard row < side[mask].candidates.count else { return ["", ""] }
              let ranked = side[mask].candidates[row].ranked
              return [
                Cells.token(ranked.token, glyphs: console.glyphs, logprob: ranked.logprob),
                Cells.known(ranked.logprob, Cells.percent(_:)),
              ]
            })
      }
      for line in table.lines(console.ink) { try console.writeLine(line) }
      try console.writeLine()
    }
  }
}
