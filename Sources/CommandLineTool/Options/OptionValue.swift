import ArgumentParser
import EngineAPI
import LocalFiles
import Sampling
import TerminalUI

/// Parsers of option values. Each returns the value or throws a `CommandError` that says what the option takes.
enum OptionValue {
  /// A whole number in a range.
  static func integer(_ option: String, _ range: ClosedRange<Int>) -> @Sendable (String) throws(CommandError) -> Int {
    { text throws(CommandError) in
      guard let value = Int(text), range.contains(value) else {
        throw .wrongValue(text, of: option, expected: NumberBounds.whole(range).words(refusing: text))
      }
      return value
    }
  }

  /// A finite number within bounds.
  static func number(_ option: String, _ bounds: NumberBounds) -> @Sendable (String) throws(CommandError) -> Double {
    { text throws(CommandError) in
      guard let value = Double(text), value.isFinite, bounds.contains(value) else {
        throw .wrongValue(text, of: option, expected: bounds.words(refusing: text))
      }
      return value
    }
  }

  /// A value of a stage of the chain, within its bounds.
  static func stage(_ setting: StageSetting) -> @Sendable (String) throws(CommandError) -> Double {
    { text throws(CommandError) in
      guard let value = setting.number(parsing: text) else {
        throw .wrongValue(text, of: "--" + setting.name, expected: setting.bounds.words(refusing: text))
      }
      return value
    }
  }

  /// One of the names of a type's cases.
  static func choice<T: RawRepresentable<String> & CaseIterable & Sendable>(
    _ option: String, as type: T.Type
  ) -> @Sendable (String) throws(CommandError) -> T { choice(option, among: Array(T.allCases)) }

  /// One of the names of these values.
  static func choice<T: RawRepresentable<String> & Sendable>(
    _ option: String, among cases: [T]
  ) -> @Sendable (String) throws(CommandError) -> T {
    { text throws(CommandError) in
      if let value = cases.first(where: { $0.rawValue == text }) { return value }
      let near = Spelling.nearest(to: text, among: cases.map(\.rawValue), count: 1).first
      throw .wrongValue(
        text, of: option, expected: names(of: cases), hint: near.map { "did you mean '\($0)'?" })
    }
  }

  /// The names of a type's cases, for help and errors: `f32, bf16, q8 or q4`.
  static func names<T: RawRepresentable<String> & CaseIterable>(of type: T.Type) -> String {
    names(of: Array(type.allCases))
  }

  /// The names of these values.
  static func names<T: RawRepresentable<String>>(of cases: [T]) -> String {
    let names = cases.map(\.rawValue)
    guard let last = names.last, names.count > 1 else { return names.first ?? "" }
    return names.dropLast().joined(separator: ", ") + " or " + last
  }

  /// A nonempty text.
  static func text(_ option: String) -> @Sendable (String) throws(CommandError) -> String {
    { text throws(CommandError) in
      guard !text.isEmpty else { throw .wrongValue("", of: option, expected: "a text") }
      return text
    }
  }

  /// The number of compute threads.
  static let threads = integer("-t/--threads", Limits.threads)

  /// The seed.
  static func seed(_ text: String) throws(CommandError) -> UInt64 {
    guard let value = UInt64(text), Limits.seeds.contains(value) else {
      throw .wrongValue(
        text, of: "--seed", expected: "a whole number from 0 to \(Limits.seeds.upperBound)")
    }
    return value
  }

  /// `ID=BIAS`.
  static func bias(_ text: String) throws(CommandError) -> LogitBias {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let id = Int(parts[0]), Limits.biasedIDs.contains(id), let bias = Double(parts[1]),
      Limits.bias.contains(bias)
    else {
      throw .wrongValue(
        text, of: "--logit-bias", expected: "ID=BIAS with an id and a finite number, such as 50256=-100")
    }
    return LogitBias(id: id, bias: bias)
  }

  /// The names of stages between commas (or semicolons, as in llama.cpp), with dashes or underscores.
  static func samplers(_ text: String) throws(CommandError) -> [SamplerStage] {
    var stages: [SamplerStage] = []
    for name in text.split(whereSeparator: { $0 == "," || $0 == ";" || $0 == " " }) {
      let written = String(name.map { $0 == "_" ? "-" : $0 })
      let names = SamplerStage.allCases.map(\.rawValue)
      guard let stage = SamplerStage(rawValue: written) else {
        let near = Spelling.nearest(to: written, among: names, count: 1).first
        throw .wrongValue(
          String(name), of: "--samplers", expected: "names of stages",
          hint: near.map { "did you mean '\($0)'?" } ?? "the stages are " + names.joined(separator: ", "))
      }
      guard !stages.contains(stage) else {
        throw .wrongValue(String(name), of: "--samplers", expected: "each stage once")
      }
      stages.append(stage)
    }
    return stages
  }
}

extension NameSpecification {
  /// The names of the option of compute threads.
  static var threads: NameSpecification { [.customShort("t"), .customLong("threads")] }
}

extension ArgumentHelp {
  /// The help of the option of compute threads.
  static var threads: ArgumentHelp {
    ArgumentHelp("Compute threads (default: the available physical cores).", valueName: "n")
  }
}

/// A bias added to the logit of a token id.
struct LogitBias: Sendable, Hashable {
  let id: Int
  let bias: Double
}

/// Output options of every command.
struct OutputOptions: ParsableArguments, Sendable {
  @Flag(name: [.customShort("q"), .customLong("quiet")], help: "No notices on standard error.")
  var quiet = false

  @Option(
    help: ArgumentHelp("Color: auto, always or never (default: auto).", valueName: "when"),
    completion: .list(ColorChoice.allCases.map(\.rawValue)),
    transform: OptionValue.choice("--color", as: ColorChoice.self))
  var color: ColorChoice = .auto
}

/// JSON output as one object.
struct JSONOption: ParsableArguments, Sendable {
  @Flag(help: "One JSON object instead of text.")
  var json = false

  /// The form of output that was asked for.
  var form: OutputForm { json ? .object : .text }
}

/// JSON output of streaming commands: one object, or one object per line.
struct JSONStreamOptions: ParsableArguments, Sendable {
  @Flag(help: "One JSON object instead of text.")
  var json = false

  @Flag(help: "One JSON object a line, each as soon as it is known.")
  var jsonl = false

  /// The form of output that was asked for.
  var form: OutputForm { json ? .object : jsonl ? .lines : .text }

  /// Refuses `--json` together with `--jsonl`.
  func check() throws(CommandError) {
    if json && jsonl { throw .conflict("--json", "--jsonl", reason: nil) }
  }
}

/// The three forms of a streaming command's output.
enum OutputForm: Sendable {
  /// Text for people.
  case text
  /// One JSON object.
  case object
  /// One JSON object a line.
  case lines
}

/// The text that a command works on: an argument, a file, or standard input.
struct TextOptions: ParsableArguments, Sendable {
  @Argument(help: ArgumentHelp("The text; standard input if it is - or missing.", valueName: "text"))
  var text: String?

  @Option(
    name: [.customShort("f"), .customLong("file")],
    help: ArgumentHelp("Read the text from a file; one newline at its end is dropped.", valueName: "file"),
    completion: .file())
  var file: String?
}
