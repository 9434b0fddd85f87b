import EngineAPI
import JSONText

/// The most probable tokens beside the tokens of a run as columns: `top_counts` has their number for each token of the
/// run. `top_ids`, `top_texts` and `top_logprobs` have a value for each of them, `top_ranks` too if a rank is not the
/// place in the list. `top_bytes` maps the index in these columns to the bytes that are not valid UTF-8.
struct TopColumns {
  private var counts: [JSONValue] = []
  private var ids: [JSONValue] = []
  private var texts: [JSONValue] = []
  private var bytes = JSONObject()
  private var logprobs = Column()
  private var ranks: [JSONValue] = []
  private var hasOwnRanks = false

  /// Adds the tokens beside the next token of the run.
  mutating func append(_ top: [RankedToken]) {
    counts.append(.integer(top.count))
    for (place, ranked) in top.enumerated() {
      texts.append(JSONValue.text(of: ranked.token.bytes, at: ids.count, &bytes))
      ids.append(.integer(ranked.token.id))
      logprobs.append(ranked.logprob.map { .exact($0) })
      ranks.append(ranked.rank.map(JSONValue.integer) ?? .null)
      if ranked.rank != place + 1 { hasOwnRanks = true }
    }
  }

  /// Adds the columns to the object of a run; none if there is no token.
  func write(to object: inout JSONObject) {
    guard !ids.isEmpty else { return }
    object["top_counts"] = .array(counts)
    object["top_ids"] = .array(ids)
    object["top_texts"] = .array(texts)
    if bytes.count > 0 { object["top_bytes"] = .object(bytes) }
    object["top_logprobs"] = logprobs.json
    if hasOwnRanks { object["top_ranks"] = .array(ranks) }
  }

  /// Reads the columns of a run with this number of tokens: the tokens beside each; `nil` if there are none.
  static func read(_ members: Members, rows: Int) throws(RecordProblem) -> [[RankedToken]]? {
    guard let counts = try members.column("top_counts", rows) else { return nil }
    let ids = try members.array("top_ids")
    let texts = try members.column("top_texts", ids.count)
    let bytes = try members.optional("top_bytes") { (value, _) throws(RecordProblem) in try Members(value) }
    let logprobs = try members.column("top_logprobs", ids.count)
    let ranks = try members.column("top_ranks", ids.count)
    var tops: [[RankedToken]] = []
    var next = 0
    for count in counts {
      let count = try Members.int(count, "top_counts", from: 0)
      guard count <= ids.count - next else { throw Members.mismatch("top_counts", "top_ids") }
      var top: [RankedToken] = []
      for place in 0..<count {
        let own = try bytes?.optional("\(next)", Members.bytes)
        let value = TokenValue(id: try Members.int(ids[next], "top_ids"), bytes: own ?? texts?[next].bytes ?? [])
        let rank: Int? = if let ranks { try ranks[next].whole("top_ranks") } else { place + 1 }
        top.append(RankedToken(token: value, logprob: try logprobs.number(next, "top_logprobs"), rank: rank))
        next += 1
      }
      tops.append(top)
    }
    guard next == ids.count else { throw Members.mismatch("top_counts", "top_ids") }
    return tops
  }
}

/// The values of one column, which is left out if none is known.
struct Column {
  private var values: [JSONValue] = []
  private var isKnown = false

  mutating func append(_ value: JSONValue?) {
    values.append(value ?? .null)
    if value != nil { isKnown = true }
  }

  var json: JSONValue? { isKnown ? .array(values) : JSONValue?.none }
}

extension Members {
  /// The problem that one column does not count the values of another.
  fileprivate static func mismatch(_ counts: String, _ values: String) -> RecordProblem {
    RecordProblem(expected: "as many values in '\(values)' as '\(counts)' counts", found: "another number")
  }
}
