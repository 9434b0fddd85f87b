import Models
import Sampling
import Tensors

/// A text that a decoder model has processed: its ids, the KV cache, and the final hidden row of each position. From a
/// hidden row, the distribution after any prefix is computed without running the layers again.
///
/// A class, because it owns a `SequenceState`. `fork()` shares the storage of the positions read so far.
public final class ReadSequence {
  /// The number of input tokens per forward pass; other requests are served between passes. Results do not depend on
  /// it.
  public static let promptChunk = 256

  /// The model.
  public let model: any DecoderModel
  /// The encoder's input, of encoder-decoder models.
  public let source: [Int]?
  /// The ids read so far.
  public private(set) var ids: [Int] = []
  private let state: SequenceState
  private var runs: [Run] = []

  /// The hidden rows of one forward pass. `[positions, width]`
  private struct Run {
    var first: Int
    var rows: Tensor
    var end: Int { first + rows.rowCount }
  }

  private init(model: any DecoderModel, source: [Int]?, state: SequenceState) {
    self.model = model
    self.source = source
    self.state = state
  }

  /// An empty text.
  public convenience init(_ model: any CausalModel) {
    self.init(model: model, source: nil, state: model.makeState())
  }

  /// An empty text of a decoder, after its source has been encoded.
  /// - Throws: ``GenerationError/model(_:)``
  public convenience init(_ model: any Seq2SeqModel, source: [Int]) throws(GenerationError) {
    let encoder: EncoderState
    do throws(ModelError) { encoder = try model.encode(source) } catch { throw .model(error) }
    self.init(model: model, source: source, state: model.makeState(encoder))
  }

  /// The size of the keys, values and hidden rows in bytes. Other sequences may share a part of them.
  public var byteCount: Int {
    state.cacheBytes + runs.reduce(0) { $0 + $1.rows.count * MemoryLayout<Float>.stride }
  }

  /// A second text with the same beginning, independent from here on.
  public func fork() -> ReadSequence {
    let copy = ReadSequence(model: model, source: source, state: state.fork())
    copy.ids = ids
    copy.runs = runs
    return copy
  }

  /// A fork of the state alone, which holds all of `ids`.
  func forkState() -> SequenceState { state.fork() }

  /// The length of the common prefix with another text.
  public func commonPrefix(with other: [Int]) -> Int {
    zip(ids, other).prefix { $0 == $1 }.count
  }

  /// Forgets all ids from `count` on.
  public func truncate(to count: Int) {
    guard count < ids.count else { return }
    state.truncate(to: count)
    ids.removeLast(ids.count - count)
    while let last = runs.last, last.end > count {
      runs.removeLast()
      if last.first < count { runs.append(Run(first: last.first, rows: last.rows.rows(0..<(count - last.first)))) }
    }
  }

  /// The segment that reads more ids.
  func segment(reading new: [Int]) -> Segment { Segment(ids: new, state: state, wanted: .all) }

  /// Notes that a segment was read.
  /// - Parameter rows: the hidden rows of all its positions. `[ids, width]`
  func note(_ new: [Int], rows: Tensor) {
    runs.append(Run(first: ids.count, rows: rows.detached()))
    ids += new
  }

  /// The hidden row at a position that has been read; it predicts the next id. `[1, width]`
  public func hiddenRow(at position: Int) -> Tensor {
    precondition(ids.indices.contains(position), "position \(position) of \(ids.count) was not read")
    var low = 0
    var high = runs.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if runs[middle].first <= position { low = middle } else { high = middle - 1 }
    }
    let row = position - runs[low].first
    return runs[low].rows.rows(row..<(row + 1))
  }

  /// Reads ids until the sequence begins with all of `wanted`. Ids after a mismatch are removed first.
  /// - Parameter chunk: the maximum number of ids per forward pass; 0 means all at once.
  /// - Throws: ``GenerationError/model(_:)``, ``GenerationError/cancelled``.
  public func read(_ wanted: [Int], chunk: Int = 0, _ cancellation: Cancellation = .never) throws(GenerationError) {
    let common = commonPrefix(with: wanted)
    guard common < wanted.count else { return }
    truncate(to: common)
    while ids.count < wanted.count {
      try cancellation.check()
      let rest = wanted[ids.count...]
      let new = Array(chunk > 0 ? rest.prefix(chunk) : rest)
      note(new, rows: try model.read([segment(reading: new)]).tensor)
    }
  }

  /// The raw logits for the id after a text. Reads the part of the text that has not been read. `[vocabulary]`
  /// - Throws: ``GenerationError/emptyPrompt``, ``GenerationError/model(_:)``, ``GenerationError/cancelled``.
  public func logits(after wanted: [Int], _ cancellation: Cancellation = .never) throws(GenerationError) -> [Float] {
    guard !wanted.isEmpty else { throw .emptyPrompt }
    try read(wanted, chunk: Self.promptChunk, cancellation)
    return model.logits(hiddenRow(at: wanted.count - 1)).row(0)
  }
}

// The following functions wrap errors of models in ``GenerationError/model(_:)``.

extension DecoderModel {
  func read(_ segments: [Segment]) throws(GenerationError) -> HiddenRows {
    do throws(ModelError) { return try forward(segments) } catch { throw .model(error) }
  }
}

extension MaskedModel {
  func read(_ sequences: [MaskedSequence]) throws(GenerationError) -> HiddenRows {
    do throws(ModelError) { return try forward(sequences) } catch { throw .model(error) }
  }
}

extension LanguageModel {
  /// Checks ids before scoring, which does not pass the last id of a text to the model.
  /// - Throws: ``GenerationError/model(_:)`` if an id is not in the vocabulary.
  func check(_ ids: [Int]) throws(GenerationError) {
    let vocabulary = facts.vocabularySize
    if let id = ids.first(where: { !(0..<vocabulary).contains($0) }) {
      throw .model(.tokenOutOfRange(id: id, vocabulary: vocabulary))
    }
  }

  /// Calls `body` with the logits of each hidden row, in order. Computes a few rows at a time to limit memory.
  func forEachRow(
    of hidden: Tensor, _ cancellation: Cancellation, _ body: (Int, [Float]) throws(GenerationError) -> Void
  ) throws(GenerationError) {
    let atOnce = 32
    var first = 0
    while first < hidden.rowCount {
      try cancellation.check()
      let last = min(first + atOnce, hidden.rowCount)
      let logits = logits(hidden.rows(first..<last))
      for row in first..<last { try body(row, logits.row(row - first)) }
      first = last
    }
  }
}

extension Distribution {
  /// Throws if the logits do not define a distribution.
  /// - Parameter position: the position of the token that they predict, for the message.
  /// - Throws: ``GenerationError/flawedLogits(_:position:)``.
  public func check(at position: Int) throws(GenerationError) {
    if let flaw { throw .flawedLogits(flaw, position: position) }
  }
}

extension SamplerChain {
  /// Throws if the last draw or trace had flawed logits, or if masks and penalties removed every token.
  /// - Parameter position: the position of the token, for the message.
  /// - Throws: ``GenerationError/flawedLogits(_:position:)``, ``GenerationError/nothingLeft(position:)``.
  public func check(at position: Int) throws(GenerationError) {
    if let flaw { throw .flawedLogits(flaw, position: position) }
    if hasNothingLeft { throw .nothingLeft(position: position) }
  }
}
