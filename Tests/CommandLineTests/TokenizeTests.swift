import EngineAPI
import Testing

@testable import CommandLineTool

/// `tokenize` and `detokenize`.
struct TokenizeTests {
  @Test func textShowsTheTokens() async {
    let outcome = await CommandWorld().run("tokenize", "-m", "cloze", "The capital é[MASK]")
    #expect(
      outcome
        == .init(
          exitCode: 0,
          output: """
            #   id  token     start  end
            0    0  <|end|>       0    0  special
            1  258  The           0    3
            2  259  ·capital      3   11
            3  262  ·            11   12
            4  197  \\xc3         12   13
            5  171  \\xa9         13   14
            6    1  [MASK]       14   20  special
            7    0  <|end|>       0    0  special

            """.replacing("3  262  ·", with: "3   34  ·"), errors: ""))
  }

  @Test func jsonIsOneObject() async {
    let outcome = await CommandWorld().run("tokenize", "-m", "cloze", "The[MASK]", "--json")
    let end = #"{"id":0,"text":"<|end|>","bytes":[60,124,101,110,100,124,62],"start":0,"end":0,"special":true}"#
    #expect(
      outcome
        == .init(
          exitCode: 0,
          output: """
            {"schema":1,"ids":[0,258,1,0],"tokens":[\(end),\
            {"id":258,"text":"The","bytes":[84,104,101],"start":0,"end":3,"special":false},\
            {"id":1,"text":"[MASK]","bytes":[91,77,65,83,75,93],"start":3,"end":9,"special":true},\(end)],\
            "model":"cloze"}

            """, errors: ""))
  }

  @Test func noSpecialOmitsSpecialTokens() async {
    let outcome = await CommandWorld().run("tokenize", "-m", "cloze", "The", "--no-special", "--json")
    #expect(outcome.output.hasPrefix(#"{"schema":1,"ids":[258],"#))
    let empty = await CommandWorld().run("tokenize", "", "--json")
    #expect(empty.output == #"{"schema":1,"ids":[],"tokens":[],"model":"storyteller"}"# + "\n")
  }

  @Test(arguments: [["258", "259"], ["258,259"], ["258, 259"], ["[258,259]"]])
  func idsAreReadInAnyForm(arguments: [String]) async {
    let outcome = await CommandWorld().run(["detokenize"] + arguments)
    #expect(outcome == .init(exitCode: 0, output: "Once upon\n", errors: ""))
  }

  @Test func manyIDsAsArgumentsTakeNoTime() async {
    let ids = Array(repeating: "258", count: 20_000)
    let outcome = await CommandWorld().run(["detokenize"] + ids + ["-q", "259", "--threads", "1"] + ids)
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.hasPrefix("OnceOnce"))
    #expect(outcome.output.hasSuffix("Once\n"))
    #expect(outcome.output.split(separator: " upon").count == 2)
  }

  @Test func argumentsAreJoinedAsTheyWouldBeRead() {
    let ids = Array(repeating: "1", count: 70)
    let joined = ids.joined(separator: " ")
    #expect(joiningIDs(["detokenize"] + ids) == ["detokenize", joined])
    #expect(
      joiningIDs(["detokenize", "-t", "3"] + ids + ["--json", "5", "6,7", "x", "8", "--", "9"])
        == ["detokenize", "-t", "3", joined, "--json", "5", "6,7", "x", "8", "--", "9"])
    #expect(joiningIDs(["generate"] + ids) == ["generate"] + ids)
  }

  @Test func moreArgumentsThanCanBeReadAreRefused() async {
    let outcome = await CommandWorld().run(["generate", "x"] + Array(repeating: "--stop=y", count: 100_000))
    #expect(outcome.exitCode == 2)
    #expect(outcome.errors.hasPrefix("error: too many arguments, command line: expected at most 8192, found 100002\n"))
  }

  @Test func idsAreReadFromStandardInput() async {
    let outcome = await CommandWorld(input: Array("[258,\n259]\n".utf8)).run("detokenize")
    #expect(outcome == .init(exitCode: 0, output: "Once upon\n", errors: ""))
    let none = await CommandWorld(input: []).run("detokenize")
    #expect(none == .init(exitCode: 0, output: "\n", errors: ""))
  }

  @Test func specialTokensAreWrittenOutUnlessNotWanted() async {
    #expect(await CommandWorld().run("detokenize", "258", "0").output == "Once<|end|>\n")
    #expect(await CommandWorld().run("detokenize", "258", "0", "--no-special").output == "Once\n")
  }

  @Test func detokenizeJSONIsOneObject() async {
    let outcome = await CommandWorld().run("detokenize", "258", "197", "--json")
    #expect(
      outcome
        == .init(
          exitCode: 0,
          output: """
            {"schema":1,"ids":[258,197],"tokens":[{"id":258,"text":"Once","bytes":[79,110,99,101]},\
            {"id":197,"text":"\u{FFFD}","bytes":[195]}],"text":"Once\u{FFFD}","model":"storyteller"}

            """, errors: ""))
  }
}
