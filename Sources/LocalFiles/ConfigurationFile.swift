/// Reads the user's configuration, `$XDG_CONFIG_HOME/triptych/config.yaml`.
public enum ConfigurationFile {
  /// More than any configuration needs, in bytes.
  static let limit = 128 * 1024
  /// How many problems are told of one file.
  static let problemLimit = 50

  /// The configuration in a file, and everything that is wrong with it, in the file's order. A file that does not exist
  /// is empty.
  public static func read(_ path: String) -> (configuration: Configuration, problems: [ConfigurationProblem]) {
    guard FilePaths.kind(path) != .missing else { return (Configuration(), []) }
    do {
      return parse(try TextFile.read(path, limit: limit), path: path)
    } catch {
      return (Configuration(), [.file(error)])
    }
  }

  /// The configuration in a text, `path` being the name by which problems call it.
  public static func parse(
    _ text: String, path: String
  ) -> (configuration: Configuration, problems: [ConfigurationProblem]) {
    switch YAMLText.compose(text, path: path) {
    case .failure(let failure): return (Configuration(), [failure.problem])
    case .success(nil): return (Configuration(), [])
    case .success(let root?):
      var reader = ConfigurationReader(path: path)
      let configuration = reader.read(root)
      return (configuration, Array(reader.problems.prefix(problemLimit)))
    }
  }
}
