/// Decodes the bytes of a terminal into events. Sequences may be split across reads.
///
/// Supports UTF-8, the sequences of xterm, rxvt, the Linux console and kitty (`CSI … u`), modifyOtherKeys, SGR mouse
/// reports, focus reports and bracketed paste. Replies to queries are dropped. Malformed input gives U+FFFD or nothing,
/// never an error. Memory is bounded for any input: a large paste is delivered in parts.
///
/// A lone Escape looks like the start of a sequence. When `needsFlush` is true, call `flush()` after a short silence.
public struct InputDecoder: Sendable {
  /// The size in bytes above which a part of a paste is delivered.
  static let pasteLimit = 1 << 20
  /// The most bytes of a sequence's parameters. Longer sequences are ignored.
  private static let parameterLimit = 64

  private enum State: Sendable {
    case ground
    case character(alt: Bool)
    case escape(again: Bool)
    case control(alt: Bool)
    case linuxFunction
    case single(alt: Bool)
    case mouse
    case string(introducer: UInt8, isEmpty: Bool, escaped: Bool)
    case paste
  }

  private var state = State.ground
  private var buffer: [UInt8] = []
  private var wanted = 0
  private var events: [InputEvent] = []

  /// Creates a decoder in its initial state.
  public init() {}

  /// Whether the bytes so far may already be complete: a lone Escape, Alt with an introducer, an unterminated reply.
  public var needsFlush: Bool {
    switch state {
    case .escape, .single, .string: true
    case .control: buffer.isEmpty
    default: false
    }
  }

  /// The events completed by `bytes`.
  public mutating func feed(_ bytes: some Sequence<UInt8>) -> [InputEvent] {
    for byte in bytes { consume(byte) }
    defer { events = [] }
    return events
  }

  /// Treats the bytes so far as complete.
  public mutating func flush() -> [InputEvent] {
    guard needsFlush else { return [] }
    switch state {
    case .escape(let again):
      emit(.escape)
      if again { emit(.escape) }
    case .control(let alt):
      if alt { emit(.escape) }
      emit(.character("["), .alt)
    case .single(let alt):
      if alt { emit(.escape) }
      emit(.character("O"), .alt)
    case .string(let introducer, true, false): emit(.character(Character(Unicode.Scalar(introducer))), .alt)
    default: break
    }
    state = .ground
    defer { events = [] }
    return events
  }

  mutating func emit(_ key: Key, _ modifiers: Modifiers = []) { emit(.key(KeyStroke(key, modifiers))) }

  mutating func emit(_ event: InputEvent) { events.append(event) }

  mutating func beginPaste() { state = .paste }

  mutating func beginMouse() { state = .mouse }

  private mutating func consume(_ byte: UInt8) {
    switch state {
    case .ground: begin(byte, alt: false)
    case .character(let alt): continueCharacter(byte, alt: alt)
    case .escape(let again): afterEscape(byte, again: again)
    case .control(let alt): continueControl(byte, alt: alt)
    case .linuxFunction:
      state = .ground
      if (0x41...0x45).contains(byte) { emit(.function(Int(byte) - 0x40)) } else { begin(byte, alt: false) }
    case .single(let alt):
      state = .ground
      if let key = InputDecoder.singleShift(byte) {
        emit(key.key, alt ? key.modifiers.union(.alt) : key.modifiers)
      } else {
        // Alt-O followed by another key: two keystrokes.
        emit(.character("O"), .alt)
        begin(byte, alt: false)
      }
    case .mouse:
      // Control characters cannot be part of this report: a new sequence begins.
      guard byte >= 0x20 else {
        reset()
        begin(byte, alt: false)
        break
      }
      buffer.append(byte)
      if buffer.count == 3 { reset() }
    case .string(let introducer, _, let escaped): continueString(byte, introducer, escaped: escaped)
    case .paste: continuePaste(byte)
    }
  }

  private mutating func reset() {
    buffer.removeAll(keepingCapacity: buffer.capacity <= 4_096)
    state = .ground
  }

  // MARK: Characters

  private mutating func begin(_ byte: UInt8, alt: Bool) {
    state = .ground
    let modifiers: Modifiers = alt ? .alt : []
    switch byte {
    case 0x1B: state = .escape(again: false)
    case 0x00: emit(.character(" "), modifiers.union(.control))
    case 0x09: emit(.tab, modifiers)
    case 0x0D: emit(.enter, modifiers)
    case 0x08, 0x7F: emit(.backspace, modifiers)
    case 0x01...0x1A: emit(.character(Character(Unicode.Scalar(byte + 0x60))), modifiers.union(.control))
    case 0x1C...0x1F: emit(.character(Character(Unicode.Scalar(byte + 0x40))), modifiers.union(.control))
    case 0x20..<0x7F: emit(.character(Character(Unicode.Scalar(byte))), modifiers)
    case 0xC2...0xF4:
      wanted = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
      buffer = [byte]
      state = .character(alt: alt)
    default: emit(.character("\u{FFFD}"), modifiers)
    }
  }

  private mutating func continueCharacter(_ byte: UInt8, alt: Bool) {
    let modifiers: Modifiers = alt ? .alt : []
    guard (0x80..<0xC0).contains(byte) else {
      reset()
      emit(.character("\u{FFFD}"), modifiers)
      begin(byte, alt: false)
      return
    }
    buffer.append(byte)
    guard buffer.count == wanted else { return }
    let scalar = String(decoding: buffer, as: UTF8.self).unicodeScalars
    reset()
    // Overlong forms and surrogates decode to several replacement characters; emit one.
    emit(.character(scalar.count == 1 ? Character(scalar[scalar.startIndex]) : "\u{FFFD}"), modifiers)
  }

  // MARK: Sequences

  private mutating func afterEscape(_ byte: UInt8, again: Bool) {
    switch byte {
    case 0x1B:
      if again { emit(.escape) }
      state = .escape(again: true)
    case 0x5B:
      buffer.removeAll()
      state = .control(alt: again)
    case 0x4F: state = .single(alt: again)
    case 0x5D, 0x50:
      if again { emit(.escape) }
      state = .string(introducer: byte, isEmpty: true, escaped: false)
    default:
      if again { emit(.escape) }
      begin(byte, alt: true)
    }
  }

  private mutating func continueControl(_ byte: UInt8, alt: Bool) {
    switch byte {
    case 0x5B where buffer.isEmpty: state = .linuxFunction
    case 0x20..<0x40:
      if buffer.count <= InputDecoder.parameterLimit { buffer.append(byte) }
    case 0x40..<0x7F:
      let parameters = buffer
      reset()
      if parameters.count <= InputDecoder.parameterLimit { controlSequence(parameters, final: byte, alt: alt) }
    default:
      // The sequence is broken off: drop it and decode this byte on its own.
      reset()
      begin(byte, alt: false)
    }
  }

  private mutating func continueString(_ byte: UInt8, _ introducer: UInt8, escaped: Bool) {
    switch byte {
    case 0x5C where escaped: state = .ground
    // The string was not terminated and another sequence starts. It may be a paste, and pasted bytes must not be
    // decoded as keys.
    case 0x5B where escaped, 0x4F where escaped: afterEscape(byte, again: false)
    case 0x07, 0x18, 0x1A: state = .ground
    default: state = .string(introducer: introducer, isEmpty: false, escaped: byte == 0x1B)
    }
  }

  // MARK: Paste

  private static let pasteEnd: [UInt8] = Array("\u{1B}[201~".utf8)

  private mutating func continuePaste(_ byte: UInt8) {
    buffer.append(byte)
    if byte == 0x7E, buffer.suffix(6).elementsEqual(InputDecoder.pasteEnd) {
      let text = InputDecoder.pasted(buffer.dropLast(6))
      reset()
      emit(.paste(text))
    } else if buffer.count > InputDecoder.pasteLimit {
      // Keep the last bytes: the end mark, a character or a line end may be split here.
      var cut = buffer.count - 8
      while cut > buffer.count - 12, buffer[cut] & 0xC0 == 0x80 { cut -= 1 }
      if buffer[cut - 1] == 0x0D { cut -= 1 }
      emit(.paste(InputDecoder.pasted(buffer[..<cut])))
      buffer.removeFirst(cut)
    }
  }

  /// Converts line ends from CR, as terminals send them, to LF.
  private static func pasted(_ bytes: ArraySlice<UInt8>) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var afterReturn = false
    for byte in bytes {
      if byte == 0x0D {
        result.append(0x0A)
      } else if byte != 0x0A || !afterReturn {
        result.append(byte)
      }
      afterReturn = byte == 0x0D
    }
    return String(decoding: result, as: UTF8.self)
  }
}

/// An `InputDecoder` with a timeout for a lone Escape.
///
/// Over a slow connection the bytes of one key can arrive separately: `ESC`, and 30 ms later `[C`, are still the right
/// arrow. A lone Escape counts as the Escape key if nothing follows it for `patience` seconds. The caller supplies the
/// time, in seconds of any monotonic clock.
public struct TimedInputDecoder: Sendable {
  /// The default timeout in seconds: long enough for most links, too short to notice.
  public static let standardPatience = 0.1

  /// The timeout of an unfinished sequence, in seconds.
  public let patience: Double
  /// When to call `expire(at:)`; nil if no sequence is unfinished.
  public private(set) var deadline: Double?
  private var decoder = InputDecoder()

  /// Creates a decoder in its initial state.
  public init(patience: Double = TimedInputDecoder.standardPatience) { self.patience = patience }

  /// The events completed by `bytes`, read at `time`.
  ///
  /// Bytes join an unfinished sequence even after the deadline, unless `expire(at:)` was called. A late timer must not
  /// split a key whose bytes have arrived.
  public mutating func feed(_ bytes: some Sequence<UInt8>, at time: Double) -> [InputEvent] {
    let events = decoder.feed(bytes)
    deadline = decoder.needsFlush ? time + patience : nil
    return events
  }

  /// The events of an unfinished sequence whose deadline has passed; empty before the deadline.
  public mutating func expire(at time: Double) -> [InputEvent] {
    guard let deadline, time >= deadline else { return [] }
    self.deadline = nil
    return decoder.flush()
  }
}
