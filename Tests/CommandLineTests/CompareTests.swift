import EngineAPI
import Engines
import Foundation
import JSONText
import ScriptedSupport
import TestSupport
import Testing

@testable import CommandLineTool

/// `compare` on tiny models, with reference values of transformers.
struct CompareTests {
  /// The engine computes logits in single precision, the reference in double precision.
  private static let tolerance = 1e-4

  /// Calls `body` with the folders of models A and B of a family.
  private func withModels<R>(_ name: String, _ body: (String, String) async throws -> R) async throws -> R {
    let own = { (file: String, _: [UInt8]) -> [UInt8]? in
      ["config.json", "model.safetensors"].contains(file) ? try Fixtures.bytes("comparisons/\(name)/\(file)") : nil
    }
    return try await FixtureModel.with(name, change: own) { try await body(Fixtures.path("program/\(name)"), $0) }
  }

  private func isNear(_ found: JSONValue?, _ expected: JSONValue?) -> Bool {
    guard let found = found?.double, let expected = expected?.double else {
      return found?.isNull == true && expected?.isNull == true
    }
    return abs(found - expected) < Self.tolerance
  }

  @Test(arguments: ["causal", "masked", "encoder-decoder"])
  func figuresEqualThoseOfTheReference(family: String) async throws {
    let all = try JSONValue(contentsOfFile: Fixtures.path("comparisons/expected.json"))
    let texts = try #require(all["comparisons"]?[family]?.array)
    try await withModels(family) { a, b in
      for expected in texts {
        let target = expected["target"]?.string.map { ["--target", $0] } ?? []
        let outcome = await FixtureModel.run(
          ["compare", "-m", a, "-m", b, expected["text"]?.string ?? "", "--json", "-q"] + target)
        #expect(outcome.exitCode == 0 && outcome.errors == "", "\(outcome.errors)")
        let object = try JSONValue(parsing: Array(outcome.output.utf8))
        #expect(object["schema"]?.int == 1 && object["same_vocabulary"]?.bool == true)
        #expect(object["models"]?.array?.compactMap(\.string) == [a, b])
        let positions = try #require(object["positions"]?.array)
        let references = try #require(expected["positions"]?.array)
        #expect(positions.count == references.count && positions.count > 3)
        for (one, other) in zip(positions, references) {
          for key in ["kl_ab", "kl_ba", "js", "total_variation"] { #expect(isNear(one[key], other[key]), "\(key)") }
          for key in ["top_agrees", "top10_overlap", "rank", "index"] { #expect(one[key] == other[key], "\(key)") }
          for key in ["logprob", "entropy"] {
            for side in 0..<2 { #expect(isNear(one[key]?[side], other[key]?[side]), "\(key)") }
          }
          #expect(one["token"]?["id"] == other["id"])
        }
        for key in ["mean_kl_ab", "p99_kl_ab", "mean_js", "top_agreement"] {
          #expect(isNear(object[key], expected[key]), "\(key)")
        }
        #expect(object["first_divergence"] == expected["first_divergence"])
      }
    }
  }

  @Test func bitsPerByteAreThoseOfScore() async throws {
    try await withModels("causal") { a, b in
      let text = "The king had a daughter."
      let outcome = await FixtureModel.run("compare", "-m", a, "-m", b, text, "--json", "-q")
      let compared = try JSONValue(parsing: Array(outcome.output.utf8))
      for (side, model) in [a, b].enumerated() {
        let scored = try JSONValue(
          parsing: Array(await FixtureModel.run("score", "-m", model, text, "--json", "-q").output.utf8))
        #expect(compared["bits_per_byte"]?[side] == scored["bits_per_byte"])
        let logprobs = scored["tokens"]?.array?.dropFirst().map { $0["logprob"] }
        #expect(compared["positions"]?.array?.map { $0["logprob"]?[side] } == logprobs)
      }
    }
  }

  @Test func aChainOfASideAddsTheDivergencesAfterIt() async throws {
    let all = try JSONValue(contentsOfFile: Fixtures.path("comparisons/expected.json"))
    let expected = try #require(all["comparisons"]?["causal"]?[0])
    try await withModels("causal") { a, b in
      let outcome = await FixtureModel.run(
        "compare", "-m", a, "-m", b + ",temperature=0.7,top-p=0.9", expected["text"]?.string ?? "", "--json", "-q")
      let object = try JSONValue(parsing: Array(outcome.output.utf8))
      let positions = try #require(object["positions"]?.array)
      for (one, other) in zip(positions, expected["positions"]?.array ?? []) {
        for key in ["kl_ab", "kl_ba", "js", "total_variation"] {
          #expect(isNear(one["after_chain"]?[key], other["after_chain"]?[key]), "\(key)")
          #expect(isNear(one[key], other[key]), "\(key)")
        }
      }
      #expect(object["mean_js_after_chain"]?.double != nil)
      #expect(object["models"]?[1]?.string == b)
      #expect(object["sides"]?[1]?["settings"]?["temperature"]?.double == 0.7)
      #expect(object["sides"]?[0]?["settings"] == nil)
    }
  }

  @Test func moreThanTwoSidesHavePairs() async throws {
    try await withModels("causal") { a, b in
      let text = "Once upon a time"
      let three = await FixtureModel.run("compare", "-m", a, "-m", b, "-m", a + "@bf16", text, "--json", "-q")
      let object = try JSONValue(parsing: Array(three.output.utf8))
      let two = try JSONValue(
        parsing: Array(await FixtureModel.run("compare", "-m", a, "-m", b, text, "--json", "-q").output.utf8))
      let pairs = try #require(object["pairs"]?.array)
      #expect(pairs.map { [$0["a"]?.int, $0["b"]?.int] } == [[0, 1], [0, 2], [1, 2]])
      for key in ["mean_kl_ab", "p99_kl_ab", "mean_js", "top_agreement", "first_divergence"] {
        #expect(pairs[0][key] == two[key], "\(key)")
        #expect(object[key] == nil)
      }
      #expect(
        object["positions"]?.array?.count == two["positions"]?.array?.count
          && object["positions"]?[0]?["logprob"]?.array?.count == 3)
      #expect(object["positions"]?[0]?["kl_ab"] == nil)
      let alone = two["positions"]?.array?.map { $0["kl_ab"] }
      #expect(pairs[0]["positions"]?.array?.map { $0["kl_ab"] } == alone)
      // A number format is a small step.
      #expect(try #require(pairs[1]["mean_kl_ab"]?.double) < 0.1)
      #expect(object["bits_per_byte"]?.array?.count == 3)
    }
  }

  @Test func modelsWithDifferentVocabulariesAreComparedOnBytes() async throws {
    let folder = Fixtures.path("program/causal")
    try await FixtureModel.with(
      "causal",
      change: { file, bytes in
        guard file == "tokenizer.json" else { return nil }
        // The ids of two tokens are exchanged: as many tokens, but another vocabulary.
        return Array(
          String(decoding: bytes, as: UTF8.self).replacing("\"ll\": 318", with: "\"ll\": 319")
            .replacing("\"lis\": 319", with: "\"lis\": 318").utf8)
      }
    ) { other in
      let text = "The king lives by the sea."
      let outcome = await FixtureModel.run("compare", "-m", folder, "-m", other, text, "--json", "-q")
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      let object = try JSONValue(parsing: Array(outcome.output.utf8))
      #expect(object["same_vocabulary"]?.bool == false && object["positions"]?.isNull == true)
      #expect(object["mean_kl_ab"]?.isNull == true && object["first_divergence"]?.isNull == true)
      let scored = try JSONValue(
        parsing: Array(await FixtureModel.run("score", "-m", folder, text, "--json", "-q").output.utf8))
      #expect(object["bits_per_byte"]?[0] == scored["bits_per_byte"])
      // The stretches cover the text after its first token, and add up to the score.
      let stretches = try #require(object["stretches"]?.array)
      #expect(stretches.last?["end"]?.int == text.utf8.count)
      let bits = stretches.compactMap { $0["bits"]?[0]?.double }.reduce(0, +)
      #expect(abs(bits + (try #require(scored["total_logprob"]?.double)) / log(2)) < 1e-9)
    }
  }

  @Test func masksHaveTheCandidatesOfBothSides() async throws {
    try await withModels("masked") { a, b in
      let text = "Hello, my name is [MASK]."
      let outcome = await FixtureModel.run("compare", "-m", a, "-m", b, text, "--json", "-q")
      let masks = try #require(JSONValue(parsing: Array(outcome.output.utf8))["masks"]?.array)
      #expect(masks.count == 1)
      for (side, model) in [a, b].enumerated() {
        let filled = try JSONValue(
          parsing: Array(await FixtureModel.run("fill-mask", "-m", model, text, "--json", "-q").output.utf8))
        let mask = try #require(filled["masks"]?[0])
        #expect(masks[0]["position"] == mask["position"] && masks[0]["entropy"]?[side] == mask["entropy"])
        let own = masks[0]["candidates"]?[side]?.array ?? []
        #expect(own.map { $0["logprob"] } == mask["candidates"]?.array?.map { $0["logprob"] } && own.count == 5)
      }
      let table = await FixtureModel.run("compare", "-m", a, "-m", b, text, "-q")
      #expect(table.exitCode == 0 && table.output.contains("mask: entropy A ") && table.output.contains("prob. B"))
    }
  }

  @Test func theDivergencesAtMasksEqualTheReference() async throws {
    let all = try JSONValue(contentsOfFile: Fixtures.path("comparisons/masks.json"))
    try await withModels("masked") { a, b in
      for expected in try #require(all["texts"]?.array) {
        let outcome = await FixtureModel.run(
          "compare", "-m", a, "-m", b, expected["text"]?.string ?? "", "--json", "-q")
        let masks = try #require(JSONValue(parsing: Array(outcome.output.utf8))["masks"]?.array)
        let references = try #require(expected["masks"]?.array)
        #expect(masks.count == references.count && !masks.isEmpty)
        for (mask, reference) in zip(masks, references) {
          for key in ["kl_ab", "kl_ba", "js", "total_variation"] {
            #expect(isNear(mask[key], reference[key]), "\(key)")
          }
          for key in ["position", "top_agrees", "top10_overlap"] { #expect(mask[key] == reference[key], "\(key)") }
        }
      }
    }
  }

  @Test func aSideMayBeAModelWithAChange() async throws {
    let folder = Fixtures.path("program/causal")
    let outcome = await FixtureModel.run(
      "compare", "-m", folder, "-m", folder + ",scale=0=1", "-m", folder + ",ablate=0.0,ablate=1", "Hello, my name",
      "--json", "-q")
    let object = try JSONValue(parsing: Array(outcome.output.utf8))
    let pairs = try #require(object["pairs"]?.array)
    // A factor of 1 changes no bit; a part that is switched off does.
    #expect(pairs[0]["mean_kl_ab"]?.double == 0 && (pairs[1]["mean_kl_ab"]?.double ?? 0) > 1e-4)
    #expect(object["sides"]?[2]?["changes"]?.array?.compactMap(\.string) == ["--ablate 0.0", "--ablate 1"])
    let none = await FixtureModel.run("compare", "-m", folder, "-m", folder + ",ablate=9", "Hello, my name", "-q")
    #expect(none.exitCode == 2 && none.errors.contains("no such part"))
  }

  @Test func aSideMayHaveAPromptOfItsOwn() async throws {
    let folder = Fixtures.path("program/causal")
    let text = " name is Tom"
    let outcome = await FixtureModel.run(
      "compare", "-m", folder + ",prompt=Hello my", "-m", folder + ",prompt=the king had", text, "--json", "-q")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let object = try JSONValue(parsing: Array(outcome.output.utf8))
    #expect(object["sides"]?[0]?["prompt"]?.string == "Hello my")
    // Each side gives the text what `choices` gives it after the prompt.
    for (side, prompt) in ["Hello my", "the king had"].enumerated() {
      let own = await FixtureModel.run("choices", "-m", folder, prompt, "--choices", text, "--json", "-q")
      let choice = try #require(JSONValue(parsing: Array(own.output.utf8))["choices"]?[0]?["logprob"]?.double)
      let sum = object["positions"]?.array?.compactMap { $0["logprob"]?[side]?.double }.reduce(0, +) ?? 0
      #expect(abs(sum - choice) < 1e-6)
    }
  }

  @Test func theTextOfAPromptMayHaveCommas() async throws {
    let folder = Fixtures.path("program/causal")
    let outcome = await FixtureModel.run(
      "compare", "-m", folder + ",prompt=Once, long ago,,temperature=0.5", "-m", folder + ",patch=0:1=The girl, had",
      " name is Tom", "--json", "-q")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let sides = try JSONValue(parsing: Array(outcome.output.utf8))["sides"]
    #expect(sides?[0]?["prompt"]?.string == "Once, long ago,")
    #expect(sides?[1]?["changes"]?.array?.compactMap(\.string) == ["--patch 0:1=The girl, had"])
  }

  @Test func translationsAreScoredByEverySide() async throws {
    try await withModels("encoder-decoder") { a, b in
      let text = "translate English to French: How are you?"
      let outcome = await FixtureModel.run("compare", "-m", a, "-m", b, text, "--json", "-q")
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      let object = try JSONValue(parsing: Array(outcome.output.utf8))
      let translations = try #require(object["translations"]?.array)
      #expect(translations.count >= 2 && object["same_vocabulary"]?.bool == true)
      for one in translations {
        let side = try #require(one["side"]?.int)
        // A side gives its own translation the score of its search.
        let (own, score) = (one["scores"]?[side]?.double ?? 1, one["score"]?.double ?? 2)
        #expect(abs(own - score) < 1e-4)
        #expect(one["logprobs"]?[1 - side]?.double != nil)
      }
      let table = await FixtureModel.run("compare", "-m", a, "-m", b, text, "-q")
      #expect(table.exitCode == 0 && table.output.contains("score A") && table.output.contains("score B"))
    }
  }

  @Test func aFileHasALineForEachTextAndASummaryLast() async throws {
    let folder = Fixtures.path("program/causal")
    let long = String(repeating: "Once upon a time ", count: 40)
    let engine = LocalEngine(catalog: .paths)
    let world = CommandWorld(
      engine: engine, files: ["texts.txt": Array("Once upon a time\n\n\(long)\nThe king had a boat\r\n".utf8)])
    let outcome = await world.run("compare", "-m", folder, "-m", folder + "@q4", "--file", "texts.txt", "-t", "1")
    // A text that is too long has an error; the others are compared.
    #expect(outcome.exitCode == 1)
    #expect(outcome.errors == "note: 1 of 3 texts are not compared, see 'error'\n")
    let lines = try outcome.output.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
    #expect(lines.map { $0["line"]?.int } == [1, 3, 4, nil])
    #expect(lines[1]["error"]?["what"]?.string == "the prompt is too long" && lines[1]["positions"] == nil)
    #expect(lines[2]["text"]?.string == "The king had a boat")
    let summary = lines[3]
    #expect(summary["type"]?.string == "summary" && summary["texts"]?.int == 3 && summary["failed"]?.int == 1)
    let values = lines.flatMap { $0["positions"]?.array?.compactMap { $0["kl_ab"]?.double } ?? [] }
    #expect(values.count == summary["tokens"]?.int && values.count > 10)
    #expect(abs((summary["mean_kl_ab"]?.double ?? 0) - values.reduce(0, +) / Double(values.count)) < 1e-12)
    #expect(summary["p99_kl_ab"]?.double == PairSummary.percentile(0.99, of: values))
    #expect(summary["deviation_kl_ab"]?.double != nil && summary["first_divergence"] == nil)
    #expect(summary["sides"]?[1]?["dtype"]?.string == "q4")
  }

  @Test func percentilesLieBetweenTheNearestValues() {
    #expect(PairSummary.percentile(0.5, of: [4, 1, 3, 2]) == 2.5)
    #expect(PairSummary.percentile(0.99, of: [7]) == 7)
    #expect(PairSummary.percentile(0.25, of: [0, 1, 2, 3, 4]) == 1)
    #expect(PairSummary.percentile(0.99, of: []) == nil)
  }

  @Test func theTablesOfATerminalAreComplete() async {
    let terminal = TerminalFacts(input: true, output: true)
    let files = ["texts.txt": Array("Once upon a time\nthere lived a king\n".utf8)]
    let run = { (arguments: [String]) in
      await CommandWorld(files: files, terminal: terminal, environment: ["TERM": "xterm", "LANG": "C.UTF-8"])
        .run(["compare", "-m", "storyteller", "-m", "storyteller@q8"] + arguments + ["--color", "never"])
    }
    let text = await run(["Once upon a time"])
    #expect(text.exitCode == 0 && text.errors == "")
    let lines = text.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[0].hasPrefix("#  token  KL(A|B)  KL(B|A)") && lines[0].hasSuffix("first choices"))
    #expect(lines.contains { $0.hasPrefix("AB") && $0.contains("100.0 %") })
    #expect(lines.contains { $0.hasPrefix("B     storyteller@q8") })
    let file = await run(["-f", "texts.txt"])
    #expect(file.exitCode == 0)
    #expect(file.output.contains("mean KL") && file.output.contains("there lived a king"))
    let three = await run(["-m", "storyteller,temp=0.5", "Once upon a time"])
    #expect(three.exitCode == 0 && three.output.contains("JS AB") && three.output.contains("\nBC "))
  }
}

/// What `compare` refuses.
struct CompareErrorTests {
  private static let wrong: [([String], Int32, String)] = [
    (["-m", "storyteller", "The"], 2, "wrong value, -m: expected two to four sides, found 1"),
    (["The"], 2, "wrong value, -m: expected two to four sides, found none"),
    (
      ["-m", "storyteller", "-m", "cloze", "-m", "storyteller", "-m", "cloze", "-m", "storyteller", "The"], 2,
      "wrong value, -m: expected two to four sides, found 5"
    ),
    (
      ["-m", "storyteller", "-m", "cloze", "The"], 1,
      "compare does not work with this model, cloze: expected a causal model, found a masked model"
    ),
    (
      ["-m", "storyteller", "-m", "storyteller,heat=2", "The"], 2,
      "wrong value, -m storyteller,heat=2: expected settings of the sampler chain, found 'heat'"
    ),
    (
      ["-m", "storyteller", "-m", "storyteller,top-p=2", "The"], 2,
      "wrong value, --top-p: expected a number from 0 to 1, found '2'"
    ),
    (
      ["-m", "storyteller", "-m", "storyteller", "The", "--target", "La"], 2,
      "option without use, --target: expected an encoder-decoder model, found storyteller, a causal model"
    ),
    (
      ["-m", "storyteller", "-m", "storyteller", "The", "--from", "en"], 2,
      "option without use, --from: expected an encoder-decoder model, found storyteller, a causal model"
    ),
    (
      ["-m", "storyteller", "-m", "storyteller,ablate=x", "The"], 2,
      "wrong value, -m storyteller,ablate=x: expected ablate=L.H, L.ffn or L, found 'x'"
    ),
    (
      ["-m", "storyteller", "-m", "storyteller", ""], 2,
      "wrong value, text: expected a text to compare over, found an empty one"
    ),
    (
      ["-m", "interpreter", "-m", "interpreter,prompt=La", "The"], 2,
      "wrong value, -m interpreter,prompt=La: expected prompt= only with a causal model, "
        + "found an encoder-decoder model"
    ),
    (
      ["-m", "storyteller", "-m", "storyteller", "The", "-f", "texts.txt"], 2,
      "text given twice, command line: expected an argument or -f FILE, found both"
    ),
    (
      ["-m", "interpreter", "-m", "interpreter", "--target", "La", "-f", "texts.txt"], 2,
      "options that exclude each other, command line: expected one of them, found --target La and --file texts.txt "
        + "(each text has a target of its own)"
    ),
    (
      ["-m", "storyteller", "-m", "storyteller", "-f", "empty.txt"], 1,
      "no texts, empty.txt: expected a text in each line, found none"
    ),
    (
      ["-m", "storyteller", "-m", "storyteller", "-f", "empty.jsonl"], 1,
      "no prompts, empty.jsonl: expected a prompt in each line, found none"
    ),
    (
      ["-m", "storyteller", "-m", "storyteller", "-f", "missing.txt"], 1,
      "can't read the text, missing.txt: expected a file or pipe that can be read, found no such file or directory"
    ),
  ]

  @Test(arguments: wrong)
  func badInputIsAnErrorThatSaysWhatIsExpected(arguments: [String], code: Int32, sentence: String) async {
    let world = CommandWorld(
      files: ["empty.txt": Array("\n  \n".utf8), "empty.jsonl": [], "texts.txt": Array("The\n".utf8)])
    let outcome = await world.run(["compare"] + arguments)
    #expect(outcome.exitCode == code)
    #expect(outcome.output == "")
    #expect(outcome.errors.hasPrefix("error: \(sentence)\n"), "\(outcome.errors)")
    #expect(ErrorForm.fault(in: outcome.errors, exitCode: code) == nil)
  }

  @Test func aTextLongerThanAContextIsAnError() async {
    let folder = Fixtures.path("program/causal")
    let outcome = await FixtureModel.run(
      "compare", "-m", folder, "-m", folder + "@bf16", String(repeating: "sea ", count: 100))
    #expect(outcome.exitCode == 1 && outcome.output == "")
    #expect(outcome.errors.contains("the prompt is too long, model '\(folder)': expected at most 64 tokens, found "))
    #expect(outcome.errors.contains("\nhint: "))
  }

  @Test func sidesOfDifferentEnginesAreRefused() async {
    let world = CommandWorld(schemes: ["other": ScriptedEngine(catalogue: [ScriptedModel("other:x", family: .causal)])])
    let router = EngineRouter(ScriptedEngine()).registering(ScriptedEngine(), for: "other")
    let sides = ["storyteller", "other:x"].map {
      ComparedSide(context: ModelContext(model: ModelReference($0), ids: [4]))
    }
    await #expect(throws: EngineError.self) {
      try await router.compare(ComparisonRequest(sides: sides)) { _ in }
    }
    #expect(await world.run("compare", "-m", "storyteller", "-m", "nothing:x", "The").exitCode == 1)
  }

  @Test func partsOfASideAfterItsNameAreSettings() throws {
    let side = try SideOption.parse("model@q4,temperature=0.7,samplers=top-k;temperature,top_k=4")
    #expect(side.name == "model@q4" && side.settings.map(\.name) == ["temperature", "samplers", "top_k"])
    #expect(try side.chain()?.settings(over: .greedy).order == [.topK, .temperature])
    let plain = try SideOption.parse("./a,b/model,temperature=0.5")
    #expect(plain.name == "./a,b/model" && plain.settings.map(\.name) == ["temperature"])
    #expect(throws: CommandError.self) { try SideOption.parse(",temperature=0.7") }
  }
}
