import JSONText
import TestSupport
import Testing

/// The same seed gives the same bytes for any number of threads, batch, chunking and instruction set.
struct SameBytesTests {
  private static let base = [
    "generate", "-m", Program.model("causal"), "The king", "-n", "24", "--seed", "11", "-N", "3", "--top-logprobs", "5",
    "--json", "-q",
  ]

  private func completions(_ extra: [String] = [], _ environment: [String: String] = [:]) throws -> JSONValue {
    try #require(try Program.run(Self.base + extra, environment: environment).json()["completions"])
  }

  @Test func threadsChunksAndInstructionSetsChangeNoByte() throws {
    let first = try completions(["-t", "1"])
    #expect(first.array?.count == 3)
    #expect(try completions(["-t", "2"]) == first)
    #expect(try completions(["-t", "3"]) == first)
    #expect(try completions(["--prompt-chunk", "1"]) == first)
    #expect(try completions(["--prompt-chunk", "2", "-t", "2"]) == first)
    #expect(try completions([], ["TRIPTYCH_ISA": "generic"]) == first)
  }

  @Test func aSequenceIsTheSameAloneAndInABatch() throws {
    let three = try completions()
    let alone = try #require(
      try Program.run(Self.base + ["-N", "1"]).json()["completions"])
    #expect(alone[0] == three[0])
    #expect(alone.array?.count == 1)
  }

  /// Beam sampling: `do_sample` with several beams.
  private func drawnBeams(_ model: String, _ extra: [String]) throws -> JSONValue {
    let command = [
      "generate", "-m", Program.model(model), "The king", "-n", "12", "--seed", "5", "--sample", "--temperature", "1.5",
      "--num-beams", "4", "-N", "4", "--top-logprobs", "3", "--json", "-q",
    ]
    return try #require(try Program.run(command + extra).json()["completions"])
  }

  @Test(arguments: ["causal", "encoder-decoder"])
  func beamSamplingIsTheSameOnAnyNumberOfThreads(model: String) throws {
    let first = try drawnBeams(model, ["-t", "1"])
    #expect(first.array?.count == 4)
    for extra in [["-t", "2"], ["-t", "3"], ["-t", "2", "--prompt-chunk", "1"]] {
      #expect(try drawnBeams(model, extra) == first, "\(extra)")
    }
    #expect(try drawnBeams(model, ["--seed", "6"]) != first)
  }

  @Test func differentSeedsGiveDifferentTexts() throws {
    let other = try #require(try Program.run(Self.base + ["--seed", "12"]).json()["completions"])
    #expect(try completions() != other)
  }
}
