/// What the chain must know of the text so far: which ids occurred, where the prompt ends, and which ids end a text.
///
/// A value: a copy is a fork.
public struct TokenHistory: Sendable {
  /// The prompt and the output after it.
  public private(set) var ids: [Int]
  /// How many of `ids` are the prompt.
  public let promptCount: Int
  /// The ids that end a text.
  public let endOfTextIDs: [Int]
  /// The encoder's input; of causal models the prompt.
  public let source: [Int]
  /// How often each id occurs in the output.
  private(set) var outputCounts: [Int: Int] = [:]
  /// The ids that occur in prompt or output, once each.
  private(set) var distinctIDs: [Int] = []
  /// The surprise of each id of the output after the chain, in bits; NaN where it is not known, or the chain had
  /// removed the id.
  public private(set) var surprises: [Double] = []
  /// What breaks repetitions.
  public let sequenceBreakers: SequenceBreakers
  private var occurring: Set<Int> = []

  /// The history of a prompt and of output that was made before.
  /// - Parameters:
  ///   - source: the encoder's input; `nil`: the prompt.
  ///   - sequenceBreakers: what breaks repetitions.
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

  /// How many ids the output has.
  public var outputCount: Int { ids.count - promptCount }

  /// The output.
  public var output: ArraySlice<Int> { ids[promptCount...] }

  /// Adds an id to the output.
  /// - Parameter surprise: its surprise after the chain, in bits; NaN where that is not known.
  public mutating func append(_ id: Int, surprise: Double = .nan) {
    note(id)
    surprises.append(surprise)
    outputCounts[id, default: 0] += 1
  }

  /// The text before any output.
  func withoutOutput() -> TokenHistory {
    TokenHistory(
      prompt: Array(ids[..<promptCount]), endOfTextIDs: endOfTextIDs, source: source, sequenceBreakers: sequenceBreakers
    )
  }

  /// The surprise up to which mirostat 2 keeps ids: 2 tau at first, and after each id of the output less by eta times
  /// what its surprise was above tau. An id whose surprise is not known changes nothing.
  func surpriseBound(_ tau: Double, _ eta: Double) -> Double {
    surprises.reduce(2 * tau) { $1.isFinite ? $0 - eta * ($1 - tau) : $0 }
  }

  /// The ids that would complete an n-gram that stands in the text already; with n = 1 every id of the text.
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

  /// The ids that would complete an n-gram of the source; with n = 1 every id of the source.
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
