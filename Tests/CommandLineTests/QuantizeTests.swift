import EngineAPI
import Testing

@testable import CommandLineTool

/// `quantize`: requests to the engine, and the report.
struct QuantizeTests {
  @Test func textReportsTheFolder() async {
    let engine = FakeEngine()
    let outcome = await CommandWorld(engine: engine).run(
      "quantize", "-m", "storyteller-mini", "--dtype", "q4", "-o", "./small")
    #expect(
      outcome
        == .init(
          exitCode: 0, output: "storyteller-mini · q4 · 5.2 MB of weights, 20.8 MB before · ./small\n", errors: ""))
    #expect(
      engine.asked.entries == [
        .quantize(
          QuantizeRequest(model: ModelReference("storyteller-mini", format: .q4), format: .q4, output: "./small"))
      ])
  }

  @Test func jsonIsOneObject() async {
    let engine = FakeEngine()
    let outcome = await CommandWorld(engine: engine).run(
      "quantize", "-m", "storyteller-mini@bf16", "--output", "out", "--force", "-t", "2", "--json")
    #expect(
      outcome
        == .init(
          exitCode: 0,
          output: """
            {"schema":1,"model":"storyteller-mini","dtype":"bf16","bytes":5200000,"source_bytes":20800000,"path":"out"}

            """, errors: ""))
    #expect(
      engine.asked.entries == [
        .threads(2),
        .quantize(
          QuantizeRequest(
            model: ModelReference("storyteller-mini", format: .bf16), format: .bf16, output: "out", replaces: true)),
      ])
  }

  @Test func progressIsShownOnATerminal() async {
    let outcome = await CommandWorld(terminal: TerminalFacts(error: true), environment: ["TERM": "xterm"]).run(
      "quantize", "--dtype", "q8", "-o", "out")
    #expect(outcome.exitCode == 0)
    #expect(outcome.errors.contains("%") && outcome.errors.hasSuffix("\r\u{1B}[K"))
  }

  @Test func theFormatIsRequired() async {
    let outcome = await CommandWorld().run("quantize", "-m", "storyteller", "-o", "out")
    #expect(
      outcome
        == .init(
          exitCode: 2, output: "",
          errors: "error: missing option, triptych quantize: expected --dtype "
            + OptionValue.names(of: NumberFormat.uniform) + ", found none\n"))
  }

  @Test func contradictingFormatsAreRefused() async {
    let outcome = await CommandWorld().run("quantize", "-m", "storyteller@q8", "--dtype", "q4", "-o", "out")
    #expect(outcome.exitCode == 2 && outcome.errors.contains("found -m storyteller@q8 and --dtype q4"))
  }

  @Test func theFolderIsRequired() async {
    let outcome = await CommandWorld().run("quantize", "--dtype", "q4")
    #expect(outcome.exitCode == 2 && outcome.output == "" && outcome.errors.contains("--output <folder>"))
  }

  @Test func engineErrorsAreReported() async {
    let engine = FakeEngine(quantizing: { request throws(EngineError) in
      throw EngineError(
        .resources, "can't write the folder", at: request.output, expected: "a new or empty folder",
        found: "5 files in it", hint: "choose another folder with -o")
    })
    let outcome = await CommandWorld(engine: engine).run("quantize", "--dtype", "q4", "-o", "out")
    #expect(
      outcome
        == .init(
          exitCode: 1, output: "",
          errors: """
            error: can't write the folder, out: expected a new or empty folder, found 5 files in it
            hint: choose another folder with -o

            """))
  }
}
