import CShortage
import CommandLineTool
import EngineAPI
import Engines
import Foundation
import LocalFiles

/// The composition root: creates the engine and the command context and runs the command line, which may open the
/// playground.
@main
enum Program {
  static func main() async {
    cs_watch()
    let environment = ProcessEnvironment.current()
    let folders = ModelFolders(BundledFolders(environment), environment: environment) {
      UserFolders(environment).configurationFile.map { ConfigurationFile.read($0, tabs: []).configuration.modelFolders }
        ?? []
    }
    let catalog = ModelCatalog(folders)
    // Each further engine is one line here: `.registering(SomeEngine(), for: "scheme")`.
    let makeEngine: @Sendable () -> EngineRouter = { EngineRouter(LocalEngine(catalog: catalog)) }
    let context = CommandContext.process(
      environment: environment.variables,
      makeEngine: makeEngine,
      play: { request, lines in
        await Playground(environment: environment).open(request, on: lines, engine: makeEngine())
      },
      commandEnded: { cs_set_exit_code($0) })
    exit(await runCommandLine(arguments: ProcessArguments.bytes(), context: context))
  }
}

extension ModelCatalog {
  /// A catalog of the bundled models, those in stores, and those named by a path.
  init(_ folders: ModelFolders) {
    self.init(
      schemes: ModelStores.schemes,
      list: { found throws(EngineError) in
        do throws(LocalFilesError) {
          try folders.list(found)
        } catch {
          throw EngineError(error)
        }
      },
      resolve: { reference throws(EngineError) in
        do throws(LocalFilesError) {
          return try folders.resolve(reference)
        } catch {
          throw EngineError(error)
        }
      })
  }
}
