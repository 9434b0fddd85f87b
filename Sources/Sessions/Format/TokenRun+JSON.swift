import EngineAPI
import JSONText

/// Tokens as columns: an array for each number, one element for each token. Columns without a known number are left
/// out. `texts` are the tokens' bytes; if they are not valid UTF-8, `bytes` maps the token's index to them. The most
/// probable tokens beside the tokens are columns of their own (``TopColumns``). Earlier versions of the program wrote
/// these as objects, in `tops`.
extension TokenRun {
  /// The columns.
  var json: JSONObject {
    let indices = 0..<count
    var bytes = JSONObject()
    var tops = TopColumns()
    var coverages = JSONObject()
    var texts: [JSONValue] = []
    texts.reserveCapacity(count)
    var logprobs = Column()
    var ranks = Column()
    var entropies = Column()
    var sampled = Column()
    for index in indices {
      let token = self[index]
      texts.append(JSONValue.text(of: token.token.bytes, at: index, &bytes))
      logprobs.append(token.logprob.map { .exact($0) })
      ranks.append(token.rank.map(JSONValue.integer))
      entropies.append(token.entropy.map { .exact($0) })
      sampled.append(token.sampledLogprob.map { .exact($0) })
      tops.append(token.top)
      if case .partial(let candidates, let mass) = token.coverage {
        coverages["\(index)"] = [.integer(candidates), .exact(mass)]
      }
    }
    var object: JSONObject = ["ids": .ints(indices.map(id(at:))), "texts": .array(texts)]
    if bytes.count > 0 { object["bytes"] = .object(bytes) }
    object["logprobs"] = logprobs.json
    object["ranks"] = ranks.json
    object["entropies"] = entropies.json
    object["sampled_logprobs"] = sampled.json
    tops.write(to: &object)
    if coverages.count > 0 { object["coverages"] = .object(coverages) }
    return object
  }

  /// Reads columns.
  init(_ members: Members) throws(RecordProblem) {
    self.init()
    let ids = try members.array("ids")
    let texts = try members.column("texts", ids.count)
    let bytes = try members.optional("bytes", TokenRun.members)
    let logprobs = try members.column("logprobs", ids.count)
    let ranks = try members.column("ranks", ids.count)
    let entropies = try members.column("entropies", ids.count)
    let sampled = try members.column("sampled_logprobs", ids.count)
    let columns = try TopColumns.read(members, rows: ids.count)
    let tops = try members.optional("tops", TokenRun.members)
    let coverages = try members.optional("coverages", TokenRun.members)
    for (index, id) in ids.enumerated() {
      let own = try bytes?.optional("\(index)", Members.bytes)
      let value = TokenValue(id: try Members.int(id, "ids"), bytes: own ?? texts?[index].bytes ?? [])
      var token = ScoredToken(
        token: value, logprob: try logprobs.number(index, "logprobs"), rank: try ranks?[index].whole("ranks"),
        entropy: try entropies.number(index, "entropies"),
        sampledLogprob: try sampled.number(index, "sampled_logprobs"))
      if let columns { token.top = columns[index] }
      for top in try tops?.optional("\(index)", Members.array) ?? [] {
        token.top.append(try RankedToken(try Members(top)))
      }
      if let coverage = try coverages?.optional("\(index)", Members.array) {
        guard coverage.count == 2 else { throw Members.problem("coverages", "[candidates, mass]", .array(coverage)) }
        token.coverage = .partial(
          candidates: try Members.int(coverage[0], "coverages"), mass: try Members.double(coverage[1], "coverages"))
      }
      append(token)
    }
  }

  private static func members(_ value: JSONValue, _ key: String) throws(RecordProblem) -> Members { try Members(value) }
}

extension Members {
  /// A column of a number of rows; `nil` if it is missing.
  func column(_ key: String, _ rows: Int) throws(RecordProblem) -> [JSONValue]? {
    guard let values = try optional(key, Members.array) else { return nil }
    guard values.count == rows else {
      throw RecordProblem(expected: "\(rows) values in '\(key)'", found: "\(values.count)")
    }
    return values
  }
}

extension [JSONValue]? {
  /// A number of a column; `nil` if it is unknown.
  func number(_ index: Int, _ key: String) throws(RecordProblem) -> Double? {
    guard let value = self?[index], !value.isNull else { return nil }
    return try Members.double(value, key)
  }
}

extension JSONValue {
  func whole(_ key: String) throws(RecordProblem) -> Int? { isNull ? nil : try Members.int(self, key) }

  /// The text of a token's bytes. If these are no UTF-8, they are put into `rest`.
  static func text(of bytes: [UInt8], at index: Int, _ rest: inout JSONObject) -> JSONValue {
    if String(validating: bytes, as: UTF8.self) != nil { return .string(ByteString(bytes)) }
    rest["\(index)"] = .ints(bytes.map(Int.init))
    return JSONValue(String(decoding: bytes, as: UTF8.self))
  }
}

extension RankedToken {
  /// Reads `{"id", "text", "logprob", "rank"}`, and `bytes` where these are no UTF-8.
  fileprivate init(_ members: Members) throws(RecordProblem) {
    let text = try members.text("text")
    let bytes = try members.optional("bytes", Members.bytes) ?? Array(text.utf8)
    self.init(
      token: TokenValue(id: try members.int("id"), bytes: bytes),
      logprob: try members.optional("logprob", Members.double), rank: try members.optional("rank", Members.int))
  }
}
