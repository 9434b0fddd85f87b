#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file that is written from its beginning to its end; closed when the last reference goes.
final class OutputFile {
  private let path: String
  private let descriptor: Int32

  /// Opens a file for writing; what is there is written over.
  init(path: String) throws(CheckpointError) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .unwritable(path: path, reason: systemError()) }
  }

  deinit {
    if descriptor >= 0 { _ = close(descriptor) }
  }

  /// Appends bytes.
  func append(_ bytes: [UInt8]) throws(CheckpointError) {
    try bytes.withUnsafeBufferPointer { (bytes) throws(CheckpointError) in try append(UnsafeRawBufferPointer(bytes)) }
  }

  /// Appends bytes.
  func append(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
    guard let start = bytes.baseAddress else { return }
    var written = 0
    while written < bytes.count {
      let count = write(descriptor, start + written, min(bytes.count - written, 1 << 26))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .unwritable(path: path, reason: systemError()) }
      written += count
    }
  }

  /// Waits until the bytes are on the disk.
  func finish() throws(CheckpointError) {
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw .unwritable(path: path, reason: systemError()) }
  }
}
