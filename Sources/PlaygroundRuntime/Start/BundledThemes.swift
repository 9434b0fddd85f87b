import EngineAPI
import LocalFiles
import TerminalUI

/// The themes to choose from, read from their files.
struct BundledThemes {
  /// All themes that could be read, by name; at least one.
  let all: [Theme]
  /// The name of the theme to begin with.
  let chosen: String
  /// What could not be read or found.
  let failures: [EngineError]

  init(_ files: ThemeFiles, wish: String?) {
    var failures: [EngineError] = []
    var themes: [Theme] = []
    for file in files.list() {
      do {
        themes.append(try Theme(yaml: Array(ThemeFiles.read(file).utf8), name: file.name, file: file.path))
      } catch let error as ThemeError {
        failures.append(EngineError(.usage, error.description, hint: error.hint))
      } catch let error as LocalFilesError {
        failures.append(EngineError(error))
      } catch {
        failures.append(
          EngineError(.usage, "cannot read the theme", at: file.path, expected: "a readable file", found: "\(error)"))
      }
    }
    var chosen = wish ?? Theme.standard.name
    if let wish {
      do {
        chosen = try files.find(wish).name
      } catch {
        failures.insert(EngineError(error), at: 0)
        chosen = Theme.standard.name
      }
    }
    self.failures = failures
    all = themes.isEmpty ? [Theme.standard] : themes
    self.chosen = chosen
  }
}
