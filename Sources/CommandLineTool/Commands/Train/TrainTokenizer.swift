import ArgumentParser
import Corpora
import EngineAPI
import JSONText
import LocalFiles
import TerminalUI
import TokenizerTraining

/// Trains a tokenizer and writes its files.
struct TrainTokenizer: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenizer",
    abstract: "Learn the vocabulary of a tokenizer from text.",
    usage: "triptych train tokenizer <kind> --train-file <file> -o <folder>",
    discussion: """
      EXAMPLES
        triptych train tokenizer bpe --train-file books.txt -o ./pieces --force
        triptych train tokenizer unigram --train-file t.tsv --columns en -o ./units

      The folder gets tokenizer.json and tokenizer_config.json, which the tokenizers library and Triptych open. \
      The vocabulary depends on the text and the options alone.
      """)

  @Argument(
    help: ArgumentHelp("The kind: \(OptionValue.names(of: TokenizerRecipe.Kind.self)).", valueName: "kind"),
    completion: .list(TokenizerRecipe.Kind.allCases.map(\.rawValue)),
    transform: OptionValue.choice("<kind>", as: TokenizerRecipe.Kind.self))
  var kind: TokenizerRecipe.Kind
  @Option(
    help: ArgumentHelp("A file to learn from, gzip-compressed too; may be repeated.", valueName: "file"),
    completion: .file(), transform: OptionValue.text("--train-file"))
  var trainFile: [String] = []
  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp("The folder to write to.", valueName: "folder"), completion: .directory,
    transform: OptionValue.text("-o/--output"))
  var folder: String
  @Flag(help: "Replace a tokenizer that is already there.")
  var force = false
  @OptionGroup(title: "Vocabulary") var vocabulary: VocabularyOptions
  @OptionGroup(title: "Text") var text: CorpusOptions
  @OptionGroup(title: "Output") var form: JSONOption
  @OptionGroup(title: "Output") var output: OutputOptions

  var outputForm: OutputForm { form.form }

  func check() throws(CommandError) {
    guard !trainFile.isEmpty else {
      throw .usage(
        ErrorFacts("missing option", at: "triptych train tokenizer", expected: "--train-file <file>", found: "none"))
    }
    _ = try trainer()
  }

  func run(in run: CommandRun) async throws -> Int32 {
    let path = "\(folder)/tokenizer.json"
    if FileBytes.exists(path), !force {
      throw CommandError.engine(
        EngineError(
          .resources, "the folder has a tokenizer", at: folder, expected: "a new or empty folder", found: path,
          hint: "choose another folder, or replace the tokenizer with --force"))
    }
    var trainer = try trainer()
    for path in trainFile {
      run.console.progress.show("reading \(path)", 0)
      let file = try await run.corpusFile(path)
      try Task.checkCancellation()
      try add(file, to: &trainer, run)
    }
    let progress = run.console.progress
    let trained: TrainedTokenizer?
    do throws(TokenizerTrainingError) {
      trained = try trainer.train { fraction in
        progress.show("learning the vocabulary", fraction)
        return !Task.isCancelled
      }
    } catch {
      throw CommandError(error)
    }
    guard let trained else { throw CommandError.interrupted }
    progress.clear()
    do throws(LocalFilesError) {
      let files = [("tokenizer_config.json", trained.configuration), ("tokenizer.json", trained.json)]
      for (name, json) in files { try TextFile.write(json.serialized(pretty: true) + "\n", to: "\(folder)/\(name)") }
    } catch {
      throw CommandError.engine(EngineError(error))
    }
    try report(trained, bytes: trainer.bytes, run.console)
    return 0
  }

  private func trainer() throws(CommandError) -> TokenizerTrainer {
    let recipe = try vocabulary.recipe(kind)
    do throws(TokenizerTrainingError) {
      return try TokenizerTrainer(recipe)
    } catch {
      throw CommandError(error)
    }
  }

  /// Adds a file: plain text line by line as it is, the texts of all columns of other formats.
  private func add(_ file: CorpusFile, to trainer: inout TokenizerTrainer, _ run: CommandRun) throws(CommandError) {
    var reading = text.reading
    let format = reading.format ?? CorpusFormat(path: file.path) ?? .text
    do {
      if format == .text, !reading.skipsInvalidLines {
        try trainer.add(file.bytes, path: file.path)
        return
      }
      if format == .text { reading.boundary = .line }
      let contents = try file.read(reading)
      run.noteSkipped(contents.skippedLines, of: file.path)
      try trainer.add(Array(contents.records.map { $0.text + "\n" }.joined().utf8), path: file.path)
    } catch let error as TokenizerTrainingError {
      throw CommandError(error)
    } catch let error as CorpusError {
      throw CommandError(error)
    } catch {
      throw CommandError(error)
    }
  }

  private func report(_ trained: TrainedTokenizer, bytes: Int, _ console: Console) throws(CommandError) {
    if outputForm == .object {
      try console.write([
        "schema": 1, "kind": .text(kind.rawValue), "tokens": .integer(trained.size),
        "merges": .integer(trained.mergeCount), "bytes": .integer(bytes), "path": .text(folder),
      ])
      return
    }
    let facts = [
      kind.rawValue, "\(NumberText.grouped(trained.size)) tokens", "from \(NumberText.bytes(bytes))", folder,
    ]
    try console.writeLine(facts.map(\.onOneLine).joined(separator: " · "))
    if trained.size < vocabulary.vocabSize {
      console.note("the text has no more pieces: \(trained.size) tokens instead of \(vocabulary.vocabSize)")
    }
  }
}

/// The settings of a vocabulary, named as the tokenizers library names them.
struct VocabularyOptions: ParsableArguments, Sendable {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The number of tokens, special tokens and alphabet included.", valueName: "n"),
    transform: OptionValue.integer("--vocab-size", TokenizerRecipe.vocabularySizes))
  var vocabSize = 30_000
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Merge only pairs that occur this often (bpe, wordpiece).", valueName: "n"),
    transform: OptionValue.integer("--min-frequency", 0...Limits.most))
  var minFrequency = 0
  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "A special token; may be repeated. The first ids, in this order (default: those usual for the kind).",
      valueName: "token"),
    transform: OptionValue.text("--special-token"))
  var specialToken: [String] = []
  @Option(
    help: ArgumentHelp("The token for unknown text (wordpiece, unigram).", valueName: "token"),
    transform: OptionValue.text("--unk-token"))
  var unkToken: String?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Keep only the n most frequent characters (wordpiece).", valueName: "n"),
    transform: OptionValue.integer("--limit-alphabet", 1...Limits.most))
  var limitAlphabet: Int?
  @Option(
    help: ArgumentHelp("Characters to have in any case (wordpiece, unigram).", valueName: "text"),
    transform: OptionValue.text("--initial-alphabet"))
  var initialAlphabet: String?
  @Option(
    help: ArgumentHelp("The prefix of pieces inside a word (wordpiece; default: ##).", valueName: "text"),
    transform: OptionValue.text("--continuing-subword-prefix"))
  var continuingSubwordPrefix: String?
  @Flag(inversion: .prefixedNo, help: "Lowercase the text (default: only wordpiece).")
  var lowercase: Bool?
  @Option(
    help: ArgumentHelp(
      "Unicode form: \(OptionValue.names(of: TokenizerRecipe.UnicodeForm.self)) (default: nfkc for unigram, else none).",
      valueName: "unicode"),
    completion: .list(TokenizerRecipe.UnicodeForm.allCases.map(\.rawValue)),
    transform: OptionValue.choice("--normalize", as: TokenizerRecipe.UnicodeForm.self))
  var normalize: TokenizerRecipe.UnicodeForm?
  @Flag(help: "Put a space before each text (bpe).")
  var addPrefixSpace = false
  @Option(
    parsing: .unconditional, help: ArgumentHelp("The longest pieces, in characters (unigram).", valueName: "n"),
    transform: OptionValue.integer("--max-piece-length", TokenizerRecipe.pieceLengths))
  var maxPieceLength: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The share of pieces that each pruning keeps (unigram).", valueName: "share"),
    transform: OptionValue.number("--shrinking-factor", TokenizerRecipe.shrinkingFactors))
  var shrinkingFactor: Double?

  /// The recipe of a tokenizer. Options that its kind does not have are refused.
  func recipe(_ kind: TokenizerRecipe.Kind) throws(CommandError) -> TokenizerRecipe {
    try refuse(
      [
        ("--min-frequency", minFrequency != 0, kind != .unigram), ("--unk-token", unkToken != nil, kind != .bpe),
        ("--limit-alphabet", limitAlphabet != nil, kind == .wordpiece),
        ("--initial-alphabet", initialAlphabet != nil, kind != .bpe),
        ("--continuing-subword-prefix", continuingSubwordPrefix != nil, kind == .wordpiece),
        ("--add-prefix-space", addPrefixSpace, kind == .bpe),
        ("--max-piece-length", maxPieceLength != nil, kind == .unigram),
        ("--shrinking-factor", shrinkingFactor != nil, kind == .unigram),
      ], kind)
    var recipe = TokenizerRecipe(kind, vocabularySize: vocabSize)
    recipe.minimumFrequency = minFrequency
    if !specialToken.isEmpty { recipe.specialTokens = specialToken }
    if let unkToken { recipe.unknownToken = unkToken }
    recipe.alphabetLimit = limitAlphabet
    if let initialAlphabet { recipe.initialAlphabet = initialAlphabet }
    if let continuingSubwordPrefix { recipe.continuingPrefix = continuingSubwordPrefix }
    if let lowercase { recipe.isLowercased = lowercase }
    if let normalize { recipe.unicodeForm = normalize }
    recipe.addsPrefixSpace = addPrefixSpace
    if let maxPieceLength { recipe.longestPiece = maxPieceLength }
    if let shrinkingFactor { recipe.shrinkingFactor = shrinkingFactor }
    return recipe
  }

  private func refuse(
    _ options: [(name: String, isGiven: Bool, isUsed: Bool)], _ kind: TokenizerRecipe.Kind
  ) throws(CommandError) {
    guard let option = options.first(where: { $0.isGiven && !$0.isUsed }) else { return }
    throw .usage(
      ErrorFacts(
        "option without use", at: option.name, expected: "another kind of tokenizer", found: kind.rawValue,
        hint: "leave it out"))
  }
}

extension CommandError {
  /// An error of the training of a tokenizer: wrong usage, or a failure.
  init(_ error: TokenizerTrainingError) {
    self = error.isUsage ? .usage(error.explanation) : .engine(EngineError(.resources, error.explanation))
  }
}
