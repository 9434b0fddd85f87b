/// The names of GGUF files.
enum GGUFName {
  static let suffix = ".gguf"

  /// The name of the model in a file: without the suffix, and of the files of a split model the first one's alone,
  /// without its number.
  static func model(_ file: String) -> String? {
    guard file.hasSuffix(suffix) else { return nil }
    let name = file.dropLast(suffix.count)
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count > 3, parts[parts.count - 2] == "of", isNumber(parts[parts.count - 1]),
      isNumber(parts[parts.count - 3])
    else { return name.isEmpty ? nil : String(name) }
    return Int(parts[parts.count - 3]) == 1 ? parts.dropLast(3).joined(separator: "-") : nil
  }

  /// The number of files of a split model, by the name of one of them; 1 for a model in one file.
  static func parts(_ file: String) -> Int {
    let parts = file.dropLast(file.hasSuffix(suffix) ? suffix.count : 0).split(separator: "-")
    guard parts.count > 2, parts[parts.count - 2] == "of", isNumber(parts[parts.count - 1]) else { return 1 }
    return Int(parts[parts.count - 1]) ?? 1
  }

  /// Whether a file is an image or audio encoder that belongs to a model beside it.
  static func isProjector(_ file: String) -> Bool { file.hasPrefix("mmproj") || file.contains("-mmproj") }

  private static func isNumber(_ text: Substring) -> Bool { text.utf8.count == 5 && Int(text) != nil }

  /// Whether a file is to be opened as one: by its name, or by its first bytes, as files of other programs' stores have
  /// no suffix.
  static func isModel(_ path: String) -> Bool {
    path.hasSuffix(suffix) || FilePaths.begins(path, with: Array("GGUF".utf8))
  }
}
