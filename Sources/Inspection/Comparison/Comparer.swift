import EngineAPI
import Generation
import Models
import Sampling
import Tensors

/// Compares several sides over one text in lock step: a chunk of positions under every model, then the differences of
/// each pair. Only the logits of a few positions exist at a time.
public struct Comparer {
  /// A side: its model and text, and its chain.
  public struct Side {
    /// The model.
    public var model: AnyLanguageModel
    /// The ids of the encoder's input; encoder-decoder models only.
    public var encoded: [Int]
    /// The leading ids and those of the compared text.
    public var ids: [Int]
    /// The number of leading ids.
    public var leading: Int
    /// The start token of an encoder-decoder model, or the mask token of a masked model.
    public var specialID: Int
    /// The chain; `nil`: none.
    public var settings: SamplingSettings?
    /// The ids that end a text, for the chain.
    public var endOfTextIDs: [Int]
    /// The sequence breakers of the chain.
    public var sequenceBreakers: SequenceBreakers

    /// A side with these values.
    public init(
      model: AnyLanguageModel, encoded: [Int] = [], ids: [Int], leading: Int = 0, specialID: Int = 0,
      settings: SamplingSettings? = nil, endOfTextIDs: [Int] = [],
      sequenceBreakers: SequenceBreakers = SequenceBreakers()
    ) {
      self.model = model
      self.encoded = encoded
      self.ids = ids
      self.leading = leading
      self.specialID = specialID
      self.settings = settings
      self.endOfTextIDs = endOfTextIDs
      self.sequenceBreakers = sequenceBreakers
    }

    /// The compared text.
    var text: ArraySlice<Int> { ids.dropFirst(leading) }
  }

  /// The positions of the compared text, by index in it, that are compared.
  public let positions: [Int]
  /// The number of positions that have been compared.
  public private(set) var done = 0

  private let sides: [Side]
  private let pairs: [SidePair]
  private let readers: [TextReader]
  /// The reader of each side. Sides with the same model and text share one.
  private let readerOfSide: [Int]
  private let topCount: Int
  private let clock: () -> Double
  private var seconds: [Double]

  /// A comparison of sides with the same text.
  ///
  /// - Parameters:
  ///   - sides: two or more, of models with the same vocabulary.
  ///   - shared: for each side the first side with the same model and the same ids: itself, if there is none before it.
  ///   - topCount: the number of most probable ids listed with each position and side.
  ///   - isCompared: whether the id at an index of the text is compared, of masked models.
  ///   - clock: the seconds since some moment, for ``costs``.
  /// - Throws: ``GenerationError/model(_:)`` if an id is not in a vocabulary.
  public init(
    _ sides: [Side], shared: [Int]? = nil, topCount: Int = 0, where isCompared: (Int) -> Bool = { _ in true },
    clock: @escaping () -> Double = { 0 }
  ) throws(GenerationError) {
    self.sides = sides
    self.topCount = topCount
    self.clock = clock
    pairs = SidePair.all(sides.count)
    var readers: [TextReader] = []
    var readerOfSide: [Int] = []
    for (index, side) in sides.enumerated() {
      if let first = shared?[index], first < index {
        readerOfSide.append(readerOfSide[first])
        continue
      }
      readerOfSide.append(readers.count)
      readers.append(try Self.reader(side))
    }
    self.readers = readers
    self.readerOfSide = readerOfSide
    seconds = Array(repeating: 0, count: readers.count)
    // A decoder-only model doesn't predict its first id.
    let first = sides.contains { if case .causal = $0.model { $0.leading == 0 } else { false } } ? 1 : 0
    let count = sides.first?.text.count ?? 0
    positions = (first..<max(count, first)).filter(isCompared)
  }

  private static func reader(_ side: Side) throws(GenerationError) -> TextReader {
    let vocabulary = side.model.base.facts.vocabularySize
    if let id = side.ids.first(where: { !(0..<vocabulary).contains($0) }) {
      throw .model(.tokenOutOfRange(id: id, vocabulary: vocabulary))
    }
    switch side.model {
    case .causal(let model): return TextReader(model, ids: side.ids)
    case .masked(let model): return TextReader(model, maskID: side.specialID, ids: side.ids)
    case .seq2seq(let model):
      return try TextReader(model, encoded: side.encoded, startID: side.specialID, ids: side.ids)
    case .labeling: preconditionFailure("a model with labels has no distribution over tokens")
    }
  }

  /// What each side has cost so far.
  public var costs: [SideCost] {
    readerOfSide.map { SideCost(seconds: seconds[$0], tokens: readers[$0].readCount) }
  }

  /// The number of positions whose logits exist at the same time.
  private static let atOnce = 32

  /// Compares the next positions; none are left if the result is empty.
  /// - Throws: ``GenerationError/model(_:)``, ``GenerationError/flawedLogits(_:position:)``,
  ///   ``GenerationError/cancelled``.
  public mutating func next(_ cancellation: Cancellation = .never) throws(GenerationError) -> [Compared<Int>] {
    let chunk = readers.map(\.chunk).min() ?? 1
    let batch = Array(positions[done..<min(done + chunk, positions.count)])
    guard !batch.isEmpty else { return [] }
    var hidden: [Tensor] = []
    for (index, reader) in readers.enumerated() {
      let start = clock()
      let leading = sides[readerOfSide.firstIndex(of: index) ?? 0].leading
      hidden.append(try reader.rows(predicting: batch.map { $0 + leading }, cancellation))
      seconds[index] += clock() - start
    }
    var compared: [Compared<Int>] = []
    compared.reserveCapacity(batch.count)
    var first = 0
    while first < batch.count {
      try cancellation.check()
      let block = first..<min(first + Self.atOnce, batch.count)
      var logits: [[[Float]]] = []
      for (index, reader) in readers.enumerated() {
        let start = clock()
        let rows = reader.model.logits(hidden[index].rows(block))
        logits.append((0..<block.count).map { rows.row($0) })
        seconds[index] += clock() - start
      }
      compared += try compare(Array(batch[block]), logits)
      first = block.upperBound
    }
    done += batch.count
    return compared
  }

  /// Compares positions with these logits, by reader and position.
  private func compare(_ batch: [Int], _ logits: [[[Float]]]) throws(GenerationError) -> [Compared<Int>] {
    var results = [Result<Compared<Int>, GenerationError>?](repeating: nil, count: batch.count)
    results.withUnsafeMutableBufferPointer { results in
      let threads = ThreadTeam.threadCount
      ThreadTeam.parallel(batch.count, grain: (batch.count + threads - 1) / threads) { range in
        var bench = Bench(sides, pairs, readerOfSide, topCount)
        for row in range {
          do throws(GenerationError) {
            results[row] = .success(try bench.compare(batch[row], logits.map { $0[row] }))
          } catch {
            results[row] = .failure(error)
          }
        }
      }
    }
    var compared: [Compared<Int>] = []
    for result in results { if let result { compared.append(try result.get()) } }
    return compared
  }
}

/// Compares the sides at one position after another, with reused memory.
private struct Bench {
  private let sides: [Comparer.Side]
  private let pairs: [SidePair]
  private let readerOfSide: [Int]
  private let topCount: Int
  private var chains: [SamplerChain?]
  private var rows: [ProbabilityRow]
  private var chainRows: [ProbabilityRow]

  init(_ sides: [Comparer.Side], _ pairs: [SidePair], _ readerOfSide: [Int], _ topCount: Int) {
    self.sides = sides
    self.pairs = pairs
    self.readerOfSide = readerOfSide
    self.topCount = topCount
    chains = sides.map { $0.settings.map(SamplerChain.init) }
    rows = Array(repeating: ProbabilityRow(), count: (readerOfSide.max() ?? 0) + 1)
    chainRows = Array(repeating: ProbabilityRow(), count: sides.count)
  }

  /// The sides at a position of the text.
  /// - Parameter logits: the raw logits of each reader.
  mutating func compare(_ index: Int, _ logits: [[Float]]) throws(GenerationError) -> Compared<Int> {
    var own: [Distribution] = []
    for (reader, row) in logits.enumerated() {
      let distribution = Distribution(logits: row)
      try distribution.check(at: index)
      own.append(distribution)
      rows[reader].set(row)
    }
    let overlapping = PairReading.overlapping
    let best = own.map { $0.top(max(overlapping, topCount)) }
    let hasChains = chains.contains { $0 != nil }
    if hasChains {
      for side in sides.indices { chainRows[side].set(afterChain(side, index, logits[readerOfSide[side]])) }
    }
    let id = sides[0].text[sides[0].leading + index]
    let readings = readerOfSide.map { reader in
      var reading = own[reader].scored(id, topCount: 0)
      reading.top = Array(best[reader].prefix(topCount))
      return reading
    }
    let pairReadings = pairs.map { pair in
      let (a, b) = (readerOfSide[pair.a], readerOfSide[pair.b])
      let (bestA, bestB) = (best[a].prefix(overlapping), best[b].prefix(overlapping))
      let isChained = chains[pair.a] != nil || chains[pair.b] != nil
      return PairReading(
        divergence: rows[a].divergence(from: rows[b]), topAgrees: own[a].best == own[b].best,
        overlap: Set(bestA.map(\.id)).intersection(bestB.map(\.id)).count,
        afterChain: isChained ? chainRows[pair.a].divergence(from: chainRows[pair.b]) : nil)
    }
    let listed = Set(best.flatMap { $0.prefix(topCount).map(\.id) }).sorted()
    let candidates = listed.map { id in
      JointCandidate(token: id, logprobs: readerOfSide.map { own[$0].logprob(of: id) ?? -.infinity })
    }
    return Compared(index: index, token: id, readings: readings, pairs: pairReadings, candidates: candidates)
  }

  /// The logits after a side's chain, with -infinity for removed ids. The text before the position counts as prompt.
  private mutating func afterChain(_ side: Int, _ index: Int, _ logits: [Float]) -> [Float] {
    guard chains[side] != nil else { return logits }
    let place = sides[side]
    let isMasked = if case .masked = place.model { true } else { false }
    let start = if case .seq2seq = place.model { [place.specialID] } else { [Int]() }
    let before = isMasked ? [] : start + place.ids.prefix(place.leading + index)
    let history = TokenHistory(
      prompt: before, endOfTextIDs: place.endOfTextIDs, source: place.encoded.isEmpty ? nil : place.encoded,
      sequenceBreakers: place.sequenceBreakers)
    return chains[side]?.narrowed(logits, history: history) ?? logits
  }
}
