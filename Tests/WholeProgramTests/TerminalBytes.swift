/// Checks the bytes sent to a terminal. Allowed are UTF-8 text and the xterm sequences that the program uses. Anything
/// else comes from a text, a file name or a model.
struct TerminalBytes {
  /// The forbidden bytes found, with their surroundings.
  private(set) var forbidden: [String] = []
  /// The private modes that are set.
  private(set) var modes: Set<Int> = []
  /// Whether only colors are allowed, as for commands. The playground may also move the cursor and set modes.
  let isPlain: Bool

  /// Final bytes for cursor, erasing, scrolling, attributes and modes.
  private static let finals = Set("ABCDGHJKLMPSTXbdghlmnrt@".utf8)
  /// Modes for cursor keys, wrapping, blinking, cursor, mouse, focus, alternate screen, paste and synchronized output.
  private static let allowedModes: Set<Int> = [1, 7, 12, 25, 1000, 1002, 1003, 1004, 1006, 1049, 2004, 2026]

  /// Reads the bytes sent to a terminal. Outside the alternate screen (while an editor is open, or after the end) the
  /// terminal itself echoes input, so only modes are checked there.
  init(_ bytes: [UInt8], isPlain: Bool) {
    self.isPlain = isPlain
    var index = 0
    while index < bytes.count {
      let start = index
      if !take(bytes, &index) {
        defer { index = start + 1 }
        guard isPlain || modes.contains(1049) else { continue }
        let around = bytes[max(0, start - 12)..<min(bytes.count, start + 24)]
        forbidden.append("\(String(reflecting: String(decoding: around, as: UTF8.self)))")
      }
    }
  }

  /// Whether the terminal is restored: no alternate screen, no mouse reports, no bracketed paste, visible cursor.
  var isRestored: Bool { modes.subtracting([7, 12, 25]).isEmpty && !isCursorHidden }
  private var isCursorHidden = false

  private mutating func take(_ bytes: [UInt8], _ index: inout Int) -> Bool {
    let byte = bytes[index]
    index += 1
    switch byte {
    case 0x20...0x7E, 0x0A, 0x0D: return true
    case 0x08, 0x09, 0x0E, 0x0F: return !isPlain || byte == 0x09
    case 0x1B: return takeEscape(bytes, &index)
    case 0xC2...0xF4:
      let count = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
      guard index - 1 + count <= bytes.count,
        let text = String(validating: bytes[index - 1..<index - 1 + count], as: UTF8.self),
        let scalar = text.unicodeScalars.first
      else { return false }
      index += count - 1
      return !Self.isHidden(scalar)
    default: return false
    }
  }

  /// C1 controls, separators, direction controls and invisible characters.
  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x80...0x9F, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xE0000...0xE007F: true
    default: false
    }
  }

  private mutating func takeEscape(_ bytes: [UInt8], _ index: inout Int) -> Bool {
    guard index < bytes.count else { return false }
    let kind = bytes[index]
    index += 1
    if kind == UInt8(ascii: "[") { return takeControl(bytes, &index) }
    guard !isPlain else { return false }
    switch kind {
    case UInt8(ascii: "("), UInt8(ascii: ")"):
      index += 1
      return index <= bytes.count && [UInt8(ascii: "B"), UInt8(ascii: "0")].contains(bytes[index - 1])
    case UInt8(ascii: "="), UInt8(ascii: ">"), UInt8(ascii: "7"), UInt8(ascii: "8"), UInt8(ascii: "M"): return true
    case UInt8(ascii: "]"):
      // Allowed: setting the clipboard when the user copies (`52;c;` and base64), and resetting colors.
      let end = bytes[index...].firstIndex { $0 == 0x07 || $0 == 0x1B || $0 < 0x20 } ?? bytes.count
      let content = bytes[index..<end]
      index = end < bytes.count && bytes[end] == 0x1B ? end + 2 : end + 1
      return content.starts(with: Array("52;c;".utf8)) || content.elementsEqual(Array("104".utf8))
    default: return false
    }
  }

  private mutating func takeControl(_ bytes: [UInt8], _ index: inout Int) -> Bool {
    let start = index
    while index < bytes.count, (0x20...0x3F).contains(bytes[index]) { index += 1 }
    guard index < bytes.count else { return false }
    let final = bytes[index]
    let parameters = String(decoding: bytes[start..<index], as: UTF8.self)
    index += 1
    if isPlain { return final == UInt8(ascii: "m") || final == UInt8(ascii: "K") }
    // The cursor shape.
    if final == UInt8(ascii: "q") { return parameters.count == 2 && parameters.hasSuffix(" ") }
    guard Self.finals.contains(final) else { return false }
    guard parameters.hasPrefix("?") else {
      return final != UInt8(ascii: "t") || ["22;0;0", "23;0;0"].contains(parameters)
    }
    let numbers = parameters.dropFirst().split(separator: ";").compactMap { Int($0) }
    guard final == UInt8(ascii: "h") || final == UInt8(ascii: "l"), Self.allowedModes.isSuperset(of: numbers) else {
      return false
    }
    for number in numbers {
      if number == 25 { isCursorHidden = final == UInt8(ascii: "l") }
      if final == UInt8(ascii: "h") { modes.insert(number) } else { modes.remove(number) }
    }
    return true
  }
}
