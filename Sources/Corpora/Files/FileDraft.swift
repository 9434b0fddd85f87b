import JSONText
import Platform

/// A file that is written beside its place and moved there when it is complete, so that a reader never sees a part of
/// it. A draft that is not finished is removed.
final class FileDraft {
  private let path: String
  private let draft: String
  private var descriptor: Int32
  private var buffer: [UInt8] = []
  /// The bytes written so far.
  private(set) var count = 0
  /// The checksum of the bytes so far.
  private(set) var checksum = Checksum()

  private static let bufferSize = 1 << 18

  init(_ path: String) throws(CorpusError) {
    self.path = path
    draft = "\(path).\(getpid()).new"
    descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw .unwritable(path, .last) }
    buffer.reserveCapacity(Self.bufferSize)
  }

  deinit {
    guard descriptor >= 0 else { return }
    _ = close(descriptor)
    unlink(draft)
  }

  /// Appends bytes.
  func write(_ bytes: some Collection<UInt8>) throws(CorpusError) {
    buffer.append(contentsOf: bytes)
    count += bytes.count
    if buffer.count >= Self.bufferSize { try flush() }
  }

  /// Appends zeros up to a multiple of `alignment`.
  func pad(to alignment: Int) throws(CorpusError) {
    let rest = count % alignment
    if rest > 0 { try write(repeatElement(0, count: alignment - rest)) }
  }

  /// The checksum of all bytes so far.
  func sum() throws(CorpusError) -> UInt64 {
    try flush()
    return checksum.value
  }

  /// Moves the file to its place.
  func finish() throws(CorpusError) {
    try flush()
    guard fsync(descriptor) == 0, rename(draft, path) == 0 else { throw .unwritable(path, .last) }
    _ = close(descriptor)
    descriptor = -1
  }

  private func flush() throws(CorpusError) {
    checksum.add(buffer)
    var start = 0
    while start < buffer.count {
      let written = buffer.withUnsafeBytes {
        Platform.write(descriptor, $0.baseAddress.map { $0 + start }, buffer.count - start)
      }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw .unwritable(path, .last) }
      start += written
    }
    buffer.removeAll(keepingCapacity: true)
  }
}

/// A checksum of a stream of bytes that finds damaged and cut files: FNV-1a (Fowler, Noll and Vo) over words of eight
/// bytes, the lowest byte first; the last word is filled up with zeros, and the length is the last word of all.
struct Checksum: Equatable {
  private var state: UInt64 = 0xCBF2_9CE4_8422_2325
  private var word: UInt64 = 0
  private var length: UInt64 = 0

  mutating func add(_ bytes: [UInt8]) { bytes.withUnsafeBytes { add($0) } }

  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    var index = 0
    // Single bytes up to a whole word, whole words, and the rest.
    while length & 7 != 0, index < bytes.count {
      add(bytes[index])
      index += 1
    }
    while index + 8 <= bytes.count {
      state = (state ^ UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)))
      state &*= 0x100_0000_01B3
      index += 8
      length &+= 8
    }
    while index < bytes.count {
      add(bytes[index])
      index += 1
    }
  }

  private mutating func add(_ byte: UInt8) {
    word |= UInt64(byte) << (8 * (length & 7))
    length &+= 1
    guard length & 7 == 0 else { return }
    state = (state ^ word) &* 0x100_0000_01B3
    word = 0
  }

  var value: UInt64 {
    let last = length & 7 == 0 ? state : (state ^ word) &* 0x100_0000_01B3
    return (last ^ length) &* 0x100_0000_01B3
  }
}

/// Makes a folder unless it exists.
func makeFolder(_ path: String) throws(CorpusError) {
  guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw .unwritable(path, .last) }
  var status = stat()
  guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { throw .unwritable(path, "no folder") }
}
