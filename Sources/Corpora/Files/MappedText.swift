import CShortage
import JSONText
import Platform

/// A read-only mapped file, unmapped when the last reference is released. If another program truncates the file, the
/// bytes beyond its new end read as zeros.
final class MappedText: @unchecked Sendable {
  let path: String
  let bytes: UnsafeRawBufferPointer
  private let guardNumber: Int32

  init(_ path: String) throws(CorpusError) {
    self.path = path
    let unreadable = { (reason: SystemReason) in
      CorpusError("cannot read", at: path, expected: "a readable file", found: "\(reason)", hint: reason.hint(.reading))
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw unreadable(.last) }
    defer { _ = close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw unreadable(.last) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw unreadable("no regular file") }
    let size = Int(status.st_size)
    guard size > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      guardNumber = -1
      return
    }
    guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
      throw unreadable(.last)
    }
    bytes = UnsafeRawBufferPointer(start: start, count: size)
    guardNumber = cs_guard(start, size)
  }

  deinit {
    cs_unguard(guardNumber)
    if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
  }

  /// A little-endian integer at an offset that the caller has checked.
  @inline(__always) func load<T: FixedWidthInteger>(_ offset: Int, as type: T.Type) -> T {
    T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
  }
}
