import ArgumentParser
import EngineAPI
import JSONText
import LocalFiles
import TerminalUI

/// Trains a model and writes it to a folder.
struct Train: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a model on your texts: from random weights, or from a model's own.",
    usage: "triptych train <objective> -m <ref> -o <folder> [<options>]",
    discussion: """
      EXAMPLES
        triptych train classify -m cloze --train-file mail.tsv -o ./mail
        triptych train causal -m storyteller-mini --train-file tales.txt -o ./tales
        triptych train masked -m ./bert --from-scratch --train-file a.txt -o ./new
        triptych train --config models/recipes/sentiment.yaml -o ./sentiment
        triptych train --replay ./tales/stopped-at-step-12
        triptych train tokenizer bpe --train-file books.txt -o ./pieces --force

      <objective> is causal (predict each next token), masked (predict masked \
      tokens), seq2seq (predict a text from another), classify (label texts), \
      tag (label words) or preference (prefer one of two answers, by DPO). Options are named as in transformers' \
      TrainingArguments; --config reads them from a YAML file, with objective, model \
      and files if it names them; those of the command line take precedence.

      Files: .txt, .jsonl, .tsv, .csv, .conll, each also with .gz. Ctrl-C saves a checkpoint and \
      leaves; --resume continues to the same bits.
      """,
    subcommands: [TrainTokenizer.self])

  @Argument(
    help: ArgumentHelp("What the model is trained to do.", valueName: "objective"),
    completion: .list(TrainingObjective.allCases.map(\.rawValue)),
    transform: OptionValue.choice("objective", as: TrainingObjective.self))
  var objective: TrainingObjective?

  @Option(
    name: [.customShort("m"), .customLong("model")],
    help: ArgumentHelp("A bundled model's name or a folder in Hugging Face layout.", valueName: "ref"),
    completion: ModelCompletion.kind, transform: OptionValue.text("-m/--model"))
  var model: String?
  @Option(
    help: ArgumentHelp("A file of examples; may be given several times.", valueName: "file"), completion: .file(),
    transform: OptionValue.text("--train-file"))
  var trainFile: [String] = []
  @Option(
    help: ArgumentHelp("A file of held-out examples.", valueName: "file"), completion: .file(),
    transform: OptionValue.text("--validation-file"))
  var validationFile: String?
  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp("The folder to write: model, log and checkpoints.", valueName: "folder"),
    completion: .directory, transform: OptionValue.text("-o/--output"))
  var folder: String?
  @Flag(help: "Start from random weights; only configuration and tokenizer of -m are used.")
  var fromScratch = false
  @Option(
    help: ArgumentHelp("A recipe: a YAML file with options, objective, model and files.", valueName: "file"),
    completion: .file(),
    transform: OptionValue.text("--config"))
  var config: String?
  @Flag(name: .customLong("no-ui"), help: "Write lines, one for each step, as this command always does.")
  var withoutScreen = false
  @Option(
    help: ArgumentHelp("Repeat the step that a stopped run kept in this folder.", valueName: "folder"),
    completion: .directory, transform: OptionValue.text("--replay"))
  var replay: String?
  @Option(name: .threads, parsing: .unconditional, help: .threads, transform: OptionValue.threads)
  var threads: Int?
  @OptionGroup(title: "Training") var options: TrainingOptionGroup
  @OptionGroup(title: "Output") var form: JSONLinesOption
  @OptionGroup(title: "Output") var output: OutputOptions

  var outputForm: OutputForm { form.form }

  func check() throws(CommandError) {
    guard replay == nil else {
      if objective != nil || model != nil || !trainFile.isEmpty {
        throw .conflict("--replay", "a training run", reason: "the folder has the model and the examples")
      }
      return
    }
    // A recipe may supply what the command line lacks. It is read, and checked, when the command runs.
    guard config == nil else { return }
    try checkComplete(TrainRecipe())
  }

  /// Refuses a command that lacks a part that the recipe does not have either.
  private func checkComplete(_ recipe: TrainRecipe) throws(CommandError) {
    let missing =
      objective ?? recipe.objective == nil
      ? "an objective: \(OptionValue.names(of: TrainingObjective.self))"
      : model ?? recipe.model == nil
        ? "-m, the model to start from"
        : trainFile.isEmpty && recipe.trainFiles.isEmpty
          ? "--train-file" : folder ?? recipe.output == nil ? "-o, a folder" : nil
    if let missing {
      throw .usage(ErrorFacts("incomplete command", at: "train", expected: missing, found: "none"))
    }
  }

  func run(in run: CommandRun) async throws -> Int32 {
    let engine = try await run.engine(threads: threads)
    let writer = TrainingWriter(console: run.console, form: outputForm)
    if let replay { return try writer.write(await engine.replayStep(replay)) }
    let recipe = try config.map { path in try TrainRecipe(path: path) } ?? TrainRecipe()
    try checkComplete(recipe)
    guard let objective = objective ?? recipe.objective, let model = model ?? recipe.model,
      let folder = folder ?? recipe.output
    else { return 2 }
    let request = TrainRequest(
      model: ModelReference(parsing: model), objective: objective,
      trainFiles: trainFile.isEmpty ? recipe.trainFiles : trainFile,
      validationFile: validationFile ?? recipe.validationFile, output: folder,
      fromScratch: fromScratch || recipe.fromScratch, options: try allOptions(recipe))
    let result: TrainResult
    do throws(EngineError) { result = try await engine.train(request) { writer.show($0) } } catch {
      throw error.namingOptions
    }
    run.console.progress.clear()
    try writer.write(result)
    return 0
  }

  /// The options of the recipe, then those of the command line.
  private func allOptions(_ recipe: TrainRecipe) throws(CommandError) -> TrainingOptions {
    var all = recipe.options
    // Prompts of the command line replace those of the recipe.
    if !options.samplePrompt.isEmpty { all.samplePrompts = [] }
    for (name, value) in options.given {
      guard let option = TrainingOption.named(name), option.set(value, in: &all) else {
        let expected = TrainingOption.named(name)?.expected ?? "another name"
        throw CommandError.badValue(
          option: "--" + name.replacing("_", with: "-"), expected: expected, found: value, hint: nil)
      }
    }
    return all
  }
}

extension EngineError {
  /// The error with options as the command line names them: `--label-column` for `label_column`.
  fileprivate var namingOptions: EngineError {
    let names = Set(TrainingOption.all.map(\.name) + ["train_file", "validation_file", "from_scratch"])
    func named(_ text: String?) -> String? {
      guard let text else { return nil }
      func isPart(_ character: Character) -> Bool {
        character == "_" || (character.isASCII && (character.isLetter || character.isNumber))
      }
      var (result, word) = ("", "")
      for character in text + " " {
        if isPart(character) {
          word.append(character)
          continue
        }
        // Names of one word, such as seed, also stand for themselves.
        let isOption = names.contains(word) && word.contains("_")
        result += (isOption ? "--" + word.replacing("_", with: "-") : word) + String(character)
        word = ""
      }
      return String(result.dropLast())
    }
    var error = self
    let isOption = names.contains(facts.place ?? "")
    error.facts.place = isOption ? "--" + (facts.place ?? "").replacing("_", with: "-") : named(facts.place)
    error.facts.expected = named(facts.expected)
    error.facts.found = named(facts.found)
    error.facts.hint = named(facts.hint)
    return error
  }
}

/// JSON output as lines.
struct JSONLinesOption: ParsableArguments, Sendable {
  @Flag(help: "One JSON object a line, each as soon as it is known.")
  var jsonl = false

  /// The form of output that was asked for.
  var form: OutputForm { jsonl ? .lines : .text }
}
