import EngineAPI
import Engines
import Sampling
import TestSupport

/// The local engine on the models of the repository.
enum BundledEngine {
  static let models = Fixtures.folder + "/../../models"
  static let mini = ModelReference("storyteller-mini")
  static let cloze = ModelReference("cloze")
  static let interpreter = ModelReference("interpreter")

  static func make() -> LocalEngine {
    let names = ["storyteller", "storyteller-mini", "cloze", "interpreter"]
    let entries = names.map { ModelPlace(name: $0, path: models + "/" + $0, source: "bundled") }
    return LocalEngine(
      catalog: ModelCatalog(entries: { entries }) { reference throws(EngineError) in
        if let entry = entries.first(where: { $0.name == reference.name }) { return entry }
        throw EngineError(.model, "no such model", at: reference.name)
      })
  }
}

/// All events of a stream.
struct Heard: Equatable {
  var prompts: [Int] = []
  var tokens: [ScoredToken] = []
  var text = ""
  var reason: FinishReason?
  /// The number of events after `.finished`; must be 0.
  var late = 0

  init(_ stream: AsyncStream<TokenEvent>) async {
    for await event in stream {
      if reason != nil { late += 1 }
      switch event {
      case .prompt(let done, _): prompts.append(done)
      case .token(let token, let text):
        tokens.append(token)
        self.text += text
      case .finished(let reason, let text, _):
        self.reason = reason
        self.text += text
      }
    }
  }

  var ids: [Int] { tokens.map(\.token.id) }
}

extension LocalEngine {
  /// The ids of a text.
  func ids(_ text: String, _ model: ModelReference) async throws -> [Int] {
    try await tokenize(text, model: model).map(\.token.id)
  }

  /// A request to continue a text by sampling.
  func request(
    _ text: String, maxTokens: Int = 24, seed: UInt64 = 3, _ change: (inout GenerationRequest) -> Void = { _ in }
  ) async throws -> GenerationRequest {
    var settings = SamplingSettings()
    settings.topK = 40
    var request = GenerationRequest(
      context: ModelContext(model: BundledEngine.mini, ids: try await ids(text, BundledEngine.mini)),
      settings: settings, maxTokens: maxTokens, seed: seed, ignoresEndOfText: true)
    change(&request)
    return request
  }
}

extension ModelCatalog {
  /// A catalog in which each name is a path.
  static let paths = ModelCatalog(entries: { [] }) { reference throws(EngineError) in
    ModelPlace(name: reference.name, path: reference.name, source: "folder")
  }
}
