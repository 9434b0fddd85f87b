import CShortage
import JSONText
import Tensors
import Platform

/// A read-only memory-mapped file; unmapped when the last reference is released.
///
/// If another program truncates the file while it is mapped, the bytes beyond the new end read as zeros; ``lostBytes``
/// reports this after a read.
final class MappedFile: StoredBytesOwner, @unchecked Sendable {
  /// The file's path, for error messages.
  let path: String
  /// The bytes.
  let bytes: UnsafeRawBufferPointer
  private let descriptor: Int32
  private let guardNumber: Int32

  /// Maps a regular file.
  init(path: String) throws(CheckpointError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .unreadable(path: path, reason: .last) }
    do throws(CheckpointError) {
      bytes = try Self.map(descriptor, path: path)
    } catch {
      _ = close(descriptor)
      throw error
    }
    self.path = path
    self.descriptor = descriptor
    if let start = bytes.baseAddress { guardNumber = cs_guard(start, bytes.count) } else { guardNumber = -1 }
  }

  deinit {
    cs_unguard(guardNumber)
    if let start = bytes.baseAddress, !bytes.isEmpty { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
    _ = close(descriptor)
  }

  /// The current size of the file, in bytes.
  func size() -> Int {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
  }

  /// Whether a read touched pages beyond the file's end; the data read is then invalid.
  var lostBytes: Bool { cs_was_cut(guardNumber) }

  /// Releases the pages of these bytes; they are read from the file again when needed.
  ///
  /// Weights are read once, for packing. Without this the process would hold them in memory twice.
  func discard(_ part: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress, let first = part.baseAddress, part.count > 0 else { return }
    let page = Int(getpagesize())
    let begin = (first - start) / page * page
    let end = min((first - start + part.count + page - 1) / page * page, bytes.count)
    guard 0 <= begin, begin < end else { return }
    madvise(UnsafeMutableRawPointer(mutating: start + begin), end - begin, MADV_DONTNEED)
  }

  private static func map(_ descriptor: Int32, path: String) throws(CheckpointError) -> UnsafeRawBufferPointer {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .unreadable(path: path, reason: .last) }
    // Accept regular files only: opening a pipe or device could block or never end.
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .unreadable(path: path, reason: status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "no regular file")
    }
    let size = Int(status.st_size)
    guard size > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
      throw .unreadable(path: path, reason: .last)
    }
    return UnsafeRawBufferPointer(start: start, count: size)
  }
}

/// Whether anything exists at this path.
func fileExists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// Throws unless the path names a folder.
/// - Throws: ``CheckpointError/folderNotFound(path:)``, ``CheckpointError/notAFolder(path:)``,
///   ``CheckpointError/unreadable(path:reason:)``.
public func checkFolder(_ folder: String) throws(CheckpointError) {
  var status = stat()
  guard stat(folder, &status) == 0 else {
    guard errno == ENOENT || errno == ENOTDIR else { throw .unreadable(path: folder, reason: .last) }
    throw .folderNotFound(path: folder)
  }
  guard status.st_mode & S_IFMT == S_IFDIR else { throw .notAFolder(path: folder) }
}
