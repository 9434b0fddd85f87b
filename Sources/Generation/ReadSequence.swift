import Models
import Tensors

/// A text that a decoder has read: its ids, the keys and values, and the final hidden row at each position, from
/// which the distribution after any prefix can be had again without running the model.
///
/// A reference, as the state in it is. `fork()` shares what is read so far.
public final class ReadSequence {
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

  /// A second text with the same beginning, independent from here on.
  public func fork() -> ReadSequence {
    let copy = ReadSequence(model: model, source: source, state: state.fork())
    copy.ids = ids
    copy.runs = runs
    return copy
  }

  /// A fork of the state alone, which holds all of `ids`.
  func forkState() -> SequenceState { state.fork() }

  /// How many ids at the start are those of another text.
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

  /// The hidden row at a position that was read, from which the id after it is predicted. `[1, width]`
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

  /// Makes sure that exactly these ids are read, or that they are the beginning of what is read.
  /// - Parameter chunk: how many ids a forward pass takes; 0: all at once.
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

  /// The raw logits of the id that follows a text, which is read as far as it has not been. `[vocabulary]`
  /// - Throws: ``GenerationError/emptyPrompt``, ``GenerationError/model(_:)``, ``GenerationError/cancelled``.
  public func logits(after wanted: [Int], _ cancellation: Cancellation = .never) throws(GenerationError) -> [Float] {
    guard !wanted.isEmpty else { throw .emptyPrompt }
    try read(wanted, chunk: 256, cancellation)
    return model.logits(hiddenRow(at: wanted.count - 1)).row(0)
  }
}
