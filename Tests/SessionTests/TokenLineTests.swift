import EngineAPI
import JSONText
import TestSupport
import Testing

@testable import Sessions

/// Lines with tokens are read without JSON values, and have the most probable tokens as columns.
@Suite struct TokenLineTests {
  private func run(_ dice: inout Dice, _ count: Int, top most: Int) -> TokenRun {
    var run = TokenRun()
    let texts = ["a", " b", "\n", "\"", "日本", "\u{85}", ""]
    for _ in 0..<count {
      let value = { (dice: inout Dice) in
        TokenValue(
          id: Int.random(in: 0..<90_000, using: &dice),
          bytes: Array(texts[Int.random(in: 0..<texts.count, using: &dice)].utf8))
      }
      let number = { (dice: inout Dice) in
        Bool.random(using: &dice) ? -Double.random(in: 0..<20, using: &dice) : Double?.none
      }
      var token = ScoredToken(
        token: value(&dice), logprob: number(&dice), rank: Bool.random(using: &dice) ? 3 : nil, entropy: number(&dice),
        sampledLogprob: number(&dice))
      for place in 0..<Int.random(in: 0...most, using: &dice) {
        token.top.append(RankedToken(token: value(&dice), logprob: number(&dice), rank: place + 1))
      }
      if most > 3, !token.top.isEmpty, Bool.random(using: &dice) { token.top[0].rank = nil }
      run.append(token)
    }
    return run
  }

  private func line(_ run: TokenRun) -> [UInt8] {
    Array(JSONValue.object(SessionRecord.tokens(NodeID(4), at: 7, run).json).serialized().utf8)
  }

  private func asValues(_ line: [UInt8]) throws -> SessionRecord? {
    try SessionRecord(try Members(try JSONValue(parsing: line)))
  }

  @Test(arguments: [0, 2, 5]) func aLineReadDirectlyHasTheTokensThatWereWritten(top: Int) throws {
    var dice = Dice(state: UInt64(top))
    for count in [0, 1, 1, 2, 7, 300] {
      let run = run(&dice, count, top: top)
      let read = try #require(TokenLine(line(run)[...]), "\(count) tokens")
      #expect(read.node == NodeID(4) && read.start == 7 && read.tokens == (0..<count).map { run[$0] })
      #expect(try asValues(line(run)) == .tokens(NodeID(4), at: 7, run))
    }
  }

  @Test func aChangedLineIsReadAsItsValuesOrNotDirectly() throws {
    var dice = Dice(state: 11)
    let alphabet = Array("0123456789,:[]{}\"-.e nulatopids\\".utf8) + [0, 0xFF]
    var (direct, other) = (0, 0)
    for _ in 0..<6_000 {
      var bytes = line(run(&dice, 2, top: 5))
      for _ in 0..<Int.random(in: 1...2, using: &dice) {
        let place = Int.random(in: 0..<bytes.count, using: &dice)
        switch Int.random(in: 0..<3, using: &dice) {
        case 0: bytes.remove(at: place)
        case 1: bytes.insert(alphabet[Int.random(in: 0..<alphabet.count, using: &dice)], at: place)
        default: bytes[place] = alphabet[Int.random(in: 0..<alphabet.count, using: &dice)]
        }
      }
      guard let read = TokenLine(bytes[...]) else {
        other += 1
        continue
      }
      direct += 1
      guard case .tokens(let node, let start, let values)? = try asValues(bytes) else {
        Issue.record("another line: \(String(decoding: bytes, as: UTF8.self))")
        continue
      }
      #expect(
        read.node == node && read.start == start && read.tokens == (0..<values.count).map { values[$0] },
        "\(String(decoding: bytes, as: UTF8.self))")
    }
    #expect(direct > 500 && other > 500)
  }

  @Test func earlierVersionsWroteTheMostProbableTokensAsObjects() throws {
    let old = """
      {"type":"tokens","node":4,"at":7,"ids":[1,2],"texts":["a","b"],"tops":{"1":[{"id":3,"text":"c","logprob":-0.5,\
      "rank":1},{"id":4,"text":"?","logprob":null,"rank":null,"bytes":[255]}]}}
      """
    guard case .tokens(_, _, let run)? = try asValues(Array(old.utf8)) else { throw Missing() }
    #expect(run[0].top.isEmpty)
    #expect(
      run[1].top == [
        RankedToken(token: TokenValue(id: 3, bytes: Array("c".utf8)), logprob: -0.5, rank: 1),
        RankedToken(token: TokenValue(id: 4, bytes: [255]), logprob: nil, rank: nil),
      ])
    #expect(TokenLine(line(run)[...])?.node == nil, "bytes that are no UTF-8 are read as values")
    #expect(try asValues(line(run)) == .tokens(NodeID(4), at: 7, run))
  }

  @Test func aCutRunKeepsTheMostProbableTokensOfItsOwnTokens() {
    var dice = Dice(state: 3)
    for count in [1, 5, 255, 256, 257, 600] {
      let whole = run(&dice, count, top: 3)
      for length in [0, 1, count / 2, count - 1] {
        var cut = whole
        cut.truncate(to: length)
        #expect(cut == TokenRun((0..<length).map { whole[$0] }), "\(length) of \(count)")
        #expect((0..<length).allSatisfy { cut.top(at: $0) == whole.top(at: $0) && cut.plainToken(at: $0).top.isEmpty })
      }
    }
  }
}

private struct Missing: Error {}
