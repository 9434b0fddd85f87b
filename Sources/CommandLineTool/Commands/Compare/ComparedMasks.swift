import EngineAPI
import JSONText
import Synchronization
import TerminalUI

/// The candidates of all sides at each mask of a text.
struct ComparedMasks: Sendable {
  /// The masks of each side, in the order of the text.
  let sides: [[MaskAnswer]]
  /// The differences of each pair of sides at each mask; empty if their distributions can't be compared.
  let pairs: [[PairReading]]

  /// The number of masks.
  var count: Int { sides.map(\.count).min() ?? 0 }

  /// Fills the masks of a text under each side; `nil` if the text has none.
  /// - Parameter hasOneText: whether all sides have the same vocabulary and ids.
  init?(_ sides: [TextComparison.Side], _ contexts: [ModelContext], topK: Int, hasOneText: Bool) async throws {
    var filled: [[MaskAnswer]] = []
    for (side, context) in zip(sides, contexts) {
      guard let mask = side.open.information.maskToken?.id, context.ids.contains(mask) else { return nil }
      let request = FillMaskRequest(context: context, topK: side.open.listed(topK), joint: false)
      filled.append(try await side.open.engine.fillMask(request).masks)
    }
    self.sides = filled
    guard hasOneText else {
      pairs = []
      return
    }
    let received = Mutex<[[PairReading]]>([])
    let request = ComparisonRequest(
      sides: zip(sides, contexts).map { ComparedSide(context: $1, settings: $0.settings) }, isAtMasks: true)
    _ = try await sides[0].open.engine.compare(request) { part in
      received.withLock { $0 += part.positions.map(\.pairs) }
    }
    pairs = received.withLock { $0 }
  }

  /// `[{"position", "entropy", "candidates", "kl_ab", …}]`; entropy and candidates have an entry for each side. With
  /// more than two sides the divergences are in `pairs`.
  var json: JSONValue {
    .objects(
      (0..<count).map { mask in
        let object: JSONObject = [
          "position": .integer(sides[0][mask].position),
          "entropy": .array(sides.map { .number($0[mask].entropy) }),
          "candidates": .array(sides.map { .objects($0[mask].candidates.map(\.ranked.rankedJSON)) }),
        ]
        guard pairs.indices.contains(mask) else { return object }
        if sides.count == 2 { return object.followed(by: pairs[mask][0].json) }
        let all = zip(SidePair.all(sides.count), pairs[mask]).map { pair, reading in
          JSONObject(["a": .integer(pair.a), "b": .integer(pair.b)]).followed(by: reading.json)
        }
        return object.followed(by: ["pairs": .objects(all)])
      })
  }

  /// How far the sides are apart at a mask: `KL(A|B) 0.412, JS 0.090`; of more than two sides each pair's JS.
  private func divergences(_ mask: Int) -> [String] {
    guard pairs.indices.contains(mask) else { return [] }
    let number = { (value: Double) in NumberText.finite(value, decimals: 3) }
    if sides.count == 2 {
      let own = pairs[mask][0].divergence
      return ["KL(A|B) \(number(own.forward))", "KL(B|A) \(number(own.backward))", "JS \(number(own.jensenShannon))"]
    }
    return zip(SidePair.all(sides.count), pairs[mask]).map { pair, reading in
      "JS \(ModelReference.letter(pair.a))\(ModelReference.letter(pair.b)) \(number(reading.divergence.jensenShannon))"
    }
  }

  /// Writes a table for each mask, the candidates of the sides beside one another.
  func write(to console: Console) throws(CommandError) {
    for mask in 0..<count {
      let entropies = sides.enumerated().compactMap { index, side in
        side[mask].entropy.map { "\(ModelReference.letter(index)) \(NumberText.fixed($0, decimals: 2)) bits" }
      }
      let name = count > 1 ? "mask \(mask + 1)" : "mask"
      try console.writeLine(
        console.ink(
          (["\(name): entropy \(entropies.joined(separator: ", "))"] + divergences(mask)).joined(separator: ", "),
          .heading))
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
