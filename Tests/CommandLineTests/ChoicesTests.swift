import EngineAPI
import JSONText
import TestSupport
import Testing

@testable import CommandLineTool

/// `choices` on tiny models, with reference values of transformers.
struct ChoicesTests {
  @Test(arguments: ["causal", "encoder-decoder", "masked"])
  func choicesEqualThoseOfTheReference(family: String) async throws {
    let all = try JSONValue(contentsOfFile: Fixtures.path("comparisons/expected.json"))
    let expected = try #require(all["choices"]?[family])
    let references = try #require(expected["choices"]?.array)
    // Commas of the option separate choices, so each is given alone.
    let options = references.reversed().flatMap { ["--choice", $0["text"]?.string ?? ""] }
    for isCorrected in [false, true] {
      let outcome = await FixtureModel.run(
        ["choices", "-m", Fixtures.path("program/\(family)"), expected["text"]?.string ?? "", "--json", "-q"]
          + options + (isCorrected ? ["--unconditional"] : []))
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      let found = try #require(JSONValue(parsing: Array(outcome.output.utf8))["choices"]?.array)
      #expect(found.count == references.count)
      let key = isCorrected ? "corrected" : "logprob"
      let order = found.compactMap { $0[key]?.double }
      #expect(order == order.sorted(by: >) && order.count == found.count)
      for reference in references {
        let own = try #require(found.first { $0["text"] == reference["text"] })
        #expect(own["ids"] == reference["ids"])
        for key in ["logprob", "logprob_per_token", "bits_per_byte"] + (isCorrected ? ["corrected"] : []) {
          let (a, b) = (try #require(own[key]?.double), try #require(reference[key]?.double))
          #expect(abs(a - b) < 1e-3, "\(key) of \(reference["text"]?.string ?? ""): \(a), \(b)")
        }
        if !isCorrected { #expect(own["corrected"]?.isNull == true) }
      }
    }
  }

  @Test func aChoiceHasTheBitsOfTheScoredText() async throws {
    let folder = Fixtures.path("program/causal")
    let outcome = await FixtureModel.run(
      "choices", "-m", folder, "The king had", "--choices", " a boat, a daughter", "--json", "-q")
    let choices = try #require(JSONValue(parsing: Array(outcome.output.utf8))["choices"]?.array)
    for choice in choices {
      let text = "The king had" + (choice["text"]?.string ?? "")
      let score = try JSONValue(
        parsing: Array(await FixtureModel.run("score", "-m", folder, text, "--json", "-q").output.utf8))
      let ids = try #require(choice["ids"]?.array)
      let tail = try #require(score["tokens"]?.array?.suffix(ids.count))
      #expect(tail.map { $0["id"] } == ids)
      #expect(choice["tokens"]?.array?.map { $0["logprob"] } == tail.map { $0["logprob"] })
    }
  }

  @Test func aChoiceThatJoinsTheEndOfTheTextIsScoredFromWhereItsTokensBegin() async throws {
    // `k` and `ing` are one token: the first choice begins before the end of the text.
    let outcome = await FixtureModel.run(
      "choices", "-m", Fixtures.path("program/causal"), "The k", "--choices", "ing,nife", "--json")
    let choices = try #require(JSONValue(parsing: Array(outcome.output.utf8))["choices"]?.array)
    let joined = try #require(choices.first { $0["text"]?.string == "ing" })
    #expect(joined["ids"]?.array?.compactMap(\.int) == [317])
    #expect(outcome.errors.contains("some choices change how the end of the text is tokenized"))
  }

  @Test func anEmptyTextStartsFromTheBeginningOfText() async throws {
    let outcome = await FixtureModel.run(
      "choices", "-m", Fixtures.path("program/causal"), "", "--choices", "The king,A boat", "--unconditional", "--json",
      "-q")
    let choices = try #require(JSONValue(parsing: Array(outcome.output.utf8))["choices"]?.array)
    #expect(choices.allSatisfy { $0["corrected"]?.double == 0 } && choices.count == 2)
  }

  @Test func aFileOfPromptsIsAnsweredLineByLine() async throws {
    let world = CommandWorld(files: ["prompts.jsonl": Array("\"The sea\"\n{\"text\": \"The king\", \"id\": 7}\n".utf8)])
    let outcome = await world.run("choices", "-f", "prompts.jsonl", "--choices", " was, had", "-q")
    let lines = try outcome.output.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
    #expect(outcome.exitCode == 0 && lines.count == 2 && lines[1]["id"]?.int == 7)
    #expect(lines.allSatisfy { $0["choices"]?.array?.count == 2 })
  }

  @Test func theTableHasTheBestChoiceFirst() async {
    let outcome = await CommandWorld().run("choices", "The sea", "--choices", " was, had", "--unconditional")
    let lines = outcome.output.split(separator: "\n")
    #expect(outcome.exitCode == 0 && lines.count == 3)
    #expect(lines[0].contains("choice") && lines[0].contains("corrected"))
    #expect(lines[1].hasPrefix("1  ·") && lines[2].hasPrefix("2  ·"))
  }

  private static let wrong: [([String], Int32, String)] = [
    (["The"], 2, "wrong value, --choices: expected continuations of the text, found none"),
    (["The", "--choices", " a,, b"], 2, "wrong value, --choices: expected choices that are not empty, found ' a,, b'"),
    (["The", "--choice", ""], 2, "wrong value, --choice: expected choices that are not empty, found ''"),
    (["The", "--choices", "a,a"], 2, "wrong value, --choices: expected each choice once, found 'a'"),
    (
      ["-m", "cloze", "The", "--choices", "a"], 1,
      "no single gap to fill, the text: expected one mask token [MASK], found 0"
    ),
    (
      ["-m", "cloze", "[MASK] and [MASK]", "--choices", "a"], 1,
      "no single gap to fill, the text: expected one mask token [MASK], found 2"
    ),
    (
      ["The", "--choices", "a", "--to", "fr"], 2,
      "option without use, --to: expected an encoder-decoder model, found storyteller, a causal model"
    ),
  ]

  @Test(arguments: wrong)
  func badInputIsAnErrorThatSaysWhatIsExpected(arguments: [String], code: Int32, sentence: String) async {
    let outcome = await CommandWorld().run(["choices"] + arguments)
    #expect(outcome.exitCode == code && outcome.output == "")
    #expect(outcome.errors.hasPrefix("error: \(sentence)\n"), "\(outcome.errors)")
    #expect(ErrorForm.fault(in: outcome.errors, exitCode: code) == nil)
  }
}
