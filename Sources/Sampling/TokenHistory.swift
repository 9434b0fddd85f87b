/// The text so far, as the sampler chain needs it: its ids, the end of the prompt, and the end-of-text ids.
///
/// A value type, so a copy is a fork.
public struct TokenHistory: Sendable {
  /// The prompt and the output after it.
  public private(set) var ids: [Int]
  /// The number of prompt ids at the beginning of `ids`.
  public let promptCount: Int
  /// The ids that end a text.
  public let endOfTextIDs: [Int]
  /// The encoder's input; for causal models the prompt.
  public let source: [Int]
  /// The number of occurrences of each id in the output.
  private(set) var outputCounts: [Int: Int] = [:]
  /// The distinct ids of prompt and output.
  private(set) var distinctIDs: [Int] = []
  /// The surprise of each id of the output after the chain, in bits; NaN if it is not known or the chain had removed
  /// the id.
  public private(set) var surprises: [Double] = []
  /// The sequences that end a repetition.
  public let sequenceBreakers: SequenceBreakers
  private var occurring: Set<Int> = []

  /// Creates the history of a prompt and existing output.
  /// - Parameters:
  ///   - source: the encoder's input; `nil` means the prompt.
  ///   - sequenceBreakers: the sequences that end a repetition.
  public init(
    prompt: [Int] = [], output: [Int] = [], endOfTextIDs: [Int] = [], source: [Int]? = nil,
    sequenceBreakers: SequenceBreakers = SequenceBreakers()
  ) {
    self.sequenceBreakers = sequenceBreakers
    self.source = source ?? prompt
    ids = []
    ids.reserveCapacity(prompt.count + output.count + 64)
    promptCount = prompt.count
    self.endOfTextIDs = endOfTextIDs
    for id in prompt { note(id) }
    for id in output { append(id) }
  }

  /// The number of ids in the output.
  public var outputCount: Int { ids.count - promptCount }

  /// The output.
  public var output: ArraySlice<Int> { ids[promptCount...] }

  /// Adds an id to the output.
  /// - Parameter surprise: its surprise after the chain, in bits; NaN if it is not known.
  public mutating func append(_ id: Int, surprise: Double = .nan) {
    note(id)
    surprises.append(surprise)
    outputCounts[id, default: 0] += 1
  }

  /// The history without its output.
  func withoutOutput() -> TokenHistory {
    TokenHistory(
      prompt: Array(ids[..<promptCount]), endOfTextIDs: endOfTextIDs, source: source, sequenceBreakers: sequenceBreakers
    )
  }

  /// The maximum surprise of ids that mirostat 2 keeps: initially 2 tau; each output id subtracts eta · (surprise -
  /// tau). Ids with unknown surprise change nothing.
  func surpriseBound(_ tau: Double, _ eta: Double) -> Double {
    surprises.reduce(2 * tau) { $1.isFinite ? $0 - eta * ($1 - tau) : $0 }
  }

  /// The ids that would complete an n-gram that already occurs in the text. For n = 1, all ids of the text.
  func idsCompletingNGrams(of size: Int) -> Set<Int> {
    guard size > 0, ids.count >= size else { return [] }
    let start = ids.count - size + 1
    var completing: Set<Int> = []
    for first in 0...(ids.count - size)
    where (0..<(size - 1)).allSatisfy({ ids[first + $0] == ids[start + $0] }) {
      completing.insert(ids[first + size - 1])
    }
    return completing
  }

  /// The ids that would complete an n-gram of the source. For n = 1, all ids of the source.
  func sourceIDsCompletingNGrams(of size: Int) -> Set<Int> {
    guard size > 0, source.count >= size, ids.count >= size - 1 else { return [] }
    let end = ids.suffix(size - 1)
    var completing: Set<Int> = []
    for first in 0...(source.count - size) where source[first..<(first + size - 1)].elementsEqual(end) {
      completing.insert(source[first + size - 1])
    }
    return completing
  }

  private mutating func note(_ id: Int) {
    ids.append(id)
    if occurring.insert(id).inserted { distinctIDs.append(id) }
  }
}
