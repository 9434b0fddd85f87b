import EngineAPI
import TerminalUI

/// Writes the fillings of gaps for people: a table for each gap, then the fillings of all together.
struct FillMaskText {
  let console: Console

  /// - Parameter joint: how many fillings of all gaps are shown.
  func write(_ result: FillMaskResult, joint: Int) throws(CommandError) {
    for (index, mask) in result.masks.enumerated() {
      if index > 0 { try console.writeLine() }
      let entropy = mask.entropy.map { "\(NumberText.fixed($0, decimals: 2)) bits" } ?? "not known"
      let known = mask.coverage.words(glyphs: console.glyphs).map { "; known: \($0)" } ?? ""
      let name = result.masks.count > 1 ? "mask \(index + 1)" : "mask"
      try console.writeLine(console.ink("\(name): entropy \(entropy)\(known)", .heading))
      try write(mask)
    }
    guard !result.joint.isEmpty else { return }
    try console.writeLine()
    try console.writeLine(console.ink("together", .heading))
    var table = Table([.right("log p"), .left("text")])
    for filling in result.joint.prefix(joint) {
      table.add([Cells.number(filling.logprob), .init(filling.sequence.onOneLine)])
    }
    for line in table.lines(console.ink) { try console.writeLine(line) }
  }

  private func write(_ mask: MaskAnswer) throws(CommandError) {
    var table = Table([.right("#"), .left("token"), .left(""), .right("prob."), .right("log p"), .left("text")])
    for candidate in mask.candidates {
      let ranked = candidate.ranked
      table.add([
        Cells.known(ranked.rank, Cells.count),
        Cells.token(ranked.token, glyphs: console.glyphs, logprob: ranked.logprob),
        Cells.bar(ranked.logprob, glyphs: console.glyphs), Cells.known(ranked.logprob, Cells.percent(_:)),
        Cells.known(ranked.logprob, Cells.number),
        .init(candidate.sequence.onOneLine, .dim),
      ])
    }
    for line in table.lines(console.ink) { try console.writeLine(line) }
  }
}
