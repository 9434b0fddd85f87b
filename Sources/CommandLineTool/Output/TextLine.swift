import Synchronization

/// Whether the text on a terminal stands in the middle of a line, so that notices do not run into it.
final class TextLine: Sendable {
  private let isShared: Bool
  private let open = Mutex(false)

  /// - Parameter isShared: whether standard output and standard error are terminals. Otherwise no line counts as open.
  init(isShared: Bool) { self.isShared = isShared }

  /// Whether the last line of the text has no end yet.
  var isOpen: Bool { open.withLock { $0 } }

  /// Notes that a text was written.
  func note(_ text: String) {
    guard isShared, let last = Self.lastByte(of: text) else { return }
    open.withLock { $0 = last != UInt8(ascii: "\n") }
  }

  /// Says whether a line is open. From here on it counts as ended.
  func end() -> Bool {
    open.withLock { open in
      defer { open = false }
      return open
    }
  }

  /// The last byte that is not part of a colour sequence (`ESC [ … m`).
  private static func lastByte(of text: String) -> UInt8? {
    var bytes = Substring(text).utf8
    while bytes.last == UInt8(ascii: "m"), let start = bytes.lastIndex(of: 0x1B),
      bytes[start...].dropFirst(2).dropLast().allSatisfy({ $0 == UInt8(ascii: ";") || (0x30...0x39).contains($0) })
    {
      bytes = bytes[..<start]
    }
    return bytes.last
  }
}
