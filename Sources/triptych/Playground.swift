import CommandLineTool
import CursesTerminal
import EngineAPI
import Foundation
import LocalFiles
import PlaygroundApp
import PlaygroundRuntime
import TerminalUI

/// Opens the playground on the terminal that the program runs in, or on lines.
struct Playground {
  let environment: ProcessEnvironment

  /// Runs the playground until the user leaves it and returns the exit code.
  @MainActor
  func open(_ request: PlayRequest, on lines: LinePort?, engine: EngineRouter) async -> Int32 {
    do throws(EngineError) {
      // Report a missing model before taking the screen, so that the error stays readable.
      for model in request.models { _ = try engine.family(of: model) }
      let options = PlaygroundOptions(
        request, family: { (try? engine.family(of: $0)) ?? nil }, environment: environment)
      if let lines {
        if let format = request.cacheFormat { await engine.setCacheFormat(format) }
        return await runPlayground(engine: engine, lines: lines, options: options)
      }
      let terminal = try terminal(color: request.color, configured: options.configuration.color)
      if let format = request.cacheFormat { await engine.setCacheFormat(format) }
      return await runPlayground(engine: engine, terminal: terminal, options: options)
    } catch {
      report(error)
      return 1
    }
  }

  @MainActor
  private func terminal(color: ColorChoice, configured: ColorChoice?) throws(EngineError) -> CursesScreen {
    var options = TerminalOptions(environment: environment.variables)
    let wish = color == .auto ? configured ?? .auto : color
    switch wish {
    case .auto: break
    case .always: options.colorLimit = .trueColor
    case .never: options.colorLimit = ColorDepth.none
    }
    do {
      return try CursesScreen(options)
    } catch {
      throw EngineError(.resources, error.description, hint: error.hint)
    }
  }

  private func report(_ error: EngineError) {
    var text = "error: \(error.description)\n"
    if let hint = error.hint { text += "hint: \(hint)\n" }
    FileHandle.standardError.write(Data(text.utf8))
  }
}
