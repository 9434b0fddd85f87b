import ArgumentParser
import EngineAPI
import JSONText

/// Shows the tokens of a text.
struct Tokenize: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize",
    abstract: "The tokens of a text, with the bytes that each stands for.",
    usage: "triptych tokenize [<text>] [<options>]",
    discussion: """
      EXAMPLES
        triptych tokenize "Hello, world!"
        triptych tokenize -m cloze --no-special "unbelievable"
        triptych tokenize -f story.txt --json
        triptych tokenize -m ./smollm2 --chat messages.json

      FILE of --chat holds a list of messages, or an object with "messages" and what else \
      apply_chat_template of transformers takes: "tools", "add_generation_prompt", variables of the template.
      """)

  @OptionGroup(title: "Text") var input: TextOptions
  @Flag(help: "Add no special tokens.")
  var noSpecial = false
  @OptionGroup(title: "Chat") var chat: ChatOptions
  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(visibility: .hidden) var seed: SeedOption
  @OptionGroup(title: "Output") var form: JSONOption
  @OptionGroup(title: "Output") var output: OutputOptions

  var outputForm: OutputForm { form.form }

  func check() throws(CommandError) {
    try chat.check()
    guard let file = chat.file, input.text != nil || input.file != nil else { return }
    throw .conflict("--chat \(file)", input.file.map { "-f \($0)" } ?? "a text", reason: nil)
  }

  func run(in run: CommandRun) async throws -> Int32 {
    let reference = try model.reference(default: DefaultModel.causal)
    let request = try await chat.request(for: reference, in: run)
    let plain = request == nil ? try await run.text(input) : ""
    // A tokenizer can be used without the model's weights.
    let engine = try await run.engine(threads: model.threads)
    if let notice = try await engine.tokenizerNotice(of: reference) { run.console.note(notice) }
    let written = if let request { try await engine.chatText(request) } else { String?.none }
    // A chat template writes the special tokens itself, so none are added.
    let tokens = try await engine.tokenize(
      written ?? plain, model: reference, addingSpecialTokens: written == nil && !noSpecial)
    if outputForm == .object {
      var object: JSONObject = ["schema": 1]
      if let written { object["text"] = .text(written) }
      try run.console.write(
        object.followed(by: [
          "ids": .wholes(tokens.map(\.token.id)), "tokens": .objects(tokens.map(\.json)),
          "model": .text(reference.description),
        ]))
      return 0
    }
    if let written {
      try run.console.writeLine(run.console.modelText(written))
      try run.console.writeLine("")
    }
    var table = Table([.right("#"), .right("id"), .left("token"), .right("start"), .right("end"), .left("")])
    for (index, token) in tokens.enumerated() {
      table.add([
        Cells.count(index), .init(String(token.token.id)),
        .init(Cells.token(token.token, glyphs: run.console.glyphs).text, .accent),
        .init(String(token.range.lowerBound), .dim), .init(String(token.range.upperBound), .dim),
        .init(token.isSpecial ? "special" : "", .dim),
      ])
    }
    for line in table.lines(run.console.ink) { try run.console.writeLine(line) }
    return 0
  }
}

/// A conversation in place of a text.
struct ChatOptions: ParsableArguments, Sendable {
  @Option(
    name: .customLong("chat"),
    help: ArgumentHelp(
      "Read a conversation and write it with the model's chat template; - reads standard input.", valueName: "file"),
    completion: .file(), transform: OptionValue.text("--chat"))
  var file: String?

  @Flag(help: "End with the conversation, not with the start of the answer.")
  var noGenerationPrompt = false

  @OptionGroup var templates: TemplateOptions

  /// Refuses options without `--chat`, and two templates.
  func check() throws(CommandError) {
    try templates.check()
    guard file == nil, let given = noGenerationPrompt ? "--no-generation-prompt" : templates.given else { return }
    throw .badValue(
      option: given, expected: "--chat beside it", found: "none", hint: "name a file with messages: --chat FILE")
  }

  /// The request for the conversation; `nil` without `--chat`.
  func request(for model: ModelReference, in run: CommandRun) async throws(CommandError) -> ChatTextRequest? {
    guard let file else { return nil }
    let input = TextInput(context: run.context)
    var request = ChatTextRequest(
      model: model, conversation: try await input.read(nil, file: file, what: "conversation"),
      place: file == "-" ? "standard input" : file,
      localSeconds: run.templateSeconds)
    if noGenerationPrompt { request.addsGenerationPrompt = false }
    request.template = try await templates.text(in: run)
    request.templateName = templates.templateName
    return request
  }
}

/// Converts ids to text.
struct Detokenize: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "detokenize",
    abstract: "The text of token ids.",
    usage: "triptych detokenize [<id> ...] [<options>]",
    discussion: """
      EXAMPLES
        triptych detokenize 263 286 260
        triptych detokenize 263,286,260 --json
        triptych tokenize "Hello" --json | jq -c .ids | triptych detokenize

      The text is written as it is, with special tokens written out, and a newline after it.
      """)

  @Argument(
    help: ArgumentHelp("The ids, separated by commas or spaces; standard input if there are none.", valueName: "id"))
  var ids: [String] = []
  @Flag(help: "Leave special tokens out.")
  var noSpecial = false
  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(visibility: .hidden) var seed: SeedOption
  @OptionGroup(title: "Output") var form: JSONOption
  @OptionGroup(title: "Output") var output: OutputOptions

  var outputForm: OutputForm { form.form }

  func run(in run: CommandRun) async throws -> Int32 {
    let reference = try model.reference(default: DefaultModel.causal)
    let argument = ids.isEmpty ? nil : ids.joined(separator: " ")
    let ids = try IDList.parse(try await TextInput(context: run.context).read(argument, what: "ids"))
    let engine = try await run.engine(threads: model.threads)
    if let notice = try await engine.tokenizerNotice(of: reference) { run.console.note(notice) }
    let tokens = try await engine.tokens(of: ids, model: reference)
    let text = try await engine.detokenize(ids, model: reference, skippingSpecialTokens: noSpecial)
    if outputForm == .object {
      try run.console.write([
        "schema": 1, "ids": .wholes(ids), "tokens": .objects(tokens.map(\.json)), "text": .text(text),
        "model": .text(reference.description),
      ])
    } else {
      try run.console.writeLine(run.console.modelText(text))
    }
    return 0
  }
}
