import JSONText
import Platform
import Terms

/// The files with a model's weights.
public enum ModelWeights {
  /// Larger weights are not hashed, because that would take longer than a command.
  private static let mostBytes = 2 << 30

  /// The SHA-256 of the weight files of a model in the order of their names, in hexadecimal; `nil` if they are too
  /// large or cannot be read, or if the task is canceled. Takes a second for some 300 MB.
  public static func hash(_ path: String) -> String? {
    let files = files(path)
    var total = 0
    for file in files {
      var status = stat()
      guard stat(file, &status) == 0 else { return nil }
      total += Int(status.st_size)
    }
    guard !files.isEmpty, total <= mostBytes else { return nil }
    return SHA256.hash(files: files) { Task.isCancelled }
  }

  private static func files(_ path: String) -> [String] {
    var status = stat()
    guard stat(path, &status) == 0 else { return [] }
    guard status.st_mode & S_IFMT == S_IFDIR else { return [path] }
    let names = (try? FolderNames.read(path)) ?? []
    return names.filter(WeightFileNames.areWeights).sorted().map { path + "/" + $0 }
  }
}
