import ArgumentParser
import Corpora
import EngineAPI
import JSONText
import TerminalUI

/// Finds what a text has in common with training text.
struct Copied: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "copied",
    abstract: "The longest runs of a text that stand word for word in the training text.",
    usage: "triptych copied [<text>] --train-file <file> [<options>]",
    discussion: """
      EXAMPLES
        triptych copied -f story.txt --train-file books.txt
        triptych copied -f story.txt --train-file books.txt --json

      --data compares with prepared data. Case, punctuation and white space don't count. The index is made once, beside the data.
      """)

  @OptionGroup(title: "Text") var input: TextOptions
  @Option(
    help: ArgumentHelp("A folder of prepared data; its training part is compared.", valueName: "folder"),
    completion: .directory, transform: OptionValue.text("--data"))
  var data: String?
  @Option(
    help: ArgumentHelp("A file of training text; may be repeated.", valueName: "file"), completion: .file(),
    transform: OptionValue.text("--train-file"))
  var trainFile: [String] = []
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The shortest runs to show, in words (default: \(CopyIndex.shortestRun), the least).", valueName: "words"),
    transform: OptionValue.integer("--min-words", CopyIndex.shortestRun...Limits.most))
  var minWords = CopyIndex.shortestRun
  @OptionGroup(title: "Training text") var corpus: CorpusOptions
  @OptionGroup(title: "Output") var form: JSONOption
  @OptionGroup(title: "Output") var output: OutputOptions

  var outputForm: OutputForm { form.form }

  func check() throws(CommandError) {
    if let data, let file = trainFile.first { throw .conflict("--data \(data)", "--train-file \(file)", reason: nil) }
    guard data != nil || !trainFile.isEmpty else {
      throw .usage(
        ErrorFacts(
          "missing option", at: "triptych copied", expected: "--data <folder> or --train-file <file>", found: "none"))
    }
  }

  /// A run, and the file or folder where it stands.
  private struct Found {
    var run: CopyIndex.Run
    var path: String
  }

  func run(in run: CommandRun) async throws -> Int32 {
    let text = try await run.text(input)
    var found: [Found] = []
    var words = 0
    let notice = { (path: String) in run.console.note("making the index \(path)") }
    do {
      if let data {
        let result = try CopyIndex.of(try Dataset(folder: data), notice: notice).runs(in: text, minimum: minWords)
        words = result.words
        found = result.runs.map { Found(run: $0, path: data) }
      }
      for path in trainFile {
        let file = try await run.corpusFile(path)
        try Task.checkCancellation()
        let result = try CopyIndex.of(file, corpus.reading, notice: notice).runs(in: text, minimum: minWords)
        words = result.words
        found += result.runs.map { Found(run: $0, path: path) }
      }
    } catch let error as CorpusError {
      throw CommandError(error)
    }
    // A run of one file may be a part of a run of another.
    found = found.enumerated().filter { index, one in
      !found.enumerated().contains { other, two in
        let (inner, outer) = (one.run.range, two.run.range)
        return other != index && outer.lowerBound <= inner.lowerBound && outer.upperBound >= inner.upperBound
          && (outer != inner || other < index)
      }
    }.map(\.element).sorted { ($0.run.range.lowerBound, $0.path) < ($1.run.range.lowerBound, $1.path) }
    let bytes = Array(text.utf8)
    var isCopied = [Bool](repeating: false, count: bytes.count)
    for one in found { for index in one.run.range { isCopied[index] = true } }
    let copied = CopyIndex.wordCount(of: text) { range in isCopied[range.lowerBound] }
    if outputForm == .object {
      try run.console.write([
        "schema": 1, "words": .integer(words), "copied_words": .integer(copied),
        "longest": .integer(found.map(\.run.words).max() ?? 0),
        "runs": .objects(
          found.map { one in
            [
              "start": .integer(one.run.range.lowerBound), "end": .integer(one.run.range.upperBound),
              "words": .integer(one.run.words), "text": .text(String(decoding: bytes[one.run.range], as: UTF8.self)),
              "source": .text(one.run.source), "document": .integer(one.run.document + 1),
              "occurrences": .integer(one.run.occurrences), "path": .text(one.path),
            ]
          }),
      ])
    } else {
      try write(bytes, isCopied, found, words: words, copied: copied, run.console)
    }
    return 0
  }

  /// The text with its copied parts colored, or in brackets without color; then the runs, the longest first.
  private func write(
    _ bytes: [UInt8], _ isCopied: [Bool], _ found: [Found], words: Int, copied: Int, _ console: Console
  ) throws(CommandError) {
    let isPlain = console.ink.depth == .none
    var line = ""
    var start = 0
    while start < bytes.count {
      var end = start
      while end < bytes.count, isCopied[end] == isCopied[start] { end += 1 }
      let part = console.modelText(String(decoding: bytes[start..<end], as: UTF8.self))
      line += !isCopied[start] ? part : isPlain ? "[[\(part)]]" : console.ink(part, .accent)
      start = end
    }
    try console.writeLine(line)
    try console.writeLine()
    let share = words > 0 ? Double(copied) / Double(words) : 0
    try console.writeLine(
      "\(NumberText.grouped(copied)) of \(NumberText.grouped(words)) words (\(NumberText.wholePercent(share).drop { $0 == " " })) "
        + "stand in runs of at least \(minWords) words in the training text")
    guard !found.isEmpty else { return }
    var table = Table([.right("words"), .right("times"), .left("where"), .left("training text")])
    for one in found.sorted(by: { $0.run.words > $1.run.words }).prefix(20) {
      table.add([
        .init(NumberText.grouped(one.run.words)), .init(NumberText.grouped(one.run.occurrences), .dim),
        .init("\(one.path) \(NumberText.grouped(one.run.document + 1))".onOneLine, .dim),
        .init(one.run.source.onOneLine.fitted(to: max(20, console.columns - 40), mark: console.glyphs.ellipsis)),
      ])
    }
    for line in table.lines(console.ink) { try console.writeLine(line) }
  }
}
