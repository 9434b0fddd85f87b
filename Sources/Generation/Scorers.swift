import Models
import Sampling
import Tensors

/// Scores a text token by token under a model that reads from left to right.
public struct CausalScorer {
  private let model: any CausalModel
  private let topCount: Int

  /// Creates a scorer that also returns the `topCount` most probable ids at each position.
  public init(_ model: any CausalModel, topCount: Int = 0) {
    self.model = model
    self.topCount = topCount
  }

  /// Scores ids. The first id has no prediction.
  ///
  /// A text longer than the context is scored with a sliding window that starts at multiples of the stride. Each token
  /// is scored once, in the first window that contains it, where it has the longest context.
  ///
  /// - Parameters:
  ///   - ids: the text.
  ///   - stride: the distance between windows; `nil` means half the context. Only used for texts longer than the
  ///     context.
  ///   - progress: receives the share of the ids that are scored.
  /// - Throws: ``GenerationError/strideOutOfRange(limit:found:)``, ``GenerationError/contextTooShort(limit:found:)``,
  ///   ``GenerationError/model(_:)``, ``GenerationError/cancelled``.
  public func score(
    _ ids: [Int], stride: Int? = nil, _ cancellation: Cancellation = .never, progress: (Double) -> Void = { _ in }
  ) throws(GenerationError) -> [ScoredID] {
    var scoring = try begin(ids, stride: stride)
    var scored: [ScoredID] = []
    while true {
      let new = try scoring.next(cancellation)
      if new.isEmpty { return scored }
      scored += new
      progress(Double(scored.count) / Double(ids.count))
    }
  }

  /// Prepares to score ids a chunk at a time, with the results of ``score(_:stride:_:progress:)``.
  public func begin(_ ids: [Int], stride: Int? = nil) throws(GenerationError) -> CausalScoring {
    if !ids.isEmpty { try model.check(ids) }
    return CausalScoring(model, ids, ids.isEmpty ? [] : try windows(ids.count, stride: stride), topCount: topCount)
  }

  /// The windows of a text: the start of each, and the range of ids that it scores.
  private func windows(_ count: Int, stride: Int?) throws(GenerationError) -> [(start: Int, scored: Range<Int>)] {
    guard let context = model.facts.contextLength, count > context else { return [(0, 1..<max(count, 1))] }
    guard context > 1 else { throw .contextTooShort(limit: context, found: count) }
    let step = stride ?? context / 2
    guard step >= 1, step < context else { throw .strideOutOfRange(limit: context - 1, found: step) }
    var windows = [(start: 0, scored: 1..<context)]
    var start = step
    while windows[windows.count - 1].scored.upperBound < count {
      let next = windows[windows.count - 1].scored.upperBound
      windows.append((start, next..<min(start + context, count)))
      start += step
    }
    return windows
  }
}

/// A text that is being scored from left to right, a chunk of tokens at a time.
public struct CausalScoring {
  private let model: any CausalModel
  private let topCount: Int
  private let ids: [Int]
  private let windows: [(start: Int, scored: Range<Int>)]
  /// The window that is being read, the next position to read in it, and its state.
  private var window = 0
  private var position = 0
  private var state: SequenceState?
  /// The number of ids that are scored.
  public private(set) var done = 0

  fileprivate init(
    _ model: any CausalModel, _ ids: [Int], _ windows: [(start: Int, scored: Range<Int>)], topCount: Int
  ) {
    (self.model, self.ids, self.windows, self.topCount) = (model, ids, windows, topCount)
  }

  /// Scores the next ids, in the order of the text. Empty at the end.
  public mutating func next(_ cancellation: Cancellation = .never) throws(GenerationError) -> [ScoredID] {
    // The first id has no prediction.
    var new = done == 0 ? ids.prefix(1).map { ScoredID(unpredicted: $0) } : []
    while window < windows.count {
      try cancellation.check()
      let scored = windows[window].scored
      guard position < scored.upperBound - 1 else {
        window += 1
        state = nil
        if window < windows.count { position = windows[window].start }
        continue
      }
      let state = state ?? model.makeState()
      self.state = state
      let end = min(position + ReadSequence.promptChunk, scored.upperBound - 1)
      // The row at a position predicts the id after it.
      let first = max(position, scored.lowerBound - 1)
      let segment = Segment(
        ids: Array(ids[position..<end]), state: state,
        wanted: first < end ? .range(first - position..<end - position) : .none)
      let rows = try model.read([segment]).tensor
      position = end
      guard first < end else { continue }
      try model.forEachRow(of: rows, cancellation) { (row, logits) throws(GenerationError) in
        let place = first + row + 1
        new.append(try ScoredID(ids[place], logits: logits, topCount: topCount, position: place))
      }
      break
    }
    done += new.count
    return new
  }
}

/// Scores a text under a model that fills gaps: the pseudo-log-likelihood of Salazar et al. (2020), in which each
/// token is masked alone and predicted from all others.
public struct MaskedScorer {
  private let model: any MaskedModel
  private let maskID: Int
  private let topCount: Int

  /// A scorer of a model with this mask token.
  public init(_ model: any MaskedModel, maskID: Int, topCount: Int = 0) {
    self.model = model
    self.maskID = maskID
    self.topCount = topCount
  }

  /// Scores ids.
  ///
  /// - Parameters:
  ///   - ids: the text, special tokens included.
  ///   - isScored: whether the id at a position is scored; the others stay as they are and have no prediction.
  ///   - progress: receives the share of the ids that are scored.
  /// - Throws: ``GenerationError/model(_:)``, ``GenerationError/cancelled``.
  public func score(
    _ ids: [Int], where isScored: (Int) -> Bool = { _ in true }, _ cancellation: Cancellation = .never,
    progress: (Double) -> Void = { _ in }
  ) throws(GenerationError) -> [ScoredID] {
    try model.check(ids)
    var scored = ids.map { ScoredID(unpredicted: $0) }
    let positions = ids.indices.filter(isScored)
    var next = 0
    while next < positions.count {
      let batch = Array(positions[next..<min(next + Self.atOnce(ids.count), positions.count)])
      for (place, found) in zip(batch, try predict(batch, in: ids, cancellation)) { scored[place] = found }
      next += batch.count
      progress(Double(next) / Double(positions.count))
    }
    return scored
  }

  /// Scores the ids from a position on, as many as one pass takes. See ``score(_:where:_:progress:)``.
  /// - Returns: one result for each position; empty at the end of the text.
  public func next(
    _ ids: [Int], from first: Int, where isScored: (Int) -> Bool = { _ in true }, _ cancellation: Cancellation = .never
  ) throws(GenerationError) -> [ScoredID] {
    try model.check(ids)
    let range = min(first, ids.count)..<min(first + Self.atOnce(ids.count), ids.count)
    var scored = ids[range].map { ScoredID(unpredicted: $0) }
    let batch = range.filter(isScored)
    guard !batch.isEmpty else { return scored }
    for (place, found) in zip(batch, try predict(batch, in: ids, cancellation)) {
      scored[place - range.lowerBound] = found
    }
    return scored
  }

  /// The number of copies of a text of `count` ids in a pass.
  private static func atOnce(_ count: Int) -> Int { max(1, 512 / max(count, 1)) }

  /// The predictions of the ids at several positions, each masked in a copy of its own.
  private func predict(
    _ batch: [Int], in ids: [Int], _ cancellation: Cancellation
  ) throws(GenerationError) -> [ScoredID] {
    try cancellation.check()
    let copies = batch.map { position in
      var copy = ids
      copy[position] = maskID
      return MaskedSequence(ids: copy, wanted: .positions([position]))
    }
    var scored: [ScoredID] = []
    try model.forEachRow(of: try model.read(copies).tensor, cancellation) { (row, logits) throws(GenerationError) in
      scored.append(try ScoredID(ids[batch[row]], logits: logits, topCount: topCount, position: batch[row]))
    }
    return scored
  }
}

/// Scores a target text under an encoder-decoder model.
public struct TargetScorer {
  private let model: any Seq2SeqModel
  private let startID: Int
  private let topCount: Int

  /// A scorer of a model whose decoder starts with `startID`.
  public init(_ model: any Seq2SeqModel, startID: Int, topCount: Int = 0) {
    self.model = model
    self.startID = startID
    self.topCount = topCount
  }

  /// Scores every id of a target after its source.
  /// - Throws: ``GenerationError/model(_:)``, ``GenerationError/cancelled``.
  public func score(
    _ target: [Int], source: [Int], _ cancellation: Cancellation = .never, progress: (Double) -> Void = { _ in }
  ) throws(GenerationError) -> [ScoredID] {
    guard !target.isEmpty else { return [] }
    try model.check(target)
    let sequence = try ReadSequence(model, source: source)
    let inputs = [startID] + target.dropLast()
    var scored: [ScoredID] = []
    while scored.count < target.count {
      let first = scored.count
      let end = min(first + ReadSequence.promptChunk, inputs.count)
      try sequence.read(Array(inputs[..<end]), cancellation)
      for position in first..<end {
        try cancellation.check()
        let logits = model.logits(sequence.hiddenRow(at: position)).row(0)
        scored.append(
          try ScoredID(target[position], logits: logits, topCount: topCount, position: position))
      }
      progress(Double(scored.count) / Double(target.count))
    }
    return scored
  }
}

/// Scores fillings of one gap under a model that fills gaps. A filling may have several pieces.
///
/// Pieces are filled from left to right: a piece is predicted with the pieces before it in place and itself and those
/// after it masked. The log-probabilities of the pieces add up to that of the filling. A filling of one piece is scored
/// as ``MaskFiller`` scores a candidate.
public struct FillingScorer {
  /// The number of tokens in one forward pass over several texts.
  private static let idsAtOnce = 512

  private let model: any MaskedModel
  private let maskID: Int

  /// A scorer of a model with this mask token.
  public init(_ model: any MaskedModel, maskID: Int) {
    self.model = model
    self.maskID = maskID
  }

  /// The scored pieces of each filling.
  ///
  /// - Parameters:
  ///   - fillings: the ids of each filling, at least one each.
  ///   - ids: the text, special tokens included.
  ///   - gap: the position of the gap in `ids`; the filling takes its place.
  /// - Throws: ``GenerationError/model(_:)``, ``GenerationError/flawedLogits(_:position:)``,
  ///   ``GenerationError/cancelled``.
  public func score(
    _ fillings: [[Int]], in ids: [Int], gap: Int, _ cancellation: Cancellation = .never
  ) throws(GenerationError) -> [[ScoredID]] {
    for filling in fillings { try model.check(filling) }
    var scored = [[ScoredID]](repeating: [], count: fillings.count)
    let steps = fillings.indices.flatMap { filling in fillings[filling].indices.map { (filling, $0) } }
    var next = 0
    while next < steps.count {
      try cancellation.check()
      var batch: [MaskedSequence] = []
      var total = 0
      for (filling, piece) in steps[next...] {
        let pieces = fillings[filling]
        let masks = [Int](repeating: maskID, count: pieces.count - piece)
        let text = ids[..<gap] + pieces[..<piece] + masks + ids[(gap + 1)...]
        guard batch.isEmpty || total + text.count <= Self.idsAtOnce else { break }
        batch.append(MaskedSequence(ids: Array(text), wanted: .positions([gap + piece])))
        total += text.count
      }
      try model.forEachRow(of: try model.read(batch).tensor, cancellation) { (row, logits) throws(GenerationError) in
        let (filling, piece) = steps[next + row]
        scored[filling].append(
          try ScoredID(fillings[filling][piece], logits: logits, topCount: 0, position: gap + piece))
      }
      next += batch.count
    }
    return scored
  }
}
