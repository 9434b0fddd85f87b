import EngineAPI
import PlaygroundApp
import Sampling
import Testing

@testable import CommandLineTool

/// Wrong usage ends with exit code 2, one line of error, at most one hint, and nothing on standard output.
struct WrongUsageTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    let error: String
    let hint: String?

    init(_ arguments: [String], _ error: String, hint: String? = nil) {
      self.arguments = arguments
      self.error = error
      self.hint = hint
    }

    var testDescription: String { arguments.joined(separator: " ") }
  }

  private static func wrong(_ option: String, _ values: [String], _ name: String, _ expected: String) -> [Case] {
    values.map {
      Case(["generate", "x", option, $0], "wrong value, \(name): expected \(expected), found '\($0)'")
    }
  }

  private static let share = "a number from 0 to 1"
  private static let values: [Case] =
    wrong("--temperature", ["-0.1", "nan", "x", ""], "--temperature", "a number of at least 0")
    + wrong("--temperature", ["inf", "1e400"], "--temperature", "a finite number of at least 0")
    + wrong("--temp", ["-1"], "--temperature", "a number of at least 0")
    + wrong("--top-k", ["-1", "1.5"], "--top-k", "a whole number of at least 0")
    + wrong("--top-k", ["99999999999999999999"], "--top-k", "a whole number from 0 to 1000000000")
    + wrong("--top-p", ["-0.1", "1.1", "NaN"], "--top-p", share) + wrong("--min-p", ["-1", "2"], "--min-p", share)
    + wrong("--typical-p", ["0", "1.01"], "--typical-p", "a number above 0 and up to 1")
    + wrong("--repeat-penalty", ["0", "-1"], "--repeat-penalty", "a number above 0")
    + wrong("--repetition-penalty", ["-inf"], "--repeat-penalty", "a finite number above 0")
    + wrong("--presence-penalty", ["nan", "-inf"], "--presence-penalty", "a finite number")
    + wrong("--frequency-penalty", ["x"], "--frequency-penalty", "a finite number")
    + wrong("--no-repeat-ngram-size", ["-1"], "--no-repeat-ngram-size", "a whole number of at least 0")
    + wrong("--min-tokens", ["-1"], "--min-tokens", "a whole number of at least 0")
    + wrong("-n", ["0", "-1", "many"], "-n/--max-tokens", "a whole number of at least 1")
    + wrong("-n", ["1000000001", "2000000000"], "-n/--max-tokens", "a whole number from 1 to 1000000000")
    + wrong("-N", ["0", "10001"], "-N/--num-return-sequences", "a whole number from 1 to 10000")
    + wrong("--num-beams", ["0", "1001"], "--num-beams", "a whole number from 1 to 1000")
    + wrong("--length-penalty", ["inf"], "--length-penalty", "a finite number")
    + wrong("--top-logprobs", ["-1"], "--top-logprobs", "a whole number of at least 0")
    + wrong("--prompt-chunk", ["-1"], "--prompt-chunk", "a whole number of at least 0")
    + wrong("--seed", ["-1", "9223372036854775808", "1.5"], "--seed", "a whole number from 0 to 9223372036854775807")
    + wrong("-t", ["0", "257", "1025"], "-t/--threads", "a whole number from 1 to 256")
    + wrong("--cache-type", ["q8"], "--cache-type", "f32 or bf16") + wrong("--stop", [""], "--stop", "a text")
    + wrong("-m", [""], "-m/--model", "a text")
    + wrong(
      "--logit-bias", ["5", "5=", "=1", "-1=2", "5=nan", "x=1"], "--logit-bias",
      "ID=BIAS with an id and a finite number, such as 50256=-100")
    + wrong("--samplers", ["top-k,top-k"], "--samplers", "each stage once").map {
      Case($0.arguments, $0.error.replacing("'top-k,top-k'", with: "'top-k'"))
    }

  private static func lesson(_ value: String) -> Case {
    let last = Limits.lessons.upperBound
    return Case(
      ["play", "--lesson", value], "wrong value, --lesson: expected a whole number from 1 to \(last), found '\(value)'")
  }

  private static let others: [Case] = [
    Case(
      ["generate", "x", "--samplers", "top-k,tmperature"],
      "wrong value, --samplers: expected names of stages, found 'tmperature'", hint: "did you mean 'temperature'?"),
    Case(
      ["generate", "x", "--samplers", "tail-free"],
      "wrong value, --samplers: expected names of stages, found 'tail-free'",
      hint: "the stages are " + SamplerStage.allCases.map(\.rawValue).joined(separator: ", ")),
    Case(
      ["generate", "x", "--dtype", "fp16"],
      "wrong value, --dtype: expected \(OptionValue.names(of: NumberFormat.self)), found 'fp16'"),
    Case(
      ["generate", "x", "--color", "sometimes"],
      "wrong value, --color: expected auto, always or never, found 'sometimes'"),
    Case(
      ["generate", "x", "--early-stopping", "False"],
      "wrong value, --early-stopping: expected true, false or never, found 'False'", hint: "did you mean 'false'?"),
    lesson("\(Limits.lessons.upperBound + 1)"), lesson("-1"), lesson("masks"),
    Case(
      ["play", "--task", "fill_mask"],
      "wrong value, --task: expected \(OptionValue.names(of: TabID.self)), found 'fill_mask'",
      hint: "did you mean 'fill-mask'?"),
    Case(
      ["generate", "x", "--num-beams", "2", "--top-k", "3"],
      "options that exclude each other, command line: expected one of them, found --num-beams 2 and --top-k "
        + "(beam search does not sample without --sample)"),
    Case(
      ["generate", "x", "--num-beams", "2", "--samplers", "repetition,top-p"],
      "options that exclude each other, command line: expected one of them, found --num-beams 2 and --samplers "
        + "(beam search does not sample without --sample)"),
    Case(
      ["generate", "x", "--num-beams", "2", "--temperature", "0", "--top-k", "3"],
      "options that exclude each other, command line: expected one of them, found --num-beams 2 and --top-k "
        + "(beam search does not sample without --sample)"),
    Case(
      ["generate", "x", "--sample", "--temperature", "0"],
      "options that exclude each other, command line: expected one of them, found --sample and --temperature 0 "
        + "(temperature 0 draws nothing)"),
    Case(
      ["generate", "x", "--num-beams", "4", "--num-beam-groups", "3", "--diversity-penalty", "1"],
      "wrong value, --num-beam-groups: expected a divisor of 4, the number of beams, found 3"),
    Case(
      ["generate", "x", "--num-beam-groups", "2", "--diversity-penalty", "1"],
      "wrong value, --num-beam-groups: expected a divisor of 1, the number of beams, found 2"),
    Case(
      ["generate", "x", "--num-beams", "4", "--num-beam-groups", "2"],
      "wrong value, --diversity-penalty: expected a number above 0, without which all groups are equal, found none",
      hint: "give --diversity-penalty 1 as well"),
    Case(
      ["generate", "x", "--num-beams", "4", "--diversity-penalty", "2"],
      "wrong value, --diversity-penalty: expected more than one group of beams, found 1",
      hint: "give --num-beams and --num-beam-groups as well"),
    Case(
      ["generate", "x", "--sample", "--num-beams", "4", "--num-beam-groups", "2", "--diversity-penalty", "1"],
      "options that exclude each other, command line: expected one of them, found --num-beam-groups 2 and sampling "
        + "(groups of beams draw nothing)"),
    Case(
      ["generate", "x", "--num-beams", "2", "-N", "3"],
      "wrong value, -N/--num-return-sequences: expected at most 2, the number of beams, found 3",
      hint: "give --num-beams 3 as well"),
    Case(
      ["generate", "x", "--json", "--jsonl"],
      "options that exclude each other, command line: expected one of them, found --json and --jsonl"),
    Case(
      ["score", "x", "--json", "--jsonl"],
      "options that exclude each other, command line: expected one of them, found --json and --jsonl"),
    Case(
      ["generate", "x", "-m", "a@q8", "--dtype", "bf16"],
      "options that exclude each other, command line: expected one of them, found -m a@q8 and --dtype bf16"),
    Case(
      ["generate", "x", "-f", "y"], "text given twice, command line: expected an argument or -f FILE, found both",
      hint: "leave one of them out"),
    Case(
      ["generate", "-", "-f", "y"], "text given twice, command line: expected an argument or -f FILE, found both",
      hint: "leave one of them out"),
    Case(
      ["generate", "x", "--temprature", "1"],
      "unknown option, triptych generate: expected one of its options, found '--temprature'",
      hint: "did you mean '--temperature'?"),
    Case(
      ["generate", "x", "--frobnicate"],
      "unknown option, triptych generate: expected one of its options, found '--frobnicate'",
      hint: "see 'triptych generate --help'"),
    Case(
      ["generate", "-5 degrees"],
      "unknown option, triptych generate: expected one of its options, found '-5 degrees'",
      hint: "put -- before a text that starts with a dash"),
    Case(
      ["generate", "x", "-n5"], "unknown option, triptych generate: expected one of its options, found '-n5'",
      hint: "put a space before the value: -n <n>"),
    Case(
      ["generate", "x", "---completion"],
      "unknown option, triptych generate: expected one of its options, found '---completion'",
      hint: "see 'triptych generate --help'"),
    Case(
      ["---completion"], "unknown option, triptych: expected one of its options, found '---completion'",
      hint: "see 'triptych --help'"),
    Case(
      ["--- x"], "unknown option, triptych: expected one of its options, found '--- x'",
      hint: "put -- before a text that starts with a dash"),
    Case(
      ["generate", "x", "--=5"], "unknown option, triptych generate: expected one of its options, found '--=5'",
      hint: "see 'triptych generate --help'"),
    Case(
      ["generate", "x", "-temperature", "1"],
      "unknown option, triptych generate: expected one of its options, found '-temperature'",
      hint: "did you mean '--temperature'?"),
    Case(
      ["generate", "x", "-qn"], "missing value, -n: expected <n>, found none", hint: "see 'triptych generate --help'"),
    Case(
      ["generate", "x", "-qZ"], "unknown option, triptych generate: expected one of its options, found '-Z'",
      hint: "see 'triptych generate --help'"),
    Case(
      ["--json", "generate", "x"], "unknown option, triptych: expected one of its options, found '--json'",
      hint: "put the command first: triptych generate"),
    Case(
      ["-q", "generate", "x"], "too many arguments, triptych: expected no more of them, found 'generate', 'x'",
      hint: "put the command first: triptych generate"),
    Case(
      ["generate", "x", "-m", "-5"], "missing value, -m: expected <ref>, found none",
      hint: "write -m=-5 if the value starts with a dash"),
    Case(
      ["generate", "x", "--model", "--json"], "missing value, --model: expected <ref>, found none",
      hint: "see 'triptych generate --help'"),
    Case(
      ["quantize"], "missing option, triptych quantize: expected --output <folder>, found none",
      hint: "see 'triptych quantize --help'"),
    Case(
      ["models", "x", "y"], "too many arguments, triptych models: expected no more of them, found 'y'",
      hint: "put a text with spaces in quotes; see 'triptych models --help'"),
    Case(
      ["generate", "x", "--model"], "missing value, --model: expected <ref>, found none",
      hint: "see 'triptych generate --help'"),
    Case(
      ["generate", "Once", "upon", "a"],
      "too many arguments, triptych generate: expected no more of them, found 'upon', 'a'",
      hint: "put a text with spaces in quotes; see 'triptych generate --help'"),
    Case(
      ["generate", "x", "--json=yes"], "unexpected value, --json: expected none, as it is a switch, found 'yes'",
      hint: "see 'triptych generate --help'"),
    Case(
      ["genrate", "x"], "no such command, command line: expected a command, found 'genrate'",
      hint: "did you mean 'generate'?"),
    Case(
      ["sing"], "no such command, command line: expected a command, found 'sing'",
      hint: "see 'triptych --help' for the commands"),
    Case(
      ["help", "scroe"], "no such command, command line: expected a command, found 'scroe'",
      hint: "did you mean 'score'?"),
    Case(
      ["sing", "x"], "no such command, command line: expected a command, found 'sing'",
      hint: "see 'triptych --help' for the commands"),
    Case(["fill-mask", "x", "--top-k", "0"], "wrong value, --top-k: expected a whole number of at least 1, found '0'"),
    Case(["fill-mask", "x", "--targets", ""], "wrong value, --targets: expected a text, found ''"),
    Case(["score", "x", "--stride", "0"], "wrong value, --stride: expected a whole number of at least 1, found '0'"),
    Case(
      ["translate", "x", "-N", "5"],
      "wrong value, -N/--num-return-sequences: expected at most 4, the number of beams, found 5",
      hint: "give --num-beams 5 as well"),
    Case(
      ["detokenize", "9223372036854775808"],
      "not a token id, list of ids: expected whole numbers from 0 to 9223372036854775807, found '9223372036854775808'"),
    Case(["detokenize", "1", "x"], "not a token id, list of ids: expected whole numbers from 0, found 'x'"),
    Case(
      ["detokenize", "400000"],
      "no such token, the vocabulary of 'storyteller': expected an id from 0 to 305, found 400000"),
    Case(["fill-mask", "--ids", "1 2 -3"], "not a token id, list of ids: expected whole numbers from 0, found '-3'"),
    Case(
      ["translate", "x", "--from", "de"], "no such language, model 'interpreter': expected en or fr, found 'de'",
      hint: "choose one of its languages, or give the whole prefix (--from, --to, --prefix)"),
    Case(
      ["translate", "x", "--to", "en"],
      "the same language twice, model 'interpreter': expected two languages, found 'en' twice",
      hint: "choose two that differ (--from, --to)"),
    Case(["bench", "--runs", "0"], "wrong value, --runs: expected a whole number from 1 to 1000000, found '0'"),
    Case(["bench", "--streams", "0"], "wrong value, --streams: expected a whole number from 1 to 1000, found '0'"),
  ]

  @Test(arguments: values + others)
  func wrongUsageEndsInOneErrorLine(wrong: Case) async {
    let outcome = await CommandWorld().run(wrong.arguments)
    let hint = wrong.hint.map { "hint: \($0)\n" } ?? ""
    // A random seed may have been reported before the engine was asked.
    let errors = outcome.errors.replacing("note: seed 1234\n", with: "")
    #expect(outcome.exitCode == 2)
    #expect(outcome.output == "")
    #expect(errors == "error: \(wrong.error)\n\(hint)")
  }
}
