import JSONText
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

  /// The path with every symbolic link, `.` and `..` resolved; `nil` if it does not exist.
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

  /// The size of a file in bytes; `nil` if there is none. Follows symbolic links.
  static func size(_ path: String) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  /// The number of links to a folder; `nil` if there is no folder. Where the file system counts them, it is two more
  /// than the number of folders in it; elsewhere 1.
  static func folderLinks(_ path: String) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
    return Int(status.st_nlink)
  }

  /// When a file or folder was last modified, in seconds since 1970; 0 if it does not exist or cannot be examined.
  static func modified(_ path: String) -> Int {
    var status = stat()
    guard stat(path, &status) == 0 else { return 0 }
    #if canImport(Darwin)
      return status.st_mtimespec.tv_sec
    #else
      return status.st_mtim.tv_sec
    #endif
  }

  /// The first bytes of a file, at most `count`; `nil` if there is no such file or it can't be read.
  /// - Throws: ``LocalFilesError/unreadable(path:reason:)`` only if file descriptors or memory ran out.
  static func start(of path: String, count: Int) throws(LocalFilesError) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else {
      let reason = SystemReason.last
      guard !reason.isShortage else { throw .unreadable(path: path, reason: reason) }
      return nil
    }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: count)
    let length = read(file, &bytes, count)
    return length < 0 ? nil : Array(bytes.prefix(length))
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

  /// The names in a folder in any order, without hidden files; empty if there is no such folder or it can't be read. At
  /// most a million names are read.
  /// - Throws: ``LocalFilesError/unreadable(path:reason:)`` only if file descriptors or memory ran out.
  static func unsorted(_ path: String) throws(LocalFilesError) -> [String] {
    do throws(JSONError) {
      return try FolderNames.read(path)
    } catch .unreadable(_, let reason) where reason.isShortage {
      throw .unreadable(path: path, reason: reason)
    } catch {
      return []
    }
  }

  /// The names in a folder, sorted, without hidden files, at most ``limit`` of them.
  static func names(_ path: String) throws(LocalFilesError) -> [String] {
    do throws(JSONError) {
      return try FolderNames.read(path, limit: limit).sorted()
    } catch {
      throw LocalFilesError(error, path: path, limit: limit)
    }
  }
}
