import ArgumentParser
import Corpora
import EngineAPI
import JSONText
import LocalFiles
import Tokenizers

/// How files of training text are read.
struct CorpusOptions: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp(
      "The format: \(OptionValue.names(of: CorpusFormat.self)) (default: by the file's ending, else text).",
      valueName: "type"),
    completion: .list(CorpusFormat.allCases.map(\.rawValue)),
    transform: OptionValue.choice("--format", as: CorpusFormat.self))
  var format: CorpusFormat?
  @Option(
    help: ArgumentHelp(
      "What ends a document of plain text: \(OptionValue.names(of: DocumentBoundary.self)).", valueName: "where"),
    completion: .list(DocumentBoundary.allCases.map(\.rawValue)),
    transform: OptionValue.choice("--documents", as: DocumentBoundary.self))
  var documents = DocumentBoundary.blank
  @Option(
    help: ArgumentHelp("The columns to keep, with commas between (default: all).", valueName: "names"),
    transform: CorpusOptions.names("--columns"))
  var columns: [String]?
  @Option(
    help: ArgumentHelp(
      "The names of the columns of a table without a line of names, with commas between.", valueName: "names"),
    transform: CorpusOptions.names("--column-names"))
  var columnNames: [String]?
  @Flag(help: "Leave out lines that are not UTF-8, which otherwise are an error.")
  var skipInvalidLines = false

  /// How files are read.
  var reading: CorpusReading {
    var reading = CorpusReading()
    reading.format = format
    reading.boundary = documents
    reading.columns = columns
    reading.columnNames = columnNames
    reading.skipsInvalidLines = skipInvalidLines
    return reading
  }

  /// Names between commas, each once.
  private static func names(_ option: String) -> @Sendable (String) throws(CommandError) -> [String] {
    { text throws(CommandError) in
      let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard names.allSatisfy({ !$0.isEmpty }), Set(names).count == names.count else {
        throw .wrongValue(text, of: option, expected: "different names with commas between")
      }
      return names
    }
  }
}

extension CommandRun {
  /// Reads a file of training text.
  func corpusFile(_ path: String) async throws(CommandError) -> CorpusFile {
    let contents: [UInt8]
    do {
      contents = try await context.readFile(path, CorpusFile.limit)
    } catch {
      if case .tooLarge = error { throw .tooMuchText(path, limit: CorpusFile.limit) }
      throw CommandError(error, reading: path)
    }
    do throws(CorpusError) {
      return try CorpusFile(path: path, contents: contents)
    } catch {
      throw CommandError(error)
    }
  }

  /// Opens the tokenizer of a model folder or of a model with a name.
  func tokenizer(_ name: String) throws(CommandError) -> Tokenizer {
    let environment = ProcessEnvironment.current()
    do {
      // A folder needs no model beside the tokenizer.
      if FileBytes.exists("\(name)/tokenizer.json") { return try Tokenizer(folder: name) }
      let place = try ModelFolders(BundledFolders(environment), environment: environment).resolve(ModelReference(name))
      return try Tokenizer(folder: place.path)
    } catch let error as TokenizerError {
      throw .engine(EngineError(.model, error.explanation))
    } catch let error as LocalFilesError {
      throw .engine(EngineError(error))
    } catch {
      throw CommandError(error)
    }
  }

  /// Notices about lines that were left out.
  func noteSkipped(_ lines: [Int], of path: String) {
    guard !lines.isEmpty else { return }
    let shown = lines.prefix(10).map(String.init).joined(separator: ", ") + (lines.count > 10 ? ", …" : "")
    console.note("\(path): \(lines.count) lines that are not UTF-8 were left out: \(shown)")
  }
}

extension CommandError {
  /// An error of training text: wrong usage, or a failure.
  init(_ error: CorpusError) {
    self = error.isUsage ? .usage(error.explanation) : .engine(EngineError(.resources, error.explanation))
  }
}
