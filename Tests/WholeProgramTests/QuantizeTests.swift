import JSONText
import TestSupport
import Testing

/// A model quantized by the program and opened again.
struct QuantizeTests {
  @Test(arguments: ["bf16", "q8", "q4"])
  func aQuantizedFolderGivesTheSameBytesAsTheFormatOption(format: String) throws {
    try Fixtures.withScratchFolder { scratch in
      let folder = scratch + "/made"
      let made = try Program.run("quantize", "-m", Program.model("causal"), "--dtype", format, "-o", folder, "--json")
      #expect(made.exitCode == 0 && made.errors == "")
      #expect(try made.json()["dtype"]?.string == format)
      func completions(_ model: String) throws -> JSONValue? {
        try Program.run("generate", "-m", model, "The king", "-n", "16", "--seed", "5", "--json", "-q").json()[
          "completions"]
      }
      #expect(try completions(folder) == completions(Program.model("causal") + "@" + format))
      #expect(try completions(folder)?.array?.count == 1)
      let refused = try Program.run("quantize", "-m", Program.model("causal"), "--dtype", format, "-o", folder)
      #expect(
        refused.exitCode == 1 && refused.output.isEmpty && refused.errors.hasPrefix("error: can't write the folder"))
      let other = try Program.run("generate", "-m", folder + "@f32", "The king")
      #expect(other.exitCode == 1 && other.errors.contains("expected \(format), found f32 asked for"))
    }
  }
}
