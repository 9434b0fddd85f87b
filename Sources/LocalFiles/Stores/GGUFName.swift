/// The names of GGUF files.
enum GGUFName {
  static let suffix = ".gguf"

  /// The model name of a file: the file name without suffix and part number. `nil` for other files than GGUF files and
  /// for all but the first file of a split model.
  static func model(_ file: String) -> String? {
    guard file.hasSuffix(suffix) else { return nil }
    let name = file.dropLast(suffix.count)
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count > 3, parts[parts.count - 2] == "of", isNumber(parts[parts.count - 1]),
      isNumber(parts[parts.count - 3])
    else { return name.isEmpty ? nil : String(name) }
    return Int(parts[parts.count - 3]) == 1 ? parts.dropLast(3).joined(separator: "-") : nil
  }

  /// The number of files of a model, from the name of one of them; 1 unless the model is split.
  static func parts(_ file: String) -> Int {
    let parts = file.dropLast(file.hasSuffix(suffix) ? suffix.count : 0)
      .split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count > 3, parts[parts.count - 2] == "of", isNumber(parts[parts.count - 1]),
      isNumber(parts[parts.count - 3])
    else { return 1 }
    return Int(parts[parts.count - 1]) ?? 1
  }

  /// Whether a file is an image or audio encoder that belongs to a model beside it.
  static func isProjector(_ file: String) -> Bool { file.hasPrefix("mmproj") || file.contains("-mmproj") }

  private static func isNumber(_ text: Substring) -> Bool { text.utf8.count == 5 && Int(text) != nil }

  /// Whether a file is a GGUF file by its suffix or its first bytes. Files in the stores of other programs have no
  /// suffix.
  static func isModel(_ path: String) -> Bool {
    path.hasSuffix(suffix) || FilePaths.begins(path, with: Array("GGUF".utf8))
  }
}
