/// Interpretation of control sequences. Sources: "XTerm Control Sequences" (Dickey), the kitty keyboard protocol,
/// rxvt's manual.
extension InputDecoder {
  /// Handles `CSI parameters final`.
  mutating func controlSequence(_ parameters: [UInt8], final: UInt8, alt: Bool) {
    let isPrivate = parameters.first.map { (0x3C...0x3F).contains($0) } ?? false
    if isPrivate {
      if parameters.first == 0x3C, final == 0x4D || final == 0x6D { mouse(parameters.dropFirst(), isUp: final == 0x6D) }
      return
    }
    guard let numbers = InputDecoder.numbers(parameters[...]) else { return }
    let second = numbers.count > 1 ? numbers[1] : []
    // kitty reports a key release as event type 3.
    if second.count > 1, second[1] == 3 { return }
    var modifiers = InputDecoder.modifiers(second.first ?? 1)
    if alt { modifiers.insert(.alt) }
    let first = numbers.first?.first ?? 0
    switch final {
    case UInt8(ascii: "~"), UInt8(ascii: "^"):
      if final == UInt8(ascii: "^") { modifiers.insert(.control) }
      tilde(first, numbers, modifiers)
    case UInt8(ascii: "u"): unicodeKey(numbers.first ?? [], modifiers)
    case UInt8(ascii: "Z"): emit(.backtab, modifiers)
    case UInt8(ascii: "I") where parameters.isEmpty: emit(.focus(true))
    case UInt8(ascii: "O") where parameters.isEmpty: emit(.focus(false))
    case UInt8(ascii: "M") where parameters.isEmpty: beginMouse()
    case UInt8(ascii: "a")...UInt8(ascii: "d"):
      if let arrow = InputDecoder.letter(final - 0x20) { emit(arrow, modifiers.union(.shift)) }
    default:
      if let key = InputDecoder.letter(final) { emit(key, modifiers) }
    }
  }

  /// The key of `SS3 byte`. rxvt sends lowercase letters for arrows with Control.
  static func singleShift(_ byte: UInt8) -> (key: Key, modifiers: Modifiers)? {
    switch byte {
    case UInt8(ascii: "M"): (.enter, [])
    case UInt8(ascii: "a")...UInt8(ascii: "d"): letter(byte - 0x20).map { ($0, .control) }
    default: letter(byte).map { ($0, []) }
    }
  }

  /// Keys identified by a letter.
  private static func letter(_ byte: UInt8) -> Key? {
    switch byte {
    case UInt8(ascii: "A"): .up
    case UInt8(ascii: "B"): .down
    case UInt8(ascii: "C"): .right
    case UInt8(ascii: "D"): .left
    case UInt8(ascii: "H"): .home
    case UInt8(ascii: "F"): .end
    case UInt8(ascii: "P")...UInt8(ascii: "S"): .function(Int(byte) - 0x4F)
    default: nil
    }
  }

  /// Keys identified by a number.
  private mutating func tilde(_ number: Int, _ numbers: [[Int]], _ modifiers: Modifiers) {
    switch number {
    case 1, 7: emit(.home, modifiers)
    case 2: emit(.insert, modifiers)
    case 3: emit(.delete, modifiers)
    case 4, 8: emit(.end, modifiers)
    case 5: emit(.pageUp, modifiers)
    case 6: emit(.pageDown, modifiers)
    case 11...15: emit(.function(number - 10), modifiers)
    case 17...21: emit(.function(number - 11), modifiers)
    case 23...26: emit(.function(number - 12), modifiers)
    case 28, 29: emit(.function(number - 13), modifiers)
    case 31...34: emit(.function(number - 14), modifiers)
    case 27 where numbers.count > 2: unicodeKey(numbers[2], modifiers)
    case 200: beginPaste()
    default: break
    }
  }

  /// A key identified by its code point, as kitty and modifyOtherKeys send it. `codes` may also hold the shifted
  /// character.
  private mutating func unicodeKey(_ codes: [Int], _ modifiers: Modifiers) {
    var code = codes.first ?? 0
    if modifiers.contains(.shift), codes.count > 1, codes[1] > 0 { code = codes[1] }
    switch code {
    case 9: emit(.tab, modifiers)
    case 13, 57414: emit(.enter, modifiers)
    case 27: emit(.escape, modifiers)
    case 8, 127: emit(.backspace, modifiers)
    case 57399...57408: emit(.character(Character(Unicode.Scalar(UInt8(code - 57399 + 0x30)))), modifiers)
    case 57344...63743: break
    default:
      guard let value = UInt32(exactly: code), let scalar = Unicode.Scalar(value), !scalar.isTerminalControl else {
        return
      }
      emit(.character(Character(scalar)), modifiers)
    }
  }

  /// A mouse report in the SGR form `b;x;y`.
  private mutating func mouse(_ parameters: ArraySlice<UInt8>, isUp: Bool) {
    guard let numbers = InputDecoder.numbers(parameters), numbers.count == 3, let code = numbers[0].first,
      let x = numbers[1].first, let y = numbers[2].first, (1...10_000).contains(x), (1...10_000).contains(y)
    else { return }
    var modifiers: Modifiers = []
    if code & 4 != 0 { modifiers.insert(.shift) }
    if code & 8 != 0 { modifiers.insert(.alt) }
    if code & 16 != 0 { modifiers.insert(.control) }
    let button = code & 3
    let action: MouseEvent.Action? =
      switch code & ~0x1F {
      case 0: isUp ? .release(button) : button == 3 ? nil : .press(button)
      case 32: button == 3 ? nil : .drag(button)
      case 64: button == 0 ? .scrollUp : button == 1 ? .scrollDown : nil
      default: nil
      }
    if let action { emit(.mouse(MouseEvent(action, at: Point(x - 1, y - 1), modifiers))) }
  }

  /// Parses `1;5:3` as [[1], [5, 3]]. An empty part is 0. Nil if a part is not a number of at most seven digits.
  private static func numbers(_ parameters: ArraySlice<UInt8>) -> [[Int]]? {
    guard !parameters.isEmpty else { return [] }
    var result: [[Int]] = [[0]]
    for byte in parameters {
      switch byte {
      case UInt8(ascii: ";"): result.append([0])
      case UInt8(ascii: ":"): result[result.count - 1].append(0)
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        let last = result[result.count - 1].count - 1
        guard result[result.count - 1][last] < 1_000_000 else { return nil }
        result[result.count - 1][last] = result[result.count - 1][last] * 10 + Int(byte - 0x30)
      default: return nil
      }
    }
    return result
  }

  /// The modifiers of a parameter, which is their bits plus one.
  private static func modifiers(_ parameter: Int) -> Modifiers {
    let bits = max(0, parameter - 1)
    var modifiers: Modifiers = []
    if bits & 1 != 0 { modifiers.insert(.shift) }
    if bits & 2 != 0 { modifiers.insert(.alt) }
    if bits & 4 != 0 { modifiers.insert(.control) }
    return modifiers
  }
}
