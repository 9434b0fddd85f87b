import EngineAPI
import Generation
import Inspection
import Models
import Platform

/// Following strings through texts and layers.
extension LocalEngine {
  /// The probability that a text goes on with each string, before each of its tokens. The text is read once; what a
  /// string adds is read after it and forgotten again.
  public func watch(_ request: WatchRequest) async throws(EngineError) -> [[Double?]] {
    let loaded = try await model(of: request.context)
    let strings = request.strings.map { StringTokens($0, vocabulary: loaded.writtenBytes) }
    let ids = request.context.ids
    let source = loaded.route(of: request.context).source
    let inputs = loaded.family == .seq2seq ? [loaded.startID] + ids.dropLast() : ids
    try loaded.check(ids, at: "the text", positions: true)
    try loaded.validateLength(inputs.count)
    let cancellation = Cancellation { Task.isCancelled }
    var rows: [[Double?]] = []
    do {
      let sequence: ReadSequence
      switch loaded.model {
      case .causal(let model): sequence = ReadSequence(model)
      case .seq2seq(let model): sequence = try ReadSequence(model, source: source ?? [])
      default: throw loaded.unfit("a model that goes on with a text")
      }
      for index in ids.indices {
        let before = Array(inputs.prefix(loaded.family == .seq2seq ? index + 1 : index))
        guard !before.isEmpty else {
          rows.append(strings.map { _ in nil })
          continue
        }
        var row: [Double?] = []
        for string in strings {
          let found = try string.probabilities { (more) throws(GenerationError) in
            [ProbabilityRow(try sequence.logits(after: before + more, cancellation))]
          }
          row.append(log(found.sums[0]))
        }
        rows.append(row)
        await Task.yield()
      }
      return rows
    } catch {
      throw EngineError(any: error)
    }
  }
}

extension LoadedModel {
  /// The bytes of each token of the vocabulary; empty for special tokens.
  var writtenBytes: [[UInt8]] {
    (0..<model.base.facts.vocabularySize).map { tokenizer.isSpecial($0) ? [] : tokenizer.bytes(of: $0) }
  }

  /// Strings at a position, by layer.
  func watched(_ strings: [String], _ reading: ProbedReading, at position: Int) throws(EngineError) -> [WatchedString] {
    guard !strings.isEmpty else { return [] }
    let vocabulary = writtenBytes
    let isSingle = family == .masked
    var found: [WatchedString] = []
    for string in strings {
      do throws(ModelError) {
        let (sums, count) = try StringTokens(string, vocabulary: vocabulary).probabilities(isSingle: isSingle) {
          (more) throws(ModelError) in
          guard !more.isEmpty else { return LogitLens(reading).rows(at: position) }
          let ids = Array(reading.ids[...position]) + more
          let longer = try ProbedReading(reading.model, ids: ids, source: reading.source, weights: .none)
          return LogitLens(longer).rows(at: ids.count - 1)
        }
        let layers = sums.map { log($0) }
        found.append(
          WatchedString(
            text: string, tokenizations: count, logprob: layers.last ?? -.infinity, layers: layers))
      } catch {
        throw EngineError(error)
      }
    }
    return found
  }
}
