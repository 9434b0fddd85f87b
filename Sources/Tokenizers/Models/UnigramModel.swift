/// The unigram language model (Kudo 2018): finds the segmentation with the highest sum of scores by the Viterbi
/// algorithm.
struct UnigramModel: TokenModel {
  let vocabulary: Vocabulary
  private let scores: [Double]
  private let trie: ByteTrie
  private let unknownID: Int?
  private let unknownScore: Double
  private let byteIDs: [Int32]?

  /// The score of an unknown character is the lowest score minus this, as in SentencePiece.
  private static let unknownPenalty = 10.0

  /// - Parameters:
  ///   - pieces: the pieces with their scores, in the order of their ids; of equal pieces, the last one wins.
  ///   - unknownID: the id for characters outside the vocabulary; a run of them becomes one token. If `nil`, they are
  ///     dropped.
  ///   - byteFallback: whether a run of unknown characters becomes `<0x..>` tokens if all of them are in the
  ///     vocabulary.
  ///   - isHidden: whether to exclude a piece from the search, and its score from that of unknown characters.
  init(
    pieces: [(piece: [UInt8], score: Double)], unknownID: Int?, byteFallback: Bool,
    isHidden: (Int) -> Bool = { _ in false }
  ) {
    var lowest: Double?
    var vocabulary = Vocabulary(minimumCapacity: pieces.count)
    var trie = ByteTrie(minimumEdges: pieces.count * 4)
    for (id, entry) in pieces.enumerated() {
      vocabulary.set(entry.piece, id: id)
      guard !isHidden(id) else { continue }
      if !entry.piece.isEmpty { trie.insert(entry.piece, value: id) }
      lowest = min(lowest ?? entry.score, entry.score)
    }
    self.vocabulary = vocabulary
    self.trie = trie
    self.unknownID = unknownID
    scores = pieces.map(\.score)
    unknownScore = (lowest ?? 0) - Self.unknownPenalty
    byteIDs = byteFallback ? byteTokenIDs(vocabulary) : nil
  }

  /// The best path to a byte position: its score, and the start and id of its last token.
  private struct Node {
    var score = 0.0
    var start: Int32 = -1
    var id: Int32 = -1
  }

  func tokenize(_ piece: TextBuffer, into tokens: inout [ModelToken]) {
    withUnsafeTemporaryAllocation(of: Node.self, capacity: piece.count + 1) { nodes in
      nodes.initialize(repeating: Node())
      fill(nodes, piece)
      collect(nodes, piece, &tokens)
    }
  }

  private func fill(_ nodes: UnsafeMutableBufferPointer<Node>, _ piece: TextBuffer) {
    var start = 0
    while start < piece.count {
      let score = nodes[start].score
      let length = piece.scalar(at: start).length
      var hasSingle = false
      var node: Int32 = 0
      var end = start
      while end < piece.count, let next = trie.child(node, piece[end]) {
        node = next
        end += 1
        let id = trie.values[Int(node)]
        guard id >= 0 else { continue }
        improve(&nodes[end], score + scores[Int(id)], start, id)
        if end - start == length { hasSingle = true }
      }
      if !hasSingle { improve(&nodes[start + length], score + unknownScore, start, Int32(unknownID ?? -1)) }
      start += length
    }
  }

  @inline(__always) private func improve(_ node: inout Node, _ score: Double, _ start: Int, _ id: Int32) {
    if node.start < 0 || score > node.score { node = Node(score: score, start: Int32(start), id: id) }
  }

  /// Follows the best path backwards, joins runs of unknown characters, and appends the tokens in order.
  private func collect(
    _ nodes: UnsafeMutableBufferPointer<Node>, _ piece: TextBuffer, _ tokens: inout [ModelToken]
  ) {
    let first = tokens.count
    var end = piece.count
    var openRun: Range<Int>?
    while end > 0 {
      let node = nodes[end]
      let start = Int(node.start)
      if Int(node.id) == unknownID ?? -1 {
        openRun = start..<(openRun?.upperBound ?? end)
      } else {
        if let run = openRun { appendUnknown(run, piece, &tokens) }
        openRun = nil
        tokens.append(ModelToken(id: Int(node.id), start: start, end: end))
      }
      end = start
    }
    if let run = openRun { appendUnknown(run, piece, &tokens) }
    tokens[first...].reverse()
  }

  /// Appends the tokens for a run of unknown characters, in reverse order.
  private func appendUnknown(_ run: Range<Int>, _ piece: TextBuffer, _ tokens: inout [ModelToken]) {
    if let id = vocabulary.id(of: TextBuffer(rebasing: piece[run])) {
      tokens.append(ModelToken(id: id, start: run.lowerBound, end: run.upperBound))
    } else if let byteIDs, run.allSatisfy({ byteIDs[Int(piece[$0])] >= 0 }) {
      for index in run.reversed() {
        tokens.append(ModelToken(id: Int(byteIDs[Int(piece[index])]), start: index, end: index + 1))
      }
    } else if let unknownID {
      tokens.append(ModelToken(id: unknownID, start: run.lowerBound, end: run.upperBound))
    }
  }
}
