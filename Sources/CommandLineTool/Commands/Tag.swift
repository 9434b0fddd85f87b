import ArgumentParser
import EngineAPI
import JSONText
import TerminalUI

/// Shows the labels of a text's tokens and the entities that they make.
struct Tag: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tag",
    abstract: "The entities of a text: names, places and whatever else the model labels.",
    usage: "triptych tag -m <ref> [<text>] [<options>]",
    discussion: """
      EXAMPLES
        triptych tag -m ./ner "Hans lives in Berlin."
        triptych tag -m ./ner "Hans lives in Berlin." --strategy first --json
        triptych tag -m ./parts-of-speech -f letter.txt --strategy none

      For models with a head for token classification. Strategies: none shows each token; simple joins neighbors of the
      same entity; first, average and max label whole words first.
      """)

  @OptionGroup(title: "Text") var input: TextOptions
  @Option(
    help: ArgumentHelp(
      "How tokens become entities: none, simple, first, average or max (default: simple).", valueName: "strategy"),
    completion: .list(EntityStrategy.allCases.map(\.rawValue)),
    transform: OptionValue.choice("--strategy", as: EntityStrategy.self))
  var strategy: EntityStrategy?
  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Changes inside the model") var changes: ChangeOptions
  @OptionGroup(visibility: .hidden) var seed: SeedOption
  @OptionGroup(title: "Output") var form: JSONOption
  @OptionGroup(title: "Output") var output: OutputOptions

  var outputForm: OutputForm { form.form }

  func run(in run: CommandRun) async throws -> Int32 {
    let reference = try model.reference(for: "tag", .tagger, changes)
    let text = try await run.text(input)
    let open = try await run.open(reference, with: model)
    try open.require(.tagger, for: "tag", hint: open.information.family == .classifier ? Self.classifyHint : nil)
    let result = try await open.engine.tag(TagRequest(model: reference, text: text, strategy: strategy ?? .simple))
    let bytes = Array(text.utf8)
    if outputForm == .object {
      try run.console.write([
        "schema": 1, "entities": .objects(result.entities.map { $0.json(bytes) }),
        "tokens": .objects(result.tokens.map(\.json)), "model": .text(reference.description),
      ])
    } else {
      try write(result.entities, bytes, to: run.console)
    }
    return 0
  }

  private static let classifyHint = "'triptych classify' shows the labels of texts"

  private func write(_ entities: [Entity], _ text: [UInt8], to console: Console) throws(CommandError) {
    guard !entities.isEmpty else { return console.note("no token has a label other than O") }
    var table = Table([.left("label"), .right("score"), .right("bytes"), .left("text")])
    for entity in entities {
      table.add([
        .init(entity.label.onOneLine), Cells.percent(probability: entity.score),
        .init("\(entity.range.lowerBound)-\(entity.range.upperBound)", .dim),
        .init(entity.text(text).onOneLine),
      ])
    }
    for line in table.lines(console.ink) { try console.writeLine(line) }
  }
}

extension Entity {
  /// The part of the text that the entity or token covers.
  fileprivate func text(_ text: [UInt8]) -> String {
    String(decoding: text[range.clamped(to: 0..<text.count)], as: UTF8.self)
  }

  /// `{"label", "score", "text", "word", "start", "end"}`.
  fileprivate func json(_ text: [UInt8]) -> JSONObject {
    [
      "label": .text(label), "score": .double(score), "text": .text(self.text(text)), "word": .text(word),
      "start": .integer(range.lowerBound), "end": .integer(range.upperBound),
    ]
  }
}

extension TaggedToken {
  /// `{"id", "text", "bytes", "start", "end", "special", "label", "score"}`.
  fileprivate var json: JSONObject {
    span.json.followed(by: ["label": .text(label), "score": .double(score)])
  }
}
