import ArgumentParser
import EngineAPI
import JSONText
import Platform
import TerminalUI

/// Lists the models that can be opened by name.
struct ListModels: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models",
    abstract: "The models that can be opened by name.",
    usage: "triptych models [<name>] [<options>]",
    discussion: """
      EXAMPLES
        triptych models
        triptych models --json
        triptych models storyteller

      Listed are the bundled models and those in the stores of Hugging Face, Ollama,
      LM Studio and llama.cpp. They open by name: -m hf:org/name,
      hf:org/name@revision, ollama:llama3.2:1b, lmstudio:org/name, llama.cpp:file.
      A folder in Hugging Face layout or a GGUF file opens by its path: -m ./gpt2
      """)

  @Argument(help: ArgumentHelp("A single model to list, with the memory that it needs.", valueName: "name"))
  var name: String?

  @OptionGroup var form: JSONOption
  @OptionGroup var output: OutputOptions

  var outputForm: OutputForm { form.form }

  func run(in run: CommandRun) async throws -> Int32 {
    if let name { return try await show(ModelReference(parsing: name), in: run) }
    let models = try await run.engine(threads: nil).models()
    if outputForm == .object {
      try run.console.write(["schema": 1, "models": .objects(models.map(\.json))])
    } else if models.isEmpty {
      run.console.note("no models found; a folder in Hugging Face layout opens by its path: -m ./gpt2")
    } else {
      for line in table(models).lines(run.console.ink) { try run.console.writeLine(line) }
    }
    return 0
  }

  /// Shows one model and the memory that it needs.
  private func show(_ reference: ModelReference, in run: CommandRun) async throws -> Int32 {
    let model = try await run.engine(threads: nil).summary(of: reference)
    let free = FreeMemory.available()
    if outputForm == .object {
      var object = model.json
      object["memory"] = model.memory.map { .object($0.json(free: free)) } ?? .null
      try run.console.write(["schema": 1, "models": .objects([object])])
      return 0
    }
    for line in table([model]).lines(run.console.ink) { try run.console.writeLine(line) }
    guard let memory = model.memory else { return 0 }
    try run.console.writeLine("")
    for line in memory.table.lines(run.console.ink) { try run.console.writeLine(line) }
    if let free { try run.console.writeLine("free memory: \(NumberText.bytes(free))") }
    return 0
  }

  private func table(_ models: [ModelSummary]) -> Table {
    var table = Table([
      .left("name"), .left("family"), .left("architecture"), .right("weights"), .left("dtype"), .right("size"),
      .right("context"), .left("source"), .left("path"),
    ])
    for model in models {
      table.add([
        .init(model.name.onOneLine, .accent),
        .init(model.family?.rawValue ?? (model.architecture.isEmpty ? "can't open" : "not supported")),
        Cells.known(model.architecture.isEmpty ? nil : model.architecture) { .init($0.onOneLine) },
        Cells.known(model.parameters) { .init(NumberText.compact($0)) },
        Cells.known(model.dtype) { .init($0.onOneLine) }, Cells.known(model.bytes) { .init(NumberText.bytes($0)) },
        model.context == .unknown ? Cells.known(nil, Cells.count) : Cells.count(model.context.limit),
        .init(model.source, .dim),
        .init((model.path + (model.architecture.isEmpty ? model.reason.map { ": " + $0 } ?? "" : "")).onOneLine, .dim),
      ])
    }
    return table
  }
}

extension ModelSummary {
  /// The keys of the contract, and `reason` for a model that can't be opened.
  fileprivate var json: JSONObject {
    var object: JSONObject = [
      "name": .text(place.name), "path": .text(place.path), "family": .text(description.family?.rawValue),
      "architecture": .text(description.architecture.isEmpty ? nil : description.architecture),
      "parameters": .whole(description.parameters), "dtype": .text(description.dtype), "bytes": .whole(bytes),
      "context_length": .whole(description.context.limit), "source": .text(place.source),
    ]
    if let reason = place.reason { object["reason"] = .text(reason) }
    return object
  }
}

extension MemoryEstimate {
  /// A row for each number format: the memory of the weights and of one token in the KV cache, and the total for a text
  /// of maximum length.
  fileprivate var table: Table {
    var table = Table([
      .left("format"), .right("weights"), .right("cache a token"), .right("tokens"), .right("together"),
    ])
    for format in formats {
      let tokens = contextLength ?? 0
      table.add([
        .init(format.rawValue, .accent), Cells.known(weights[format]) { .init(NumberText.bytes($0)) },
        .init(NumberText.bytes(cachePerToken)), Cells.count(contextLength),
        Cells.known(bytes(format, tokens: tokens)) { .init(NumberText.bytes($0)) },
      ])
    }
    return table
  }

  fileprivate func json(free: Int?) -> JSONObject {
    var formats: JSONObject = [:]
    for format in self.formats { formats[format.rawValue] = .whole(weights[format]) }
    return [
      "weights": .object(formats), "cache_bytes_per_token": .whole(cachePerToken),
      "context_length": .whole(contextLength), "free": .whole(free),
    ]
  }
}
