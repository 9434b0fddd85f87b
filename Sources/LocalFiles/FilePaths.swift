import Platform

/// Operations on paths as text, and a few file system queries.
enum FilePaths {
  /// `folder/name`, without a doubled slash.
  static func join(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }

  /// The folder that holds an absolute path; `nil` for the root.
  static func parent(_ path: String) -> String? {
    let trimmed = trimmingSlashes(path)
    guard let slash = trimmed.lastIndex(of: "/"), trimmed != "/" else { return nil }
    return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
  }

  /// The last component.
  static func name(_ path: String) -> String {
    let trimmed = trimmingSlashes(path)
    guard let slash = trimmed.lastIndex(of: "/") else { return trimmed }
    return String(trimmed[trimmed.index(after: slash)...])
  }

  /// The path without trailing slashes; the root stays `/`.
  static func trimmingSlashes(_ path: String) -> String {
    var end = path.endIndex
    while end > path.startIndex, path[path.index(before: end)] == "/" { end = path.index(before: end) }
    return end == path.startIndex && !path.isEmpty ? "/" : String(path[..<end])
  }

  /// The folders above an absolute path, nearest first.
  static func ancestors(_ path: String) -> [String] {
    var found: [String] = []
    var next = parent(path)
    while let folder = next {
      found.append(folder)
      next = parent(folder)
    }
    return found
  }

  /// The path with every symbolic link, `.` and `..` resolved; `nil` where it does not exist.
  static func resolvingLinks(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// The kind of file at a path; follows symbolic links.
  static func kind(_ path: String) -> Kind {
    var status = stat()
    guard stat(path, &status) == 0 else { return .missing }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: return .folder
    case S_IFREG: return .file
    default: return .other
    }
  }

  /// Whether a file begins with these bytes.
  static func begins(_ path: String, with bytes: [UInt8]) -> Bool {
    guard let file = fopen(path, "rb") else { return false }
    defer { fclose(file) }
    var found = [UInt8](repeating: 0, count: bytes.count)
    return fread(&found, 1, bytes.count, file) == bytes.count && found == bytes
  }

  /// The kind of file at a path.
  enum Kind { case missing, file, folder, other }
}

/// The names in a folder.
enum FolderListing {
  /// The most names listed.
  static let limit = 10_000

  /// The names in a folder, sorted, without hidden files, at most ``limit`` of them.
  static func names(_ path: String) throws(LocalFilesError) -> [String] {
    guard let folder = opendir(path) else {
      throw .unreadable(path: path, reason: .last)
    }
    defer { closedir(folder) }
    var names: [String] = []
    while names.count < limit, let entry = readdir(folder) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }
}
