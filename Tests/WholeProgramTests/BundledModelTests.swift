import JSONText
import TestSupport
import Testing

/// The bundled models, found by name.
struct BundledModelTests {
  private func bundled() throws -> [JSONValue] {
    let object = try Program.run("models", "--json").json()
    #expect(object["schema"]?.int == 1)
    return (object["models"]?.array ?? []).filter { $0["source"]?.string == "bundled" }
  }

  @Test func everyBundledModelRuns() throws {
    let models = try bundled()
    #expect(!models.isEmpty)
    for model in models {
      let name = try #require(model["name"]?.string)
      #expect((model["parameters"]?.int ?? 0) > 0)
      #expect((model["bytes"]?.int ?? 0) > 0)
      let outcome: Program.Outcome
      switch model["family"]?.string {
      case "causal": outcome = try Program.run("generate", "-m", name, "Once upon a time", "-n", "2", "-q")
      case "masked": outcome = try Program.run("fill-mask", "-m", name, "Hello, my name is [MASK].")
      case "classifier": outcome = try Program.run("classify", "-m", name, "Anna likes the films of Vienna.")
      case "tagger": outcome = try Program.run("tag", "-m", name, "Anna likes the films of Vienna.")
      default: outcome = try Program.run("translate", "-m", name, "How are you?", "-n", "4")
      }
      #expect(outcome.exitCode == 0)
      #expect(outcome.errors == "")
      #expect(outcome.output.count > 1)
    }
  }

  @Test func triptychHomeOverridesOtherFolders() throws {
    try Fixtures.withScratchFolder { folder in
      try makeLink(folder + "/models", to: Fixtures.path("program"))
      let home = ["TRIPTYCH_HOME": folder]
      let object = try Program.run(["models", "--json"], environment: home).json()
      let names = Set((object["models"]?.array ?? []).compactMap { $0["name"]?.string })
      #expect(names == ["causal", "masked", "encoder-decoder"])
      let causal = object["models"]?.array?.first { $0["name"]?.string == "causal" }
      #expect(causal?["family"]?.string == "causal")
      #expect(causal?["architecture"]?.string == "gpt2")
      #expect(causal?["context_length"]?.int == 64)
      #expect(causal?["dtype"]?.string == "f32")
      let text = try Program.run(["generate", "-m", "causal", "The", "-n", "1", "-q"], environment: home)
      #expect(text.exitCode == 0)
    }
  }

  @Test(arguments: ["causal", "masked", "encoder-decoder"])
  func benchReportsEachFamily(name: String) throws {
    let object = try Program.run(
      "bench", "-m", Program.model(name), "--prompt-tokens", "8", "-n", "4", "--runs", "2", "--json"
    ).json()
    let keys = object.object?.members.map { $0.key.description } ?? []
    #expect(
      keys == [
        "schema", "model", "family", "dtype", "threads", "isa", "load_s", "weight_bytes", "peak_rss_bytes",
        "prompt_tokens_per_s", "decode_tokens_per_s", "end_to_end_tokens_per_s", "prompt_tokens",
      ] + (name == "causal" ? ["cache_type", "cache_bytes"] : []))
    #expect(object["prompt_tokens"]?.int == 8)
    for figure in ["prompt_tokens_per_s", "decode_tokens_per_s"] where name != "masked" || figure.hasPrefix("prompt") {
      let spread = try #require(object[figure])
      let values = ["min", "median", "max"].compactMap { spread[$0]?.double }
      #expect(values.count == 3)
      #expect(values == values.sorted())
      #expect((values.first ?? 0) > 0)
    }
    if name == "masked" { #expect(object["decode_tokens_per_s"] == .null) }
  }
}
