import LocalFiles

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file under a name that nobody else has, readable by its owner alone.
struct TemporaryFile: Sendable {
  let path: String

  init(_ text: String, folder: String) throws(LocalFilesError) {
    let ending = ".txt"
    var template = Array("\(folder)/triptych-XXXXXX\(ending)".utf8CString)
    let descriptor = mkstemps(&template, Int32(ending.utf8.count))
    guard descriptor >= 0 else { throw .unwritable(path: folder, reason: String(cString: strerror(errno))) }
    close(descriptor)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    do {
      try TextFile.append(text, to: path)
    } catch {
      unlink(path)
      throw error
    }
  }

  /// A file of this name, which must not be there yet.
  init(_ text: String, path: String) throws(LocalFilesError) {
    guard access(path, F_OK) != 0 else { throw .unwritable(path: path, reason: String(cString: strerror(EEXIST))) }
    try TextFile.write(text, to: path)
    self.path = path
  }

  func remove() { unlink(path) }
}
