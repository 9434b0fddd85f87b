import EngineAPI
import TerminalUI

extension InsideState {
  /// The panes as lines, for a playground without a screen.
  func spoken(_ focus: Focus, _ shell: Shell) -> [String]? {
    guard [.lens, .cell, .heads, .sums, .change].contains(focus) else { return nil }
    guard let answer = look.answer else { return [emptyLine(shell)] }
    switch focus {
    case .lens: return spokenLens(answer, shell)
    case .cell:
      return ["\(Self.name(layer: row)) \(placeWords(answer, shell, glyphs: .unicode))"]
        + (prediction?.top.prefix(10).map(Self.words) ?? [])
    case .heads:
      return heads.map { ranked in
        let names = looksBack ? (kind == .encoder ? answer.source ?? [] : answer.tokens) : lookedAt(answer)
        let most = names.indices.contains(ranked.most) ? visible(bytes: names[ranked.most].bytes) : ""
        let keys = ranked.head.keyHead == ranked.head.head ? "" : ", keys of head \(ranked.head.keyHead + 1)"
        let share = Self.percent(ranked.share)
        return "layer \(ranked.head.layer + 1) head \(ranked.head.head + 1)\(keys): "
          + (looksBack ? "\(share) on it on average, most from \(most)" : "\(share) on \(most)")
      }
    case .sums:
      let sum = sums.answer?.logit.map { ["together: \(NumberText.signed($0))"] } ?? [sumsLine(shell)]
      return sum + orderedParts.map { "\($0.name): \(NumberText.signed($0.logit))" }
    default:
      guard let change else { return [] }
      return [
        "KL \(ChangeView.bits(change.divergence.forward)) bits, back \(ChangeView.bits(change.divergence.backward))"
      ]
        + change.pairs.prefix(10).map { pair in
          let numbers = [pair.before, pair.after].map { $0.map(Self.percent) ?? "less" }
          return "\(visible(bytes: pair.token.bytes)): \(numbers[0]) as it is, \(numbers[1]) without"
        }
    }
  }

  /// The layers at the cursor, the last one first.
  private func spokenLens(_ answer: InspectionAnswer, _ shell: Shell) -> [String] {
    let name = visible(bytes: answer.token.token.bytes)
    let head = placeWords(answer, shell, glyphs: .unicode) + ", token \(answer.position + 1) of \(answer.tokens.count)"
    let layers = answer.lens.reversed().map { layer -> String in
      if cells == .norms {
        let norm = answer.norms.indices.contains(layer.layer) ? answer.norms[layer.layer][answer.position] : 0
        return "\(Self.name(layer: layer.layer)): norm \(NumberText.fixed(norm, decimals: 1))"
      }
      let prediction = cells == .afterAttention ? layer.afterAttention ?? layer.prediction : layer.prediction
      let first = prediction.top.prefix(3).map(Self.words).joined(separator: ", ")
      let rank = prediction.finalRank.map { "; rank of \(name): \(NumberText.grouped($0))" } ?? ""
      return "\(Self.name(layer: layer.layer)): \(first)\(rank)"
    }
    let settled = answer.settled.map { ["\(name) is first from \(Self.name(layer: $0)) on"] }
    return [head] + layers + (settled ?? ["\(name) is not first in the last layer"]) + answer.notices
  }

  private static func words(_ ranked: RankedToken) -> String {
    "\(visible(bytes: ranked.token.bytes)) \(ranked.logprob.map { percent(Probability.of(logprob: $0)) } ?? "not known")"
  }

  private static func percent(_ probability: Double) -> String {
    String(NumberText.percent(probability).drop { $0 == " " })
  }
}
