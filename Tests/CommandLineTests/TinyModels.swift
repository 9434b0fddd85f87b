import EngineAPI
import Engines
import LocalFiles
import TestSupport

/// The real engine on the tiny models of `Tests/Fixtures/program`, under the names of the bundled models.
enum TinyModels {
  static let folders = [
    "storyteller": "causal", "storyteller-mini": "causal", "cloze": "masked", "interpreter": "encoder-decoder",
  ]

  /// An engine that opens them by name, and other folders by path.
  static func engine() -> LocalEngine {
    let entries = folders.sorted { $0.key < $1.key }.map {
      ModelPlace(name: $0.key, path: Fixtures.path("program/\($0.value)"), source: "bundled")
    }
    let paths = ModelFolders(
      BundledFolders(models: nil, themes: nil),
      environment: ProcessEnvironment(variables: [:], accountHome: nil, workingFolder: "/nowhere", executablePath: nil))
    return LocalEngine(
      catalog: ModelCatalog(entries: { entries }) { reference throws(EngineError) in
        if let entry = entries.first(where: { $0.name == reference.name }) { return entry }
        do throws(LocalFilesError) {
          return try paths.resolve(reference)
        } catch {
          throw EngineError(error)
        }
      })
  }
}
