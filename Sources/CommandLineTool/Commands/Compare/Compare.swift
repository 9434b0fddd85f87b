import ArgumentParser
import EngineAPI
import JSONText
import TerminalUI

/// Compares models, number formats or sampler settings over the same text.
struct Compare: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Where and how far two to four models part over the same text.",
    usage: "triptych compare -m <side> -m <side> [<text>] [<options>]",
    discussion: """
      EXAMPLES
        triptych compare -m storyteller -m storyteller-mini "Once upon a time"
        triptych compare -m storyteller -m storyteller@q4 --file story.txt
        triptych compare -m storyteller -m storyteller,temp=0.7,top-p=0.9 "The sea"
        triptych compare -m storyteller -m storyteller,ablate=3.1 "Once upon a time"
        triptych compare -m interpreter -m interpreter@q8 "Hi." --target "Salut."

      A side is a model, with a number format and settings of the sampler chain if
      wanted, changes of its activations (ablate=, scale=, patch=, control-vector=)
      and a prompt of its own (prompt=). Divergences are exact over the whole vocabulary, in bits. Models with
      different tokenizers are compared by bits per byte. Masked models predict one
      token at a time, masked alone, and the masks of a text are compared as well.
      Without --target, translation models are compared by the beams of each and the
      score that every side gives to them.
      """)

  /// The allowed numbers of sides.
  static let sides = 2...4

  @Argument(help: ArgumentHelp("The text; standard input if it is - or missing.", valueName: "text"))
  var text: String?
  @Option(
    name: [.customShort("f"), .customLong("file")],
    help: ArgumentHelp(
      "Compare over each line of a file, or over the texts of a \(PromptFile.suffix) file.", valueName: "file"),
    completion: .file())
  var file: String?
  @Option(help: ArgumentHelp("The decoder's text, for encoder-decoder models; TEXT is their input.", valueName: "text"))
  var target: String?
  @Option(
    help: ArgumentHelp("The language of TEXT, as a code: adds each model's translation prefix.", valueName: "code"))
  var from: String?
  @Option(help: ArgumentHelp("The language of the target, as a code.", valueName: "code"))
  var to: String?
  @Option(
    name: [.customShort("m"), .customLong("model")], parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "A side: a model, as NAME@FORMAT,temperature=0.7,ablate=3.1; two to four times.", valueName: "side"),
    completion: ModelCompletion.kind, transform: SideOption.parse)
  var models: [SideOption] = []
  @Option(
    help: ArgumentHelp(
      "The number format of sides without one: \(OptionValue.names(of: NumberFormat.self)).", valueName: "format"),
    completion: .list(NumberFormat.allCases.map(\.rawValue)),
    transform: OptionValue.choice("--dtype", as: NumberFormat.self))
  var dtype: NumberFormat?
  @Option(name: .threads, parsing: .unconditional, help: .threads, transform: OptionValue.threads)
  var threads: Int?
  @OptionGroup(title: "Model") var cache: CacheOption
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("List the k most probable tokens of each side, in JSON.", valueName: "k"),
    transform: OptionValue.integer("--top-logprobs", Limits.listed))
  var topLogprobs = 0
  @OptionGroup(visibility: .hidden) var seed: SeedOption
  @OptionGroup(title: "Output") var form: JSONOption
  @OptionGroup(title: "Output") var output: OutputOptions

  var outputForm: OutputForm { form.form }

  func check() throws(CommandError) {
    guard Self.sides.contains(models.count) else {
      throw .badValue(
        option: "-m", expected: "two to four sides", found: models.isEmpty ? "none" : "\(models.count)",
        hint: "give -m once for each side, such as -m storyteller -m storyteller@q4")
    }
    if text != nil, file != nil { throw .textGivenTwice }
    if let target, let file {
      throw .conflict("--target \(target)", "--file \(file)", reason: "each text has a target of its own")
    }
  }

  func run(in run: CommandRun) async throws -> Int32 {
    var texts: [PromptFile.Prompt]?
    if let file { texts = try await Self.texts(of: file, in: run) }
    let single = texts == nil ? try await TextInput(context: run.context).read(text) : ""
    let comparing = try await TextComparison(self, in: run)
    if texts == nil, single.isEmpty {
      throw CommandError.badValue(option: "text", expected: "a text to compare over", found: "an empty one", hint: nil)
    }
    if let texts, let file { return try await compare(texts, of: file, comparing, in: run) }
    return try await compare(single, comparing, in: run)
  }

  /// Compares over one text.
  private func compare(_ text: String, _ comparing: TextComparison, in run: CommandRun) async throws -> Int32 {
    let progress = run.console.progress
    if comparing.comparesTranslations(target) {
      let found = try await comparing.translations(of: text)
      if outputForm == .object {
        let head: JSONObject = ["schema": 1]
        try run.console.write(head.followed(by: found.json).followed(by: comparing.sidesJSON([])))
      } else {
        try found.write(to: run.console)
      }
      return 0
    }
    let result = try await comparing.compare(text, target) { progress.show("comparing", $0) }
    for note in result.notes { run.console.note(note) }
    if outputForm == .object {
      let head: JSONObject = ["schema": 1]
      try run.console.write(
        head.followed(by: result.json(positions: true)).followed(by: comparing.sidesJSON(result.costs)))
    } else {
      progress.clear()
      try ComparisonText(console: run.console, comparing: comparing).write(result)
    }
    return result.isInterrupted ? EndSignal.interrupt.exitCode : 0
  }

  /// The texts of a file: of each line, or of each line's object.
  private static func texts(of path: String, in run: CommandRun) async throws -> [PromptFile.Prompt] {
    let whole = try await TextInput(context: run.context).whole(file: path)
    if path.hasSuffix(PromptFile.suffix) {
      let file = try PromptFile(whole, path: path)
      if !file.unused.isEmpty {
        run.console.note("\(path): members without effect: \(file.unused.joined(separator: ", "))")
      }
      return file.prompts
    }
    return try PromptFile(lines: whole, path: path).prompts
  }
}
