/// Token sequences in which some tokens are masked anew in each epoch (Devlin et al. 2019, arXiv:1810.04805; Liu et al.
/// 2019, arXiv:1907.11692): 80 % of the chosen ones become the mask, 10 % a random token, 10 % stay.
struct MaskedExamples: ExampleSet {
  /// A sequence before masking.
  struct Sequence {
    let ids: [Int]
    /// For each token, the word that it belongs to; `nil` for special tokens, which are never masked. Without whole
    /// words, each token is its own word.
    let words: [Int?]
  }

  let sequences: [Sequence]
  let mask: Int
  let vocabulary: Int
  let probability: Double
  let seed: UInt64

  var count: Int { sequences.count }

  func ids(_ index: Int) -> [Int] { sequences[index].ids }

  func example(_ index: Int, epoch: Int) -> TrainingExample {
    let sequence = sequences[index]
    var generator = CounterGenerator(seed: seed, 1, UInt64(epoch), UInt64(index))
    var (ids, positions, targets) = (sequence.ids, [Int](), [Int]())
    var chosen: [Int: Bool] = [:]
    for (position, word) in sequence.words.enumerated() {
      guard let word else { continue }
      let isChosen = chosen[word] ?? (generator.uniform() < probability)
      chosen[word] = isChosen
      guard isChosen else { continue }
      positions.append(position)
      targets.append(ids[position])
      let draw = generator.uniform()
      if draw < 0.8 {
        ids[position] = mask
      } else if draw < 0.9 {
        ids[position] = generator.whole(below: vocabulary)
      }
    }
    return TrainingExample(ids: ids, positions: positions, targets: .classes(targets))
  }
}

/// Running text in which spans are replaced by sentinels, and the model predicts the spans (Raffel et al. 2020,
/// arXiv:1910.10683, section 3.1.4): 15 % of the tokens, in spans of three on average.
struct CorruptedSpans: ExampleSet {
  let sequences: [[Int]]
  /// The sentinels in the order of their use.
  let sentinels: [Int]
  let start: Int
  let end: Int
  let probability: Double
  let seed: UInt64

  private static let meanLength = 3.0

  var count: Int { sequences.count }

  func ids(_ index: Int) -> [Int] { sequences[index] }

  func example(_ index: Int, epoch: Int) -> TrainingExample {
    let ids = sequences[index]
    var generator = CounterGenerator(seed: seed, 2, UInt64(epoch), UInt64(index))
    let noise = min(max(Int((Double(ids.count) * probability).rounded()), 1), max(1, ids.count - 1))
    let spans = min(
      max(Int((Double(noise) / Self.meanLength).rounded()), 1), noise, max(1, ids.count - noise), sentinels.count)
    let noiseLengths = Self.parts(noise, spans, &generator)
    let keptLengths = Self.parts(max(ids.count - noise, spans), spans, &generator)
    var (source, target, next) = ([Int](), [Int](), 0)
    for span in 0..<spans {
      let kept = min(next + keptLengths[span], ids.count)
      source += ids[next..<kept] + [sentinels[span]]
      let hidden = min(kept + noiseLengths[span], ids.count)
      target += [sentinels[span]] + ids[kept..<hidden]
      next = hidden
    }
    source += ids[next...] + [end]
    target.append(end)
    return TrainingExample(
      source: source, ids: [start] + target.dropLast(), positions: Array(target.indices), targets: .classes(target))
  }

  /// Cuts `total` into `count` parts of at least one, at random places.
  private static func parts(_ total: Int, _ count: Int, _ generator: inout CounterGenerator) -> [Int] {
    let cuts = generator.permutation(total - 1).prefix(count - 1).map { $0 + 1 }.sorted()
    return zip([0] + cuts, cuts + [total]).map { $1 - $0 }
  }
}
