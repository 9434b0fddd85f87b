import Generation
import Testing

@Suite struct StopStringTests {
  /// Short texts are split in all ways; long ones into single characters, into pairs, and not at all.
  private func cuts(_ text: String) -> [[String]] {
    let characters = Array(text)
    guard characters.count <= 9 else { return [characters.map(String.init), [text]] }
    return (0..<(1 << max(characters.count - 1, 0))).map { mask in
      var pieces = [""]
      for (index, character) in characters.enumerated() {
        pieces[pieces.count - 1].append(character)
        if mask >> index & 1 == 1 { pieces.append("") }
      }
      return pieces
    }
  }

  private func run(_ pieces: [String], _ stops: [String]) -> (text: String, isStopped: Bool, outputs: [String]) {
    var scanner = StopStringScanner(stops)
    var outputs: [String] = []
    for piece in pieces {
      outputs.append(scanner.append(piece))
      if scanner.isStopped { break }
    }
    outputs.append(scanner.finish())
    return (outputs.joined(), scanner.isStopped, outputs)
  }

  @Test(arguments: [
    ("abcdef", ["cd"], "ab"), ("aababc", ["abc"], "aab"), ("aaaab", ["aab"], "aa"), ("xyz", ["z"], "xy"),
    ("xyz", ["xyz"], ""), ("hello", ["lo", "ell"], "h"), ("hello", ["ello!", "l"], "he"), ("añb", ["ñ"], "a"),
    ("a🙂b", ["🙂"], "a"), ("end\n\n.", ["\n\n"], "end"),
  ])
  func theTextEndsBeforeTheFirstStopStringHoweverItIsSplit(text: String, stops: [String], expected: String) {
    for pieces in cuts(text) {
      let result = run(pieces, stops)
      #expect(result.isStopped)
      #expect(result.text == expected, "\(pieces)")
    }
  }

  @Test(arguments: [("abcab", ["abd", "cc"]), ("e\u{301}", ["é"]), ("\r\n", ["\n\r"]), ("", ["x"]), ("stop", [""])])
  func aTextWithoutAStopStringIsReturnedCompletely(text: String, stops: [String]) {
    for pieces in cuts(text) {
      let result = run(pieces, stops)
      #expect(!result.isStopped)
      #expect(Array(result.text.utf8) == Array(text.utf8), "\(pieces)")
    }
  }

  @Test(arguments: [
    ("once upon a ti", "me flies", "time", ""), ("a sto", "p? a stop!", "stop", ""), ("a sto", "ol", "stop", "ol"),
    ("it stop", "s", "stop", "s"), ("aab", "aabc", "abaab", ""), ("xab", "abc", "abc", ""),
  ])
  func aStopStringMayBeginInThePrompt(before: String, text: String, stop: String, expected: String) {
    for pieces in cuts(text) {
      var scanner = StopStringScanner([stop])
      scanner.begin(after: before)
      var found = ""
      for piece in pieces where !scanner.isStopped { found += scanner.append(piece) }
      found += scanner.finish()
      #expect(found == expected, "\(pieces)")
    }
  }

  @Test func onlyPossibleBeginningsOfAStopStringAreHeldBack() {
    var scanner = StopStringScanner(["abcd"])
    #expect(scanner.append("xxab") == "xx")
    #expect(scanner.append("c") == "")
    #expect(scanner.append("x") == "abcx")
    #expect(scanner.append("abc") == "")
    #expect(scanner.finish() == "abc")
  }

  @Test func nothingComesAfterTheStop() {
    var scanner = StopStringScanner(["b"])
    #expect(scanner.append("abc") == "a")
    #expect(scanner.append("more") == "")
    #expect(scanner.finish() == "")
  }
}
