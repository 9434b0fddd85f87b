import EngineAPI
import JSONText

/// A line of the type `tokens`, read without building JSON values: most lines of a file are such, one for each token.
///
/// It accepts the members in the order in which ``SessionRecord/json`` writes them, without `bytes`, `coverages` and
/// the older `tops`. Every other line is left to ``SessionRecord/init(_:)``, which also finds what is wrong with it.
struct TokenLine {
  /// The node that the tokens are appended to.
  let node: NodeID
  /// The number of its tokens before.
  let start: Int
  /// The tokens.
  let tokens: [ScoredToken]

  /// Reads a line; `nil` if it has another form.
  init?(_ line: ArraySlice<UInt8>) {
    let read = line.withUnsafeBufferPointer { text -> (node: Int, start: Int, tokens: [ScoredToken])? in
      var reader = Reader(text)
      return reader.read()
    }
    guard let read else { return nil }
    (node, start, tokens) = (NodeID(read.node), read.start, read.tokens)
  }

  private struct Reader {
    private var scanner: JSONScanner
    private var tokens: [ScoredToken] = []

    init(_ text: UnsafeBufferPointer<UInt8>) { scanner = JSONScanner(text) }

    mutating func read() -> (node: Int, start: Int, tokens: [ScoredToken])? {
      guard scanner.accept("{\"type\":\"tokens\",\"node\":"), let node = scanner.integer(), node >= 0,
        scanner.accept(",\"at\":"), let start = scanner.integer(), start >= 0, readIDs(), readTexts(),
        readNumbers(",\"logprobs\":[", { $0.logprob = $1 }), readRanks(),
        readNumbers(",\"entropies\":[", { $0.entropy = $1 }),
        readNumbers(",\"sampled_logprobs\":[", { $0.sampledLogprob = $1 }), readTops(), scanner.accept("}"),
        scanner.isAtEnd
      else { return nil }
      return (node, start, tokens)
    }

    private mutating func readIDs() -> Bool {
      guard scanner.accept(",\"ids\":[") else { return false }
      if scanner.accept("]") { return true }
      while let id = scanner.integer() {
        tokens.append(ScoredToken(unpredicted: TokenValue(id: id, bytes: [])))
        if scanner.accept("]") { return true }
        guard scanner.accept(",") else { return false }
      }
      return false
    }

    private mutating func readTexts() -> Bool {
      readColumn(",\"texts\":[", isRequired: true) { (scanner, token) in
        guard let bytes = scanner.string() else { return false }
        token.token.bytes = bytes
        return true
      }
    }

    private mutating func readNumbers(_ name: StaticString, _ set: (inout ScoredToken, Double) -> Void) -> Bool {
      readColumn(name) { (scanner, token) in
        if scanner.accept("null") { return true }
        guard let number = scanner.double() else { return false }
        set(&token, number)
        return true
      }
    }

    private mutating func readRanks() -> Bool {
      readColumn(",\"ranks\":[") { (scanner, token) in
        if scanner.accept("null") { return true }
        token.rank = scanner.integer()
        return token.rank != nil
      }
    }

    /// Reads a value for each token; true also if the column is missing.
    private mutating func readColumn(
      _ name: StaticString, isRequired: Bool = false, _ read: (inout JSONScanner, inout ScoredToken) -> Bool
    ) -> Bool {
      guard scanner.accept(name) else { return !isRequired }
      for index in tokens.indices {
        if index > 0, !scanner.accept(",") { return false }
        guard read(&scanner, &tokens[index]) else { return false }
      }
      return scanner.accept("]")
    }

    private mutating func readTops() -> Bool {
      var counts: [Int] = []
      let hasCounts = readColumn(",\"top_counts\":[") { (scanner, _) in
        guard let count = scanner.integer(), count >= 0 else { return false }
        counts.append(count)
        return true
      }
      guard hasCounts else { return false }
      if counts.isEmpty { return true }
      guard
        readTopColumn(
          ",\"top_ids\":[", isRequired: true,
          { (scanner, token, place) in
            guard place == token.top.count, let id = scanner.integer() else { return false }
            token.top.append(RankedToken(token: TokenValue(id: id, bytes: []), logprob: nil, rank: place + 1))
            return true
          }, counts),
        readTopColumn(
          ",\"top_texts\":[", isRequired: true,
          { (scanner, token, place) in
            guard let bytes = scanner.string() else { return false }
            token.top[place].token.bytes = bytes
            return true
          }, counts)
      else { return false }
      let logprobs = readTopColumn(
        ",\"top_logprobs\":[", isRequired: false,
        { (scanner, token, place) in
          if scanner.accept("null") { return true }
          token.top[place].logprob = scanner.double()
          return token.top[place].logprob != nil
        }, counts)
      return logprobs
        && readTopColumn(
          ",\"top_ranks\":[", isRequired: false,
          { (scanner, token, place) in
            let isNull = scanner.accept("null")
            token.top[place].rank = isNull ? nil : scanner.integer()
            return isNull || token.top[place].rank != nil
          }, counts)
    }

    /// Reads a value for each of the most probable tokens beside each token.
    private mutating func readTopColumn(
      _ name: StaticString, isRequired: Bool, _ read: (inout JSONScanner, inout ScoredToken, Int) -> Bool,
      _ counts: [Int]
    ) -> Bool {
      guard scanner.accept(name) else { return !isRequired }
      var isFirst = true
      for (index, count) in counts.enumerated() {
        for place in 0..<count {
          if !isFirst, !scanner.accept(",") { return false }
          isFirst = false
          guard read(&scanner, &tokens[index], place) else { return false }
        }
      }
      return scanner.accept("]")
    }
  }
}
