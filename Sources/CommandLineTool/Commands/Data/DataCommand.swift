import ArgumentParser
import Corpora
import EngineAPI
import JSONText
import TerminalUI

/// Groups the commands about data to learn from.
struct DataCommand: CommandGroup {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Prepare text to learn from: read, clean, split, tokenize, show.",
    usage: "triptych data <what> [<options>]",
    discussion: """
      EXAMPLES
        triptych data prepare --train-file pairs.tsv -o ./pairs --force
        triptych data show ./pairs -n 3
        triptych data stats ./pairs

      'triptych data prepare --help' lists the options.
      """,
    subcommands: [DataPrepare.self, DataShow.self, DataStats.self])
}

/// Shows records of prepared data.
struct DataShow: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show records of prepared data.",
    usage: "triptych data show <folder> [<options>]",
    discussion: """
      EXAMPLES
        triptych data show ./pairs -n 3
        triptych data show ./pairs --split test --first 10 --json
      """)

  @Argument(
    help: ArgumentHelp("The folder of prepared data.", valueName: "folder"), completion: .directory,
    transform: OptionValue.text("<folder>"))
  var folder: String
  @OptionGroup var split: SplitOption
  @Option(
    name: .customShort("n"), parsing: .unconditional, help: ArgumentHelp("The number of records.", valueName: "n"),
    transform: OptionValue.integer("-n", 1...Limits.most))
  var count = 5
  @Option(
    parsing: .unconditional, help: ArgumentHelp("The first record, counted from 1.", valueName: "n"),
    transform: OptionValue.integer("--first", 1...Limits.most))
  var first = 1
  @OptionGroup(title: "Output") var form: JSONOption
  @OptionGroup(title: "Output") var output: OutputOptions

  var outputForm: OutputForm { form.form }

  func run(in run: CommandRun) async throws -> Int32 {
    let records: [CorpusRecord]
    var ids: [String: TokenCache] = [:]
    do throws(CorpusError) {
      let dataset = try Dataset(folder: folder)
      records = try dataset.records(split.split)
      for field in records.first?.fields ?? [] { ids[field.name] = try dataset.tokens(split.split, column: field.name) }
    } catch {
      throw CommandError(error)
    }
    let shown = Array(records.enumerated().dropFirst(first - 1).prefix(count))
    if outputForm == .object {
      let objects = shown.map { number, record -> JSONObject in
        let tokens = ids.compactMap { name, cache in
          number < cache.documentCount ? (key: ByteString(name), value: JSONValue.wholes(cache.ids(of: number))) : nil
        }.sorted { $0.key.description < $1.key.description }
        return ["number": .integer(number + 1), "record": .object(record.json), "ids": .object(JSONObject(tokens))]
      }
      try run.console.write([
        "schema": 1, "split": .text(split.split.rawValue), "count": .integer(records.count),
        "records": .objects(objects),
      ])
      return 0
    }
    for (number, record) in shown {
      let title = "\(split.split.rawValue) \(NumberText.grouped(number + 1)) of \(NumberText.grouped(records.count))"
      try run.console.writeLine(run.console.ink(title, .dim))
      for field in record.fields { try write(field.name, field.value, run.console) }
      try run.console.writeLine()
    }
    if shown.isEmpty { run.console.note("\(split.split.rawValue) has \(records.count) records") }
    return 0
  }

  /// A column: tagged words in pairs of lines would be hard to read, so each list is one line.
  private func write(_ name: String, _ value: CorpusRecord.Value, _ console: Console) throws(CommandError) {
    if case .json(.array(let messages)) = value, messages.contains(where: { $0["role"] != nil }) {
      for message in messages {
        let role = message["role"]?.string ?? ""
        try console.writeLine(
          "\(console.ink(role.onOneLine, .accent)) \(console.modelText(message["content"]?.string ?? ""))")
      }
      return
    }
    try console.writeLine("\(console.ink(name.onOneLine, .accent)) \(console.modelText(value.text))")
  }
}

/// Shows what prepared data contains.
struct DataStats: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Counts of prepared data: records, lengths, labels, tokens, leaks.",
    usage: "triptych data stats <folder> [<options>]",
    discussion: """
      EXAMPLES
        triptych data stats ./pairs
        triptych data stats ./pairs --json
      """)

  @Argument(
    help: ArgumentHelp("The folder of prepared data.", valueName: "folder"), completion: .directory,
    transform: OptionValue.text("<folder>"))
  var folder: String
  @OptionGroup(title: "Output") var form: JSONOption
  @OptionGroup(title: "Output") var output: OutputOptions

  var outputForm: OutputForm { form.form }

  private struct SplitStatistics {
    var split: Split
    var count: Int
    var columns: [ColumnStatistics]
    /// The number of ids of each column that is tokenized.
    var tokens: [String: Int]
  }

  func run(in run: CommandRun) async throws -> Int32 {
    let dataset: Dataset
    var splits: [SplitStatistics] = []
    do throws(CorpusError) {
      dataset = try Dataset(folder: folder)
      for split in Split.allCases {
        let records = try dataset.records(split)
        guard !records.isEmpty else { continue }
        let columns = ColumnStatistics.of(records)
        var tokens: [String: Int] = [:]
        for column in columns { tokens[column.name] = try dataset.tokens(split, column: column.name)?.tokenCount }
        splits.append(SplitStatistics(split: split, count: records.count, columns: columns, tokens: tokens))
      }
    } catch {
      throw CommandError(error)
    }
    if outputForm == .object {
      try run.console.write([
        "schema": 1, "splits": .objects(splits.map(json)), "cleaning": dataset.description["cleaning"] ?? .null,
        "leaks": dataset.description["leaks"] ?? .null, "tokenizer": dataset.description["tokenizer"] ?? .null,
      ])
      return 0
    }
    var table = Table([
      .left("split"), .left("column"), .right("records"), .right("shortest"), .right("mean"), .right("longest"),
      .right("words"), .right("bytes"), .right("tokens"),
    ])
    for split in splits {
      for column in split.columns {
        table.add([
          .init(split.split.rawValue), .init(column.name.onOneLine, .accent), Cells.count(column.count),
          Cells.count(column.shortest), .init(NumberText.fixed(column.mean, decimals: 1)), Cells.count(column.longest),
          Cells.count(column.words), Cells.count(column.bytes), Cells.count(split.tokens[column.name]),
        ])
      }
    }
    for line in table.lines(run.console.ink) { try run.console.writeLine(line) }
    for split in splits {
      for column in split.columns {
        guard let labels = column.labels, !labels.isEmpty else { continue }
        let shown = labels.prefix(12).map { "\($0.label.onOneLine) \(NumberText.grouped($0.count))" }
        let rest = labels.count > 12 ? ", and \(labels.count - 12) more" : ""
        try run.console.writeLine(
          "\(split.split.rawValue) \(column.name.onOneLine): " + shown.joined(separator: ", ") + rest)
      }
    }
    return 0
  }

  private func json(_ split: SplitStatistics) -> JSONObject {
    let columns = split.columns.map { column -> JSONObject in
      let labels = column.labels.map { labels in
        JSONValue.object(JSONObject(labels.map { (key: ByteString($0.label), value: .integer($0.count)) }))
      }
      return [
        "name": .text(column.name), "records": .integer(column.count), "shortest": .integer(column.shortest),
        "mean": .double(column.mean), "longest": .integer(column.longest), "words": .integer(column.words),
        "bytes": .integer(column.bytes), "tokens": .whole(split.tokens[column.name]), "labels": labels ?? .null,
      ]
    }
    return [
      "split": .text(split.split.rawValue), "records": .integer(split.count), "columns": .objects(columns),
    ]
  }
}

/// The split of prepared data.
struct SplitOption: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp("The split: \(OptionValue.names(of: Split.self)).", valueName: "split"),
    completion: .list(Split.allCases.map(\.rawValue)),
    transform: OptionValue.choice("--split", as: Split.self))
  var split = Split.train
}
