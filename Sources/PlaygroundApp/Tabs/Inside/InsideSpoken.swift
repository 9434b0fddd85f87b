import EngineAPI
import TerminalUI

extension InsideState {
  /// The panes as lines, for a playground without a screen.
  func spoken(_ focus: Focus, _ shell: Shell) -> [String]? {
    guard [.lens, .cell, .heads, .sums, .change, .following, .formats].contains(focus) else { return nil }
    guard let answer = look.answer else { return [emptyLine(shell)] }
    switch focus {
    case .lens: return spokenLens(answer, shell)
    case .cell:
      return ["\(Self.name(layer: row)) \(placeWords(answer, shell, glyphs: .unicode))"]
        + (prediction?.top.prefix(10).map(Self.words) ?? [])
        + answer.watched.map { watched in
          let layer = watched.layers.indices.contains(row) ? watched.layers[row] : watched.logprob
          return "watched \(visible(watched.text, keepsSpaces: true)): \(Self.percent(Probability.of(logprob: layer)))"
        }
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
    case .formats:
      guard let bend = formats.answer?.bend else { return [formatsLine(shell)] }
      return bend.layers.filter { $0.lens != nil }.map { layer in
        "\(Self.name(layer: layer.layer)): difference \(NumberText.fixed(layer.difference * 100, decimals: 2)) %, KL "
          + ChangeView.bits(layer.lens?.forward ?? 0)
      } + FormatsView.lines(bend, width: .max, glyphs: .unicode)
    case .following:
      return zip(["as it is", "changed"], written).compactMap { name, text in
        text.map { "\(name): \($0.trace.text(endOfText: shell.endOfText($0.trace)))" }
      }
    default:
      guard let change else { return [changeLine(shell)] + changes.map(\.option) }
      if change.hasNoEffect { return [ChangeView.withoutEffect] + changes.map(\.option) }
      return [
        "KL \(ChangeView.bits(change.divergence.forward)) bits, back \(ChangeView.bits(change.divergence.backward))"
      ]
        + change.pairs.prefix(10).map { pair in
          let numbers = [pair.before, pair.after].map { $0.map(Self.percent) ?? "less" }
          return
            "\(visible(bytes: pair.token.bytes)): \(numbers[0]) as it is, \(numbers[1]) \(areAllOff ? "without" : "changed")"
        }
    }
  }

  /// The layers at the cursor, the last one first.
  private func spokenLens(_ answer: InspectionAnswer, _ shell: Shell) -> [String] {
    let name = visible(bytes: answer.token.token.bytes)
    let head = placeWords(answer, shell, glyphs: .unicode) + ", token \(answer.position + 1) of \(answer.tokens.count)"
    if cells == .restored {
      guard let sweep = sweep.answer?.sweep, sweepLine == nil else { return [sweepLine ?? ""] }
      return [head]
        + sweep.restored.enumerated().reversed().map { layer, shares in
          let here = shares.indices.contains(answer.position) ? shares[answer.position] : 0
          return "\(Self.name(layer: layer + 1)): \(NumberText.fixed(here * 100, decimals: 0)) % restored"
        }
    }
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
