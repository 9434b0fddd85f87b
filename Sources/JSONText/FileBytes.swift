import Platform

/// Reads whole files without Foundation.
public enum FileBytes {
  /// Reads a regular file.
  ///
  /// Pipes, devices and folders are refused, because reading them could block or never end.
  /// - Parameters:
  ///   - path: the file's path; symbolic links are followed.
  ///   - limit: the maximum size in bytes.
  /// - Throws: ``JSONError/unreadable(path:reason:)`` or ``JSONError/tooLarge(path:bytes:limit:)``.
  public static func read(_ path: String, limit: Int = JSONLimits().bytes) throws(JSONError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .unreadable(path: path, reason: .last) }
    defer { _ = close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .unreadable(path: path, reason: .last)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .unreadable(path: path, reason: status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "no regular file")
    }
    let size = Int(status.st_size)
    guard size <= limit else { throw .tooLarge(path: path, bytes: size, limit: limit) }
    return try readAll(descriptor, size: size, path: path)
  }

  private static func readAll(_ descriptor: Int32, size: Int, path: String) throws(JSONError) -> [UInt8] {
    var failed: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { (buffer, count) in
      while count < size {
        let taken = systemRead(descriptor, buffer.baseAddress.map { $0 + count }, size - count)
        if taken < 0, errno == EINTR { continue }
        if taken < 0 { failed = errno }
        if taken <= 0 { break }
        count += taken
      }
    }
    guard failed == 0 else { throw .unreadable(path: path, reason: SystemReason(code: failed)) }
    return bytes
  }

  /// The system's `read`, which is hidden by this type's `read`.
  private static func systemRead(_ descriptor: Int32, _ start: UnsafeMutablePointer<UInt8>?, _ count: Int) -> Int {
    Platform.read(descriptor, start, count)
  }
}

/// The names in a folder.
public enum FolderNames {
  /// The names in a folder in the order of the file system, without `.` and `..`.
  ///
  /// - Parameters:
  ///   - hidden: whether names that begin with a dot are included.
  ///   - limit: the most names that are read.
  /// - Throws: ``JSONError/unreadable(path:reason:)``.
  public static func read(_ path: String, hidden: Bool = false, limit: Int = 1_000_000) throws(JSONError) -> [String] {
    guard let folder = opendir(path) else { throw .unreadable(path: path, reason: .last) }
    defer { closedir(folder) }
    var names: [String] = []
    while names.count < limit, let entry = readdir(folder) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes -> String? in
        guard let first = bytes.first, hidden || first != UInt8(ascii: ".") else { return nil }
        return bytes.baseAddress.map { String(cString: $0.assumingMemoryBound(to: CChar.self)) }
      }
      if let name, name != ".", name != ".." { names.append(name) }
    }
    return names
  }
}

extension FileBytes {
  /// Whether a file, folder or other entry exists at the path.
  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
