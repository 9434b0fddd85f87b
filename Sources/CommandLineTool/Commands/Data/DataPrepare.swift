import ArgumentParser
import Corpora
import EngineAPI
import JSONText
import Sampling
import TerminalUI

/// Reads, cleans, splits and tokenizes text to learn from.
struct DataPrepare: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prepare",
    abstract: "Read, clean, split and tokenize text, and say what was done.",
    usage: "triptych data prepare --train-file <file> -o <folder> [<options>]",
    discussion: """
      EXAMPLES
        triptych data prepare --train-file pairs.tsv -o ./pairs --force
        triptych data prepare --train-file pairs.tsv --columns fr -o ./french
        triptych data prepare --train-file pairs.tsv --test-share 0.2 -o ./p --json

      The folder gets train.jsonl, validation.jsonl, test.jsonl and dataset.json with all counts; with \
      --tokenizer also the token ids. The part that a record belongs to depends on its text alone.
      """)

  @Option(
    help: ArgumentHelp("A file to learn from, gzip-compressed too; may be repeated.", valueName: "file"),
    completion: .file(), transform: OptionValue.text("--train-file"))
  var trainFile: [String] = []
  @Option(
    help: ArgumentHelp("A file of validation records; may be repeated.", valueName: "file"), completion: .file(),
    transform: OptionValue.text("--validation-file"))
  var validationFile: [String] = []
  @Option(
    help: ArgumentHelp("A file of test records; may be repeated.", valueName: "file"), completion: .file(),
    transform: OptionValue.text("--test-file"))
  var testFile: [String] = []
  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp("The folder to make.", valueName: "folder"), completion: .directory,
    transform: OptionValue.text("-o/--output"))
  var folder: String
  @Flag(help: "Replace prepared data that is already there.")
  var force = false
  @OptionGroup(title: "Text") var text: CorpusOptions
  @OptionGroup(title: "Cleaning") var cleaning: CleaningOptions
  @OptionGroup(title: "Parts") var parts: PartOptions
  @Option(
    help: ArgumentHelp("Tokenize all columns of texts with the tokenizer of this model or folder.", valueName: "ref"),
    completion: ModelCompletion.kind, transform: OptionValue.text("--tokenizer"))
  var tokenizer: String?
  @OptionGroup(title: "Output") var form: JSONOption
  @OptionGroup(title: "Output") var output: OutputOptions

  var outputForm: OutputForm { form.form }

  func check() throws(CommandError) {
    guard !trainFile.isEmpty else {
      throw .usage(
        ErrorFacts("missing option", at: "triptych data prepare", expected: "--train-file <file>", found: "none"))
    }
    if let share = parts.given, !validationFile.isEmpty || !testFile.isEmpty {
      throw .conflict(share, validationFile.isEmpty ? "--test-file" : "--validation-file", reason: nil)
    }
    _ = try parts.shares()
  }

  func run(in run: CommandRun) async throws -> Int32 {
    let opened = try tokenizer.map { (name: $0, tokenizer: try run.tokenizer($0)) }
    var files: [Split: [CorpusFile]] = [:]
    for (split, paths) in [(Split.train, trainFile), (.validation, validationFile), (.test, testFile)] {
      for path in paths {
        run.console.progress.show("reading \(path)", 0)
        files[split, default: []].append(try await run.corpusFile(path))
        try Task.checkCancellation()
      }
    }
    run.console.progress.show("preparing", 0.5)
    let result: DatasetPreparation.Result
    let dataset: Dataset
    var doubtful: [(path: String, names: [String])] = []
    do throws(CorpusError) {
      for split in Split.allCases {
        for file in files[split] ?? [] {
          if let names = try file.doubtfulNames(text.reading) { doubtful.append((file.path, names)) }
        }
      }
      var preparation = DatasetPreparation(files: files, shares: try parts.splitShares())
      preparation.reading = text.reading
      preparation.cleaning = cleaning.cleaning
      preparation.leakSimilarity = parts.leakSimilarity
      preparation.removesLeaks = parts.removeLeaks
      result = try preparation.prepare()
      dataset = try Dataset.write(
        result.splits, report: result.facts, tokenizer: opened, to: folder, replaces: force)
    } catch {
      throw CommandError(error)
    }
    run.console.progress.clear()
    for (path, names) in doubtful {
      run.console.note(
        "\(path): line 1 was taken as the names of the columns: \(names.joined(separator: ", ")); "
          + "if it is a record, name them with --column-names")
    }
    for skipped in result.skippedLines { run.noteSkipped(skipped.lines, of: skipped.path) }
    if outputForm == .object {
      try run.console.write(JSONObject(["schema": 1, "path": .text(folder)]).followed(by: dataset.description))
    } else {
      try write(result, dataset, run.console)
    }
    if !result.leaks.isEmpty, !parts.removeLeaks {
      run.console.note(
        "\(result.leaks.count) records of validation and test are also, or nearly, in the training data; "
          + "--remove-leaks leaves them out")
    }
    return 0
  }

  private func write(_ result: DatasetPreparation.Result, _ dataset: Dataset, _ console: Console) throws(CommandError) {
    let report = result.report
    let lines = [
      ("read", report.read), ("changed by cleaning", report.changed), ("too short", report.tooShort),
      ("too long", report.tooLong), ("duplicates", report.duplicates), ("near duplicates", report.nearDuplicates),
      ("in another language", report.otherLanguage), ("kept", report.kept),
    ]
    var table = Table([.left("records"), .right("")])
    for (name, count) in lines where count > 0 || name == "read" || name == "kept" {
      table.add([.init(name), .init(NumberText.grouped(count))])
    }
    for split in Split.allCases {
      guard let records = result.splits[split], !records.isEmpty else { continue }
      let leaks = result.leaks.count { $0.split == split }
      table.add([.init("  " + split.rawValue, .accent), .init(NumberText.grouped(records.count))])
      if leaks > 0 {
        table.add([
          .init(parts.removeLeaks ? "    removed as leaks" : "    leaks", .dim), .init(NumberText.grouped(leaks)),
        ])
      }
    }
    for line in table.lines(console.ink) { try console.writeLine(line) }
    try console.writeLine(folder.onOneLine)
  }
}

/// What is cleaned.
struct CleaningOptions: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp("Unicode form: \(OptionValue.names(of: TextCleaning.Form.self)).", valueName: "unicode"),
    completion: .list(TextCleaning.Form.allCases.map(\.rawValue)),
    transform: OptionValue.choice("--normalize", as: TextCleaning.Form.self))
  var normalize = TextCleaning.Form.nfc
  @Flag(help: "Keep control characters and invisible ones.")
  var keepControls = false
  @Flag(help: "Keep white space as it is.")
  var keepSpace = false
  @Flag(help: "Keep records whose text is the same as an earlier one's.")
  var keepDuplicates = false
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Leave out records that share this part of their word runs with an earlier one, \(similarities.limits ?? "").",
      valueName: "share"),
    transform: OptionValue.number("--near-duplicates", similarities))
  var nearDuplicates: Double?
  @Option(
    parsing: .unconditional, help: ArgumentHelp("The fewest characters of a record.", valueName: "n"),
    transform: OptionValue.integer("--min-length", 0...Limits.most))
  var minLength = 1
  @Option(
    parsing: .unconditional, help: ArgumentHelp("The most characters of a record.", valueName: "n"),
    transform: OptionValue.integer("--max-length", 1...Limits.most))
  var maxLength: Int?
  @Option(
    help: ArgumentHelp(
      "Leave out records whose column is clearly in another language, as in fr=fr; may be repeated.",
      valueName: "column=code"),
    transform: CleaningOptions.language)
  var language: [ColumnLanguage] = []

  /// The language of a column.
  struct ColumnLanguage: Sendable {
    var column: String
    var code: String
  }

  private static let language: @Sendable (String) throws(CommandError) -> ColumnLanguage = {
    text throws(CommandError) in
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts[0].isEmpty, LanguageGuess.codes.contains(parts[1]) else {
      throw .wrongValue(
        text, of: "--language", expected: "a column and one of the codes " + LanguageGuess.codes.joined(separator: ", ")
      )
    }
    return ColumnLanguage(column: parts[0], code: parts[1])
  }

  /// How texts are cleaned.
  var cleaning: TextCleaning {
    var cleaning = TextCleaning()
    cleaning.form = normalize
    cleaning.removesControls = !keepControls
    cleaning.collapsesSpace = !keepSpace
    cleaning.removesDuplicates = !keepDuplicates
    cleaning.nearDuplicateSimilarity = nearDuplicates
    cleaning.minimumLength = minLength
    cleaning.maximumLength = maxLength
    cleaning.languages = Dictionary(language.map { ($0.column, $0.code) }) { $1 }
    return cleaning
  }
}

/// The values of options for near duplicates.
private let similarities = NumberBounds.range(TextCleaning.similarities)

/// How records are divided.
struct PartOptions: ParsableArguments, Sendable {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The share of records for validation (default: 0.05).", valueName: "share"),
    transform: OptionValue.number("--validation-share", .range(SplitShares.shares)))
  var validationShare: Double?
  @Option(
    parsing: .unconditional, help: ArgumentHelp("The share of records for the test (default: 0).", valueName: "share"),
    transform: OptionValue.number("--test-share", .range(SplitShares.shares)))
  var testShare: Double?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The least similarity of a leak between parts, \(similarities.limits ?? "").", valueName: "share"),
    transform: OptionValue.number("--leak-similarity", similarities))
  var leakSimilarity = 0.8
  @Flag(help: "Leave out records of validation and test that are also in the training data.")
  var removeLeaks = false

  /// The share that was given.
  var given: String? {
    validationShare.map { "--validation-share \($0)" } ?? testShare.map { "--test-share \($0)" }
  }

  func splitShares() throws(CorpusError) -> SplitShares {
    try SplitShares(validation: validationShare ?? 0.05, test: testShare ?? 0)
  }

  func shares() throws(CommandError) -> SplitShares {
    do throws(CorpusError) { return try splitShares() } catch { throw CommandError(error) }
  }
}
