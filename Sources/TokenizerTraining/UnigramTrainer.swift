import Sampling

/// Logarithms with the same bits on every machine.
enum Exact {
  static func log(_ x: Double) -> Double { Natural.log(x) }
  static func exp(_ x: Double) -> Double { Natural.exp(x) }
}

/// Learns a unigram language model over pieces (Kudo 2018): begins with all substrings that occur often, then in turns
/// estimates their probabilities by expectation maximization and drops those that the text needs least.
struct UnigramTrainer {
  /// A piece with the logarithm of its probability.
  struct Piece: Equatable {
    var text: [UInt8]
    var score: Double
  }

  private let recipe: TokenizerRecipe
  private let table: SubstringTable
  /// The numbers in the table of the pieces of the first model.
  private var seeds: [Int] = []
  private var isSingle: [Bool] = []
  private var lattices = Lattices()
  private var wordCounts: [Int] = []
  /// The lattices of the pieces themselves, for what would replace them.
  private var ownLattices = Lattices()
  private var frequencies: [UInt32: Int]

  /// Finds the pieces of the first model.
  init(_ alphabet: Alphabet, recipe: TokenizerRecipe) {
    self.recipe = recipe
    frequencies = alphabet.frequencies()
    // Cut long words, so that all lattices are short.
    var words: [Range<Int>] = []
    for word in alphabet.ends.indices {
      var range = alphabet.range(word)
      while !range.isEmpty {
        let part = range.prefix(Lattices.longestWord)
        words.append(part)
        wordCounts.append(alphabet.counts[word])
        range = part.upperBound..<range.upperBound
      }
    }
    var table = SubstringTable(characters: alphabet.characters)
    let longest = min(recipe.longestPiece, Lattices.longestWord)
    for (word, range) in words.enumerated() {
      for start in range {
        var hash = SubstringTable.emptyHash
        for length in 1...min(longest, range.upperBound - start) {
          hash = SubstringTable.extend(hash, by: alphabet.characters[start + length - 1])
          table.add(start: start, length: length, hash: hash, times: wordCounts[word])
        }
      }
    }
    self.table = table
    let numbers = chooseSeeds(alphabet.characters)
    let longestSeed = seeds.reduce(1) { max($0, Int(table.lengths[$1])) }
    lattices = Self.lattices(of: words, alphabet.characters, table, numbers, longestSeed)
    let own = seeds.map { Int(table.starts[$0])..<Int(table.starts[$0]) + Int(table.lengths[$0]) }
    ownLattices = Self.lattices(of: own, alphabet.characters, table, numbers, longestSeed)
  }

  /// Takes all characters, and of the longer substrings that occur at least twice those with the most text. A substring
  /// that is always followed by the same character is left out, because the longer one covers it.
  /// - Returns: the number of the seed of each substring; -1 for the others.
  private mutating func chooseSeeds(_ characters: [UInt32]) -> [Int32] {
    let table = table
    var isCovered = [Bool](repeating: false, count: table.count)
    for number in 0..<table.count where table.lengths[number] > 1 {
      let (start, length) = (Int(table.starts[number]), Int(table.lengths[number]) - 1)
      var hash = SubstringTable.emptyHash
      for index in start..<start + length { hash = SubstringTable.extend(hash, by: characters[index]) }
      if let shorter = table.number(start: start, length: length, hash: hash),
        table.counts[shorter] == table.counts[number]
      {
        isCovered[shorter] = true
      }
    }
    let singles = (0..<table.count).filter { table.lengths[$0] == 1 }
    var others = (0..<table.count).filter { table.lengths[$0] > 1 && table.counts[$0] > 1 && !isCovered[$0] }
    let room = max(0, recipe.seedSize - singles.count)
    if others.count > room {
      let weight = { (number: Int) in table.counts[number] * Int(table.lengths[number]) }
      others.sort { (weight($1), $0) < (weight($0), $1) }
      others.removeLast(others.count - room)
      others.sort()
    }
    seeds = singles + others
    isSingle = seeds.map { table.lengths[$0] == 1 }
    var numbers = [Int32](repeating: -1, count: table.count)
    for (seed, number) in seeds.enumerated() { numbers[number] = Int32(seed) }
    return numbers
  }

  private static func lattices(
    of words: [Range<Int>], _ characters: [UInt32], _ table: SubstringTable, _ numbers: [Int32], _ longest: Int
  ) -> Lattices {
    var lattices = Lattices()
    var places: [[Lattices.Edge]] = []
    for range in words {
      places = [[Lattices.Edge]](repeating: [], count: range.count)
      for start in range {
        var hash = SubstringTable.emptyHash
        for length in 1...min(longest, range.upperBound - start) {
          hash = SubstringTable.extend(hash, by: characters[start + length - 1])
          guard let number = table.number(start: start, length: length, hash: hash), numbers[number] >= 0 else {
            continue
          }
          places[start + length - 1 - range.lowerBound].append(
            Lattices.Edge(piece: numbers[number], length: UInt8(length)))
        }
      }
      lattices.append(places: places)
    }
    return lattices
  }

  /// Trains the model and returns its pieces, those of the highest scores first.
  /// - Parameters:
  ///   - size: the number of pieces.
  ///   - progress: called with the share that is done; returns whether to continue.
  func train(size: Int, progress: (Double) -> Bool) -> [Piece]? {
    let total = Double(seeds.reduce(0) { $0 + table.counts[$1] * Int(table.lengths[$1]) })
    var logprobs = seeds.map { Exact.log(Double(table.counts[$0] * Int(table.lengths[$0]))) - Exact.log(total) }
    let first = seeds.count
    // Prune to a tenth more than asked for; the last cut is by probability.
    let desired = max(size + size / 10, isSingle.lazy.filter { $0 }.count)
    while true {
      for _ in 0..<recipe.iterations { estimate(&logprobs) }
      let count = logprobs.lazy.filter { $0 > -.infinity }.count
      let done = first > desired ? Double(first - count) / Double(first - desired) : 1
      guard progress(min(max(done, 0), 1)) else { return nil }
      if count <= desired { break }
      prune(&logprobs, from: count, to: max(desired, Int(Double(count) * recipe.shrinkingFactor)))
    }
    return finished(logprobs, size: size)
  }

  /// One iteration of expectation maximization, with the digamma function in place of the logarithm, which favors
  /// frequent pieces (a Dirichlet prior with few expected occurrences).
  private func estimate(_ logprobs: inout [Double]) {
    let (expected, _) = lattices.expectations(logprobs.map(Exact.exp), counts: wordCounts)
    // Pieces with less than half an occurrence are dropped, except for characters, without which words have no
    // segmentation.
    var kept = expected
    for index in kept.indices where kept[index] < 0.5 { kept[index] = isSingle[index] ? 0.5 : 0 }
    let sum = Self.digamma(kept.reduce(0, +))
    for index in kept.indices {
      logprobs[index] = kept[index] > 0 ? Self.digamma(kept[index]) - sum : -.infinity
    }
  }

  /// Drops the pieces whose replacement by other pieces lowers the likelihood of the text least.
  private func prune(_ logprobs: inout [Double], from count: Int, to size: Int) {
    let current = logprobs
    let frequencies = lattices.bestCounts(current, counts: wordCounts)
    let sum = Double(frequencies.reduce(0, +))
    let logSum = Exact.log(sum)
    let losses = ownLattices.inBlocks { pieces in
      pieces.map { piece -> Double in
        guard current[piece] > -.infinity else { return -.infinity }
        if isSingle[piece] { return .infinity }
        let frequency = Double(frequencies[piece])
        // A piece that the best segmentations never use is the first to go.
        guard frequency > 0 else { return -.infinity }
        let parts = ownLattices.best(piece, current, without: piece).pieces
        guard !parts.isEmpty else { return .infinity }
        let after = Exact.log(sum + frequency * Double(parts.count - 1))
        let replaced = parts.reduce(0.0) { $0 + Exact.log(Double(frequencies[$1]) + frequency) - after }
        return frequency / sum * (Exact.log(frequency) - logSum - replaced)
      }
    }.flatMap { $0 }
    let order = losses.indices.filter { current[$0] > -.infinity }.sorted { a, b in
      losses[a] != losses[b] ? losses[a] > losses[b] : a < b
    }
    for piece in order.dropFirst(size) { logprobs[piece] = -.infinity }
  }

  /// The pieces of the final model: all characters, then the most probable others.
  private func finished(_ logprobs: [Double], size: Int) -> [Piece] {
    let known = logprobs.indices.filter { logprobs[$0] > -.infinity }
    var required = known.filter { isSingle[$0] }
    let byScore = { (a: Int, b: Int) in logprobs[a] != logprobs[b] ? logprobs[a] > logprobs[b] : a < b }
    required.sort(by: byScore)
    let missing = Set(recipe.initialAlphabet.unicodeScalars.map(\.value)).subtracting(frequencies.keys).sorted()
    let others = known.filter { !isSingle[$0] }.sorted(by: byScore)
      .prefix(max(0, size - required.count - missing.count))
    var pieces = (required + others).sorted(by: byScore).map { piece in
      Piece(text: table.characters(seeds[piece]).flatMap(PairTrainer.bytes), score: logprobs[piece])
    }
    // Characters that the text lacks are less probable than all others.
    let lowest = pieces.last?.score ?? 0
    for (index, character) in missing.enumerated() {
      pieces.append(Piece(text: PairTrainer.bytes(character), score: lowest - 0.0001 * Double(index + 1)))
    }
    return pieces
  }

  /// The derivative of the logarithm of the gamma function, by recurrence and its asymptotic series.
  static func digamma(_ x: Double) -> Double {
    var (x, result) = (x, 0.0)
    while x < 7 {
      result -= 1 / x
      x += 1
    }
    x -= 0.5
    let inverse = 1 / (x * x)
    let series = inverse * (1.0 / 24 - inverse * (7.0 / 960 - inverse * (31.0 / 8064 - inverse * 127.0 / 30720)))
    return result + Exact.log(x) + series
  }
}
