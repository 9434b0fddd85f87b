import ArgumentParser
import EngineAPI
import JSONText
import LocalFiles
import TerminalUI

/// Trains a model and writes it to a folder.
struct Train: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a model on your texts: from nothing, or from a model's weights.",
    usage: "triptych train <objective> -m <ref> -o <folder> [<options>]",
    discussion: """
      EXAMPLES
        triptych train classify -m cloze --train-file mail.tsv -o ./mail
        triptych train causal -m storyteller-mini --train-file tales.txt -o ./tales
        triptych train masked -m ./bert --from-nothing --train-file a.txt -o ./new
        triptych train --replay ./tales/stopped-at-step-12
        triptych train tokenizer bpe --train-file books.txt -o ./pieces --force

      <objective> is causal (predict each next token), masked (predict masked \
      tokens), seq2seq (predict a text from another), classify (label texts) or \
      tag (label words). Options are named as in transformers' \
      TrainingArguments; --config reads them from a YAML file, and those of the \
      command line take precedence.

      Files: .txt, .jsonl, .tsv, .csv, .conll, each also with .gz. Ctrl-C saves a checkpoint and \
      leaves; --resume continues to the same bits.
      """,
    subcommands: [TrainTokenizer.self])

  @Argument(
    help: ArgumentHelp("What to learn.", valueName: "objective"),
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
  var fromNothing = false
  @Option(
    help: ArgumentHelp("A YAML file with options.", valueName: "file"), completion: .file(),
    transform: OptionValue.text("--config"))
  var config: String?
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
    let missing =
      objective == nil
      ? "an objective: \(OptionValue.names(of: TrainingObjective.self))"
      : model == nil
        ? "-m, the model to start from" : trainFile.isEmpty ? "--train-file" : folder == nil ? "-o, a folder" : nil
    if let missing {
      throw .usage(ErrorFacts("incomplete command", at: "train", expected: missing, found: "none"))
    }
  }

  func run(in run: CommandRun) async throws -> Int32 {
    let engine = try await run.engine(threads: threads)
    let writer = TrainingWriter(console: run.console, form: outputForm)
    if let replay { return try writer.write(await engine.replayStep(replay)) }
    guard let objective, let model, let folder else { return 2 }
    let request = TrainRequest(
      model: ModelReference(parsing: model), objective: objective, trainFiles: trainFile,
      validationFile: validationFile, output: folder, fromNothing: fromNothing, options: try allOptions())
    let result = try await engine.train(request) { writer.show($0) }
    run.console.progress.clear()
    try writer.write(result)
    return 0
  }

  /// The options of the file, then those of the command line.
  private func allOptions() throws -> TrainingOptions {
    var all = TrainingOptions()
    if let config {
      for (name, value) in try TrainingFile.read(config) {
        guard let option = TrainingOption.named(name) else {
          let near = Spelling.nearest(to: name, among: TrainingOption.all.map(\.name), count: 1).first
          throw CommandError.badValue(
            option: config, expected: "names of training options", found: name,
            hint: near.map { "did you mean '\($0)'?" })
        }
        guard option.set(value, in: &all) else {
          throw CommandError.badValue(option: "\(config), \(name)", expected: option.expected, found: value, hint: nil)
        }
      }
    }
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

/// JSON output as lines.
struct JSONLinesOption: ParsableArguments, Sendable {
  @Flag(help: "One JSON object a line, each as soon as it is known.")
  var jsonl = false

  /// The form of output that was asked for.
  var form: OutputForm { jsonl ? .lines : .text }
}
