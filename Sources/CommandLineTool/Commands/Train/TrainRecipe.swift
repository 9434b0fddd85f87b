import EngineAPI
import LocalFiles
import TerminalUI

/// A YAML file of a run: options, and what else the command names. Paths in it count from its folder.
struct TrainRecipe {
  var objective: TrainingObjective?
  var model: String?
  var trainFiles: [String] = []
  var validationFile: String?
  var output: String?
  var fromScratch = false
  var options = TrainingOptions()

  /// Names beside those of training options.
  private static let ownNames = ["objective", "model", "train_file", "validation_file", "output", "from_scratch"]
  /// Options whose values are files.
  private static let fileOptions: Set<String> = ["sample_prompts", "kl_file", "resume_from_checkpoint"]

  /// Creates an empty recipe.
  init() {}

  /// Reads a file.
  /// - Throws: ``CommandError`` for unknown names and wrong values.
  init(path: String) throws {
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    func place(_ file: String) -> String {
      file.hasPrefix("/") || folder.isEmpty && !path.hasPrefix("/") ? file : "\(folder)/\(file)"
    }
    for entry in try TrainingFile.read(path) {
      let (name, value) = (entry.name, entry.value)
      func failure(_ name: String, _ expected: String, _ found: String) -> CommandError {
        CommandError.badValue(
          option: "\(path) line \(entry.line), \(name)", expected: expected, found: found, hint: nil)
      }
      switch name {
      case "objective":
        guard let named = TrainingObjective(rawValue: value) else {
          throw failure(name, "one of \(OptionValue.names(of: TrainingObjective.self))", value)
        }
        objective = named
      case "model": model = value.hasPrefix(".") ? place(value) : value
      case "train_file": trainFiles.append(place(value))
      case "validation_file": validationFile = place(value)
      case "output": output = place(value)
      case "from_scratch":
        guard let isTrue = ["true": true, "false": false][value.lowercased()] else {
          throw failure(name, "true or false", value)
        }
        fromScratch = isTrue
      default:
        guard let option = TrainingOption.named(name) else {
          let names = TrainingOption.all.map(\.name) + Self.ownNames
          let near = Spelling.nearest(to: name, among: names, count: 1).first
          throw CommandError.badValue(
            option: "\(path) line \(entry.line)", expected: "names of training options", found: name,
            hint: near.map { "did you mean '\($0)'?" })
        }
        guard option.set(Self.fileOptions.contains(name) ? place(value) : value, in: &options) else {
          throw failure(name, option.expected, value)
        }
      }
    }
  }
}
