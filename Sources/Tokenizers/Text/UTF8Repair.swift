/// Makes a stream of any bytes into valid UTF-8, byte by byte: each maximal part of a broken character becomes one
/// U+FFFD (Unicode 17, section 3.9), and a character leaves only when it is whole.
struct UTF8Repair: Sendable {
  private var pending: [UInt8] = []
  private var missing = 0
  /// What the next byte of a character may be.
  private var allowed: ClosedRange<UInt8> = 0x80...0xBF

  /// Takes one byte and appends what is final now.
  mutating func append(_ byte: UInt8, to output: inout [UInt8]) {
    if missing > 0 {
      if allowed.contains(byte) {
        pending.append(byte)
        allowed = 0x80...0xBF
        missing -= 1
        if missing == 0 {
          output.append(contentsOf: pending)
          pending.removeAll(keepingCapacity: true)
        }
        return
      }
      finish(&output)
    }
    start(byte, &output)
  }

  /// Ends the stream: an unfinished character becomes U+FFFD.
  mutating func finish(_ output: inout [UInt8]) {
    if missing > 0 { output.append(scalar: 0xFFFD) }
    pending.removeAll(keepingCapacity: true)
    missing = 0
    allowed = 0x80...0xBF
  }

  private mutating func start(_ byte: UInt8, _ output: inout [UInt8]) {
    switch byte {
    case 0..<0x80:
      output.append(byte)
      return
    case 0xC2...0xDF: missing = 1
    case 0xE0...0xEF: missing = 2
    case 0xF0...0xF4: missing = 3
    default:
      output.append(scalar: 0xFFFD)
      return
    }
    switch byte {
    case 0xE0: allowed = 0xA0...0xBF
    case 0xED: allowed = 0x80...0x9F
    case 0xF0: allowed = 0x90...0xBF
    case 0xF4: allowed = 0x80...0x8F
    default: allowed = 0x80...0xBF
    }
    pending.append(byte)
  }
}
