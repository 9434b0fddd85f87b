import EngineAPI
import JSONText
import Platform

/// How the sides of a comparison differ over one text.
struct ComparisonResult: Sendable {
  /// The sides' models.
  let names: [String]
  /// Whether the sides have the same vocabulary.
  let hasOneVocabulary: Bool
  /// The compared positions; `nil` if the sides' tokens can't be compared.
  let positions: [ComparedPosition]?
  /// The score of the text under each side.
  let scores: [ScoreSummary]
  /// What each side cost.
  let costs: [SideCost]
  /// The parts of the text between the boundaries that all tokenizers have in common, if the tokens can't be compared.
  let stretches: [TextStretch]?
  /// What the sides put in place of masks; `nil` if the text has none.
  let masks: ComparedMasks?
  /// Notices for the user.
  let notes: [String]
  /// Whether the work ended early.
  let isInterrupted: Bool

  /// The pairs of sides with their figures; empty if the tokens can't be compared.
  var pairs: [(pair: SidePair, summary: PairSummary)] {
    guard let positions else { return [] }
    return SidePair.all(names.count).enumerated().map { index, pair in
      (pair, PairSummary(positions.map { $0.pairs[index] }))
    }
  }

  /// The members of the JSON output.
  /// - Parameter hasPositions: whether the positions are among them.
  func json(positions hasPositions: Bool) -> JSONObject {
    var object: JSONObject = [
      "models": .array(names.map { .text($0) }), "same_vocabulary": .bool(hasOneVocabulary),
    ]
    let pairs = pairs
    if hasPositions {
      object["positions"] =
        positions.map { .objects($0.map { $0.json(pair: pairs.count == 1 ? 0 : nil) }) } ?? .null
    }
    if pairs.count == 1 {
      object = object.followed(by: pairs[0].summary.json)
    } else if pairs.isEmpty {
      object = object.followed(by: PairSummary([]).json)
    } else {
      object["pairs"] = .objects(
        pairs.enumerated().map { index, entry in
          var pair: JSONObject = ["a": .integer(entry.pair.a), "b": .integer(entry.pair.b)]
          if hasPositions {
            pair["positions"] = .objects((positions ?? []).map { $0.pairs[index].json })
          }
          return pair.followed(by: entry.summary.json)
        })
    }
    object["bits_per_byte"] = .array(scores.map { .number($0.bitsPerByte) })
    if let stretches, hasPositions { object["stretches"] = .objects(stretches.map(\.json)) }
    if let masks { object["masks"] = masks.json }
    if isInterrupted { object["finish_reason"] = .text(FinishReason.interrupted.name) }
    return object
  }
}

extension ComparedPosition {
  /// `{"token", "kl_ab", …, "logprob", "rank", "entropy", "index"}`.
  /// - Parameter pair: the index of the pair whose figures are members of the position; `nil` for none.
  fileprivate func json(pair: Int?) -> JSONObject {
    var object: JSONObject = ["token": .object(token.json)]
    if let pair { object = object.followed(by: pairs[pair].json) }
    object = object.followed(by: [
      "logprob": .array(readings.map { .number($0.logprob) }), "rank": .array(readings.map { .whole($0.rank) }),
      "entropy": .array(readings.map { .number($0.entropy) }), "index": .integer(index),
    ])
    if readings.contains(where: { !$0.top.isEmpty }) {
      object["top"] = .array(readings.map { .objects($0.top.map(\.rankedJSON)) })
    }
    return object
  }
}

extension PairReading {
  /// `{"kl_ab", "kl_ba", "js", "total_variation", "top_agrees", "top10_overlap"}`.
  var json: JSONObject {
    var object = divergence.json
    object["top_agrees"] = .bool(topAgrees)
    object["top10_overlap"] = .integer(overlap)
    if let afterChain { object["after_chain"] = .object(afterChain.json) }
    return object
  }
}

extension Divergence {
  /// `{"kl_ab", "kl_ba", "js", "total_variation"}`; an infinite divergence is `null`.
  var json: JSONObject {
    [
      "kl_ab": .double(forward), "kl_ba": .double(backward), "js": .double(jensenShannon),
      "total_variation": .double(totalVariation),
    ]
  }
}

/// The figures of two sides over the positions of one text or of several.
struct PairSummary: Sendable {
  /// The mean of KL(A‖B) in bits; `nil` without positions.
  let meanForward: Double?
  /// The 99th percentile of KL(A‖B), interpolated linearly between positions.
  let highForward: Double?
  /// The standard deviation of KL(A‖B).
  let deviation: Double?
  /// The mean of KL(B‖A).
  let meanBackward: Double?
  /// The mean of the Jensen-Shannon divergence.
  let meanShannon: Double?
  /// The mean of the Jensen-Shannon divergence after the chains; `nil` without chains.
  let meanShannonAfterChain: Double?
  /// The share of positions at which the most probable tokens agree.
  let agreement: Double?
  /// The index of the first position at which they differ.
  let firstDivergence: Int?

  /// The figures of these positions.
  init(_ readings: [PairReading]) {
    let forward = readings.map(\.divergence.forward)
    meanForward = Self.mean(forward)
    highForward = Self.percentile(0.99, of: forward)
    deviation = Self.mean(forward).flatMap { mean in
      Self.mean(forward.map { ($0 - mean) * ($0 - mean) }).map { $0.squareRoot() }
    }
    meanBackward = Self.mean(readings.map(\.divergence.backward))
    meanShannon = Self.mean(readings.map(\.divergence.jensenShannon))
    meanShannonAfterChain = Self.mean(readings.compactMap(\.afterChain?.jensenShannon))
    agreement = Self.mean(readings.map { $0.topAgrees ? 1 : 0 })
    firstDivergence = readings.firstIndex { !$0.topAgrees }
  }

  private static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  /// A percentile between the two nearest values, as numpy's default; `nil` without values.
  static func percentile(_ share: Double, of values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let place = share * Double(sorted.count - 1)
    let low = Int(place)
    guard low + 1 < sorted.count, place > Double(low) else { return sorted[low] }
    return sorted[low] + (place - Double(low)) * (sorted[low + 1] - sorted[low])
  }

  /// `{"mean_kl_ab", "p99_kl_ab", "mean_kl_ba", "mean_js", "top_agreement", "first_divergence"}`.
  var json: JSONObject {
    var object: JSONObject = [
      "mean_kl_ab": .number(meanForward), "p99_kl_ab": .number(highForward), "mean_kl_ba": .number(meanBackward),
      "mean_js": .number(meanShannon), "top_agreement": .number(agreement),
      "first_divergence": .whole(firstDivergence),
    ]
    if let meanShannonAfterChain { object["mean_js_after_chain"] = .double(meanShannonAfterChain) }
    return object
  }
}

/// A part of a text between two boundaries that the tokens of all sides have in common.
struct TextStretch: Sendable, Hashable {
  /// The UTF-8 byte offsets.
  let range: Range<Int>
  /// The bytes as text; invalid UTF-8 becomes U+FFFD.
  let text: String
  /// The surprise of the part under each side, in bits.
  let bits: [Double]

  /// The stretches of a text, from the first boundary after which every side predicts all tokens.
  ///
  /// - Parameters:
  ///   - sides: each side's scored tokens with their byte offsets in the text.
  ///   - text: the bytes of the text.
  static func common(of sides: [(tokens: [ScoredToken], ranges: [Range<Int>])], in text: [UInt8]) -> [TextStretch] {
    // For each side the surprise of the text up to each boundary.
    let sums = sides.map { side in
      var sums: [Int: Double] = [:]
      var (sum, end, isKnown) = (0.0, 0, false)
      for (token, range) in zip(side.tokens, side.ranges) where !range.isEmpty {
        // Tokens that share a character end at the same boundary; only the last of them closes it.
        guard let logprob = token.logprob else {
          end = max(end, range.upperBound)
          (sum, isKnown, sums) = (0, true, [end: 0])
          continue
        }
        if !isKnown { (isKnown, sums[range.lowerBound]) = (true, 0) }
        if range.lowerBound < end { sums[end] = nil }
        sum -= logprob / log(2)
        end = max(end, range.upperBound)
        sums[end] = sum
      }
      return sums
    }
    guard let first = sums.first else { return [] }
    let boundaries = first.keys.filter { end in sums.allSatisfy { $0[end] != nil } }.sorted()
    return zip(boundaries, boundaries.dropFirst()).map { start, end in
      TextStretch(
        range: start..<end, text: String(decoding: text[start..<min(end, text.count)], as: UTF8.self),
        bits: sums.map { ($0[end] ?? 0) - ($0[start] ?? 0) })
    }
  }

  /// `{"start", "end", "text", "bits"}`.
  var json: JSONObject {
    [
      "start": .integer(range.lowerBound), "end": .integer(range.upperBound), "text": .text(text),
      "bits": .array(bits.map { .double($0) }),
    ]
  }
}
