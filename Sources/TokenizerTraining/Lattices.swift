import Dispatch
import Synchronization

/// All ways to cut words into known pieces: for each place in a word, the pieces that end there.
///
/// The lattices are built once, for all pieces of the first model. Later models have fewer of them: the probability of
/// a dropped piece is 0.
struct Lattices: Sendable {
  /// A piece that ends at a place.
  struct Edge: Sendable {
    /// The number of the piece.
    var piece: Int32
    /// Its length in characters.
    var length: UInt8
  }

  /// The edges of all places, in order.
  private(set) var edges: [Edge] = []
  /// For each place (the characters of all words, one after the other), the end of its edges.
  private(set) var placeEnds: [Int] = []
  /// For each word, the end of its places.
  private(set) var wordEnds: [Int] = []

  /// Appends a word. `edges` has the pieces that end after each of its characters.
  mutating func append(places: [[Edge]]) {
    for place in places {
      edges += place
      placeEnds.append(edges.count)
    }
    wordEnds.append(placeEnds.count)
  }

  /// The number of words.
  var count: Int { wordEnds.count }

  /// The places of a word.
  func places(_ word: Int) -> Range<Int> { (word > 0 ? wordEnds[word - 1] : 0)..<wordEnds[word] }

  /// The edges of a place.
  @inline(__always) func edges(_ place: Int) -> Range<Int> { (place > 0 ? placeEnds[place - 1] : 0)..<placeEnds[place] }

  /// The longest words, in characters: with this many, products of probabilities stay above the smallest double. Longer
  /// words are cut.
  static let longestWord = 28

  /// The expected number of occurrences of each piece, and the log-likelihood of the text in nats (Kudo 2018): forward
  /// and backward probabilities of each word, weighted by its count.
  func expectations(_ probabilities: [Double], counts: [Int]) -> (expected: [Double], likelihood: Double) {
    let parts = inBlocks { words in
      var expected = [Double](repeating: 0, count: probabilities.count)
      var likelihood = 0.0
      var forward = [Double](repeating: 0, count: Self.longestWord + 1)
      var backward = forward
      for word in words {
        let places = places(word)
        let length = places.count
        forward[0] = 1
        for end in 1...max(1, length) where length > 0 {
          var sum = 0.0
          for edge in edges(places.lowerBound + end - 1) {
            let edge = edges[edge]
            sum += forward[end - Int(edge.length)] * probabilities[Int(edge.piece)]
          }
          forward[end] = sum
        }
        guard length > 0, forward[length] > 0 else { continue }
        for end in 0..<length { backward[end] = 0 }
        backward[length] = 1
        let weight = Double(counts[word])
        likelihood += weight * Exact.log(forward[length])
        let scale = weight / forward[length]
        for end in stride(from: length, to: 0, by: -1) {
          for edge in edges(places.lowerBound + end - 1) {
            let edge = edges[edge]
            let start = end - Int(edge.length)
            let share = probabilities[Int(edge.piece)] * backward[end]
            backward[start] += share
            expected[Int(edge.piece)] += forward[start] * share * scale
          }
        }
      }
      return (expected, likelihood)
    }
    var total = [Double](repeating: 0, count: probabilities.count)
    var likelihood = 0.0
    for part in parts {
      for index in total.indices { total[index] += part.0[index] }
      likelihood += part.1
    }
    return (total, likelihood)
  }

  /// How often each piece occurs in the most probable segmentations.
  func bestCounts(_ logprobs: [Double], counts: [Int]) -> [Int] {
    let parts = inBlocks { words in
      var found = [Int](repeating: 0, count: logprobs.count)
      for word in words {
        for piece in best(word, logprobs, without: -1).pieces { found[piece] += counts[word] }
      }
      return found
    }
    var total = [Int](repeating: 0, count: logprobs.count)
    for part in parts { for index in total.indices { total[index] += part[index] } }
    return total
  }

  /// The most probable segmentation of a word, the last piece first. No pieces if there is none.
  /// - Parameter excluded: a piece that is not used; -1 for none.
  func best(_ word: Int, _ logprobs: [Double], without excluded: Int) -> (pieces: [Int], logprob: Double) {
    let places = places(word)
    let length = places.count
    var scores = [Double](repeating: -.infinity, count: length + 1)
    var last = [Int](repeating: -1, count: length + 1)
    scores[0] = 0
    for end in 1...max(1, length) where length > 0 {
      for index in edges(places.lowerBound + end - 1) {
        let edge = edges[index]
        guard Int(edge.piece) != excluded else { continue }
        let score = scores[end - Int(edge.length)] + logprobs[Int(edge.piece)]
        if score > scores[end] {
          scores[end] = score
          last[end] = index
        }
      }
    }
    guard scores[length] > -.infinity else { return ([], -.infinity) }
    var pieces: [Int] = []
    var end = length
    while end > 0 {
      let edge = edges[last[end]]
      pieces.append(Int(edge.piece))
      end -= Int(edge.length)
    }
    return (pieces, scores[length])
  }

  /// Calls `body` with ranges of words on all cores. The ranges depend on the words alone, so that sums over their
  /// results have the same bits for every number of threads.
  func inBlocks<R: Sendable>(_ body: @Sendable (Range<Int>) -> R) -> [R] {
    let size = max(1, (count + 15) / 16)
    let blocks = stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
    let results = Mutex([Int: R]())
    DispatchQueue.concurrentPerform(iterations: blocks.count) { index in
      let result = body(blocks[index])
      results.withLock { $0[index] = result }
    }
    return results.withLock { results in blocks.indices.compactMap { results[$0] } }
  }
}
