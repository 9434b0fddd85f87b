import ArgumentParser
import EngineAPI
import JSONText
import TerminalUI

/// Lists the models that can be opened by name.
struct ListModels: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models",
    abstract: "The models that can be opened by name.",
    usage: "triptych models [<options>]",
    discussion: """
      EXAMPLES
        triptych models
        triptych models --json

      A folder in Hugging Face layout or a GGUF file opens by its path: -m ./gpt2
      """)

  @OptionGroup var form: JSONOption
  @OptionGroup var output: OutputOptions

  var outputForm: OutputForm { form.form }

  func run(in run: CommandRun) async throws -> Int32 {
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

  private func table(_ models: [ModelSummary]) -> Table {
    var table = Table([
      .left("name"), .left("family"), .left("architecture"), .right("weights"), .left("dtype"), .right("size"),
      .right("context"), .left("source"), .left("path"),
    ])
    for model in models {
      table.add([
        .init(model.name.onOneLine, .accent), .init(model.family?.rawValue ?? "not supported"),
        .init(model.architecture.onOneLine), Cells.known(model.parameters) { .init(NumberText.compact($0)) },
        Cells.known(model.dtype) { .init($0.onOneLine) }, Cells.known(model.bytes) { .init(NumberText.bytes($0)) },
        model.context == .unknown ? Cells.known(nil, Cells.count) : Cells.count(model.context.limit),
        .init(model.source, .dim), .init(model.path.onOneLine, .dim),
      ])
    }
    return table
  }
}

extension ModelSummary {
  fileprivate var json: JSONObject {
    [
      "name": .text(name), "path": .text(path), "family": .text(family?.rawValue),
      "architecture": .text(architecture), "parameters": .whole(parameters), "dtype": .text(dtype),
      "bytes": .whole(bytes), "context_length": .whole(context.limit), "source": .text(source),
    ]
  }
}
