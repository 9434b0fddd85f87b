import JSONText
import TestSupport
import Testing

/// Compares every command, run on tiny models, with reference values of transformers.
struct ReferenceTests {
  @Test func generateEqualsTheReference() throws {
    let expected = try Expected.of("causal")
    let outcome = try Program.run(
      "generate", "-m", Program.model("causal"), expected["prompt"]?.string ?? "", "--temperature", "0", "-n", "12",
      "--seed", "1", "--json", "-q")
    let object = try outcome.json()
    let completion = try #require(object["completions"]?[0])
    #expect(object["schema"]?.int == 1)
    #expect(object["prompt"]?["tokens"]?.ids == expected["prompt_ids"]?.wholes)
    #expect(completion["tokens"]?.ids == expected["ids"]?.wholes)
    #expect(completion["text"]?.string == expected["text"]?.string)
    #expect(completion["finish_reason"]?.string == "length")
    let logprobs = try #require(expected["logprobs"]?.numbers)
    #expect(
      agree(completion["tokens"]?.numbers("logprob") ?? [], logprobs, within: Expected.logprobTolerance))
    #expect(completion["tokens"]?.numbers("sampled_logprob") == Array(repeating: 0, count: 12))
    #expect(completion["tokens"]?.numbers("rank") == Array(repeating: 1, count: 12))
  }

  @Test func aPipeReceivesExactlyTheGeneratedText() throws {
    let expected = try Expected.of("causal")
    let outcome = try Program.run(
      "generate", "-m", Program.model("causal"), expected["prompt"]?.string ?? "", "--temperature", "0", "-n", "12",
      "-q")
    #expect(outcome.text == (expected["text"]?.string ?? "") + "\n")
    #expect(outcome.exitCode == 0)
  }

  @Test func nextEqualsTheReference() throws {
    let expected = try Expected.of("causal")
    let outcome = try Program.run(
      "next", "-m", Program.model("causal"), expected["prompt"]?.string ?? "", "--top-k", "3", "--json")
    let object = try outcome.json()
    let top = try #require(object["top"])
    #expect(top.array?.count == 10)
    #expect(top.ids.first == expected["ids"]?.wholes.first)
    #expect(
      agree(
        [top.numbers("logprob")[0]], [expected["logprobs"]?.numbers.first ?? .nan], within: Expected.logprobTolerance))
    let stages = try #require(object["stages"]?.array)
    #expect(
      stages.map { $0["name"]?.string } == [
        "logit-bias", "repetition", "presence", "frequency", "no-repeat-ngram", "min-tokens", "temperature", "top-k",
        "top-p", "min-p", "typical-p",
      ])
    #expect(stages.map { $0["kept"]?.int } == Array(repeating: 320, count: 7) + Array(repeating: 3, count: 4))
    #expect(stages[7]["removed"]?.int == 317)
    #expect(stages[7]["top"]?.ids == Array(top.ids.prefix(3)))
  }

  @Test func scoreEqualsTheReference() throws {
    let expected = try Expected.of("causal")
    let outcome = try Program.run("score", "-m", Program.model("causal"), expected["prompt"]?.string ?? "", "--json")
    let object = try outcome.json()
    let logprobs = try #require(expected["prompt_logprobs"]?.numbers)
    #expect(object["tokens"]?[0]?["logprob"] == .null)
    #expect(agree(object["tokens"]?.numbers("logprob") ?? [], logprobs, within: Expected.logprobTolerance))
    #expect(object["scored_tokens"]?.int == logprobs.count)
    let total = logprobs.reduce(0, +)
    #expect(agree([object["total_logprob"]?.double ?? .nan], [total], within: 0.01))
  }

  @Test func fillMaskEqualsTheReference() throws {
    let expected = try Expected.of("masked")
    let outcome = try Program.run(
      "fill-mask", "-m", Program.model("masked"), expected["text"]?.string ?? "", "--json")
    let object = try outcome.json()
    #expect(object["tokens"]?.ids == expected["ids"]?.wholes)
    let mask = try #require(object["masks"]?[0])
    #expect(mask["position"]?.int == expected["position"]?.int)
    #expect(mask["candidates"]?.ids == expected["candidates"]?.wholes)
    let probabilities = try #require(expected["probabilities"]?.numbers)
    #expect(agree(mask["candidates"]?.numbers("probability") ?? [], probabilities, within: 1e-4))
    let ids = expected["ids"]?.wholes.map(String.init).joined(separator: ",") ?? ""
    let byIDs = try Program.run("fill-mask", "-m", Program.model("masked"), "--ids", ids, "--json").json()
    #expect(byIDs["masks"]?[0]?["candidates"]?.ids == expected["candidates"]?.wholes)
  }

  @Test func translateEqualsTheReference() throws {
    let expected = try Expected.of("encoder-decoder")
    let outcome = try Program.run(
      "translate", "-m", Program.model("encoder-decoder"), expected["source"]?.string ?? "", "--json")
    let translation = try #require(try outcome.json()["translations"]?[0])
    let texts = try #require(expected["texts"]?.array)
    let scores = try #require(expected["scores"]?.numbers)
    #expect(translation["text"] == texts[0])
    #expect(translation["tokens"]?.ids == expected["sequences"]?[0]?.wholes)
    #expect(translation["candidates"]?.array?.map { $0["text"] } == texts.map { $0 })
    #expect(agree(translation["candidates"]?.numbers("score") ?? [], scores, within: Expected.logprobTolerance))
    let plain = try Program.run(
      "translate", "-m", Program.model("encoder-decoder"), "\(expected["source"]?.string ?? "")\n", "--num-beams", "3")
    #expect(plain.text == "\(texts[0].string ?? "")\n\n")
  }

  @Test func detokenizeInvertsTokenize() throws {
    let expected = try Expected.of("causal")
    let prompt = expected["prompt"]?.string ?? ""
    let outcome = try Program.run("tokenize", "-m", Program.model("causal"), prompt, "--json")
    let object = try outcome.json()
    let ids = try #require(expected["prompt_ids"]?.wholes)
    #expect(object["ids"]?.wholes == ids)
    #expect(object["tokens"]?.numbers("start").first == 0)
    #expect(object["tokens"]?.numbers("end").last == Double(prompt.utf8.count))
    let text = try Program.run(["detokenize", "-m", Program.model("causal")] + ids.map(String.init))
    #expect(text.text == prompt + "\n")
  }
}
