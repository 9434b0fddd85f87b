import EngineAPI
import Tokenizers

/// Shows an example with the tokens that count.
struct ExampleView {
  let tokenizer: Tokenizer
  let labels: [String]

  /// The longest part of an example that is shown, in tokens.
  private static let mostShown = 48

  func show(_ example: TrainingExample, _ objective: TrainingObjective) -> TrainingStart.Example {
    var pieces: [TrainingStart.Example.Piece] = []
    // Text as it is read, so that words are separated as the tokenizer's decoder does it.
    var decoder = tokenizer.makeStreamingDecoder(skipSpecialTokens: false)
    func text(_ id: Int) -> String { decoder.append(id) }
    func add(_ text: String, _ counts: Bool) {
      if let last = pieces.last, last.counts == counts {
        pieces[pieces.count - 1].text += text
      } else {
        pieces.append(TrainingStart.Example.Piece(text: text, counts: counts))
      }
    }
    switch objective {
    case .causal:
      guard case .classes = example.targets else { break }
      let counted = Set(example.positions.map { $0 + 1 })
      for (index, id) in example.ids.enumerated().prefix(Self.mostShown) { add(text(id), counted.contains(index)) }
    case .masked:
      guard case .classes(let targets) = example.targets else { break }
      let wanted = Dictionary(zip(example.positions, targets)) { first, _ in first }
      for (index, id) in example.ids.enumerated().prefix(Self.mostShown) {
        if let target = wanted[index] {
          add(text(id), false)
          add("→" + piece(target), true)
        } else {
          add(text(id), false)
        }
      }
    case .seq2seq:
      guard case .classes(let targets) = example.targets else { break }
      for id in example.source.prefix(Self.mostShown) { add(text(id), false) }
      add(decoder.finish(), false)
      decoder = tokenizer.makeStreamingDecoder(skipSpecialTokens: false)
      add(" → ", false)
      for id in targets.prefix(Self.mostShown) { add(text(id), true) }
    case .preference:
      guard let pair = example.pair else { break }
      for (side, mark) in [(pair.chosen, " ✓ "), (pair.rejected, " ✗ ")] {
        decoder = tokenizer.makeStreamingDecoder(skipSpecialTokens: false)
        if side == pair.chosen {
          let count = min((side.positions.first ?? 0) + 1, Self.mostShown)
          for id in side.ids.prefix(count) { add(text(id), false) }
        }
        add(decoder.finish() + mark, false)
        decoder = tokenizer.makeStreamingDecoder(skipSpecialTokens: false)
        for id in side.targets.prefix(Self.mostShown) { add(text(id), true) }
      }
    case .tag:
      guard case .classes(let targets) = example.targets else { break }
      let wanted = Dictionary(zip(example.positions, targets)) { first, _ in first }
      for (index, id) in example.ids.enumerated().prefix(Self.mostShown) {
        add(text(id), false)
        if let target = wanted[index] { add("/\(label(target))", true) }
      }
    case .classify:
      for id in example.ids.prefix(Self.mostShown) { add(text(id), false) }
      let words: [String] =
        switch example.targets {
        case .classes(let classes): classes.map(label)
        case .labels(let values): values.indices.filter { values[$0] > 0.5 }.map(label)
        case .numbers(let numbers): numbers.map { "\($0)" }
        case .preference: []
        }
      add(" ", false)
      add("→ " + words.joined(separator: ", "), true)
    }
    return TrainingStart.Example(pieces: pieces)
  }

  private func piece(_ id: Int) -> String { String(decoding: tokenizer.bytes(of: id), as: UTF8.self) }

  private func label(_ number: Int) -> String { labels.indices.contains(number) ? labels[number] : "\(number)" }
}
