/// The parts of a SentencePiece model file (`sentencepiece_model.proto`) that a tokenizer needs.
struct SentencePieceModel {
  struct Piece {
    var text: [UInt8]
    var score: Double
    /// The proto's `Type`: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte.
    var type: Int
  }

  private(set) var pieces: [Piece] = []
  /// The compiled character map (`precompiled_charsmap`); `nil` if there is none.
  private(set) var characterMap: [UInt8]?
  /// The proto's `ModelType`: 1 unigram, 2 BPE, 3 word, 4 char.
  private(set) var modelType = 1
  /// The ids of the tokens that begin and end a text and stand for unknown text; negative for none.
  private(set) var bosID = 1
  private(set) var eosID = 2
  private(set) var unknownID = 0
  /// Whether unknown characters become their bytes.
  private(set) var byteFallback = false
  /// Whether a text gets a space before it.
  private(set) var addsSpace = true
  /// Whether spaces at both ends are removed and repeated spaces are reduced to one.
  private(set) var removesExtraSpaces = true
  /// Whether spaces are written as `▁`.
  private(set) var marksSpaces = true

  /// Parses a model file.
  /// - Throws: ``TokenizerError/invalid(path:expected:found:)`` if it is truncated or not a SentencePiece model.
  init(_ bytes: [UInt8], path: String) throws(TokenizerError) {
    var message = ProtobufReader(bytes[...], path: path)
    while let field = try message.next() {
      switch (field.number, field.value) {
      case (1, .bytes(let piece)): pieces.append(try Self.piece(piece, path: "\(path) piece \(pieces.count)"))
      case (2, .bytes(let trainer)): try readTrainer(trainer, path: path)
      case (3, .bytes(let normalizer)): try readNormalizer(normalizer, path: path)
      default: break
      }
      guard pieces.count <= Vocabulary.largestID else {
        throw .invalid(path: path, expected: "at most \(Vocabulary.largestID) pieces", found: "more")
      }
    }
    guard !pieces.isEmpty else { throw .invalid(path: path, expected: "a SentencePiece model", found: "no pieces") }
  }

  private mutating func readTrainer(_ bytes: ArraySlice<UInt8>, path: String) throws(TokenizerError) {
    var message = ProtobufReader(bytes, path: path)
    while let field = try message.next() {
      guard case .integer(let value) = field.value else { continue }
      // Negative ids are written as 64-bit two's complement.
      let number = Int(truncatingIfNeeded: value)
      switch field.number {
      case 3: modelType = number
      case 35: byteFallback = number != 0
      case 40: unknownID = number
      case 41: bosID = number
      case 42: eosID = number
      default: break
      }
    }
  }

  private mutating func readNormalizer(_ bytes: ArraySlice<UInt8>, path: String) throws(TokenizerError) {
    var message = ProtobufReader(bytes, path: path)
    while let field = try message.next() {
      switch (field.number, field.value) {
      case (2, .bytes(let map)) where !map.isEmpty: characterMap = Array(map)
      case (3, .integer(let flag)): addsSpace = flag != 0
      case (4, .integer(let flag)): removesExtraSpaces = flag != 0
      case (5, .integer(let flag)): marksSpaces = flag != 0
      default: break
      }
    }
  }

  private static func piece(_ bytes: ArraySlice<UInt8>, path: String) throws(TokenizerError) -> Piece {
    var piece = Piece(text: [], score: 0, type: 1)
    var message = ProtobufReader(bytes, path: path)
    while let field = try message.next() {
      switch (field.number, field.value) {
      case (1, .bytes(let text)): piece.text = Array(text)
      case (2, .fixed32(let bits)): piece.score = Double(Float(bitPattern: bits))
      case (3, .integer(let type)): piece.type = Int(truncatingIfNeeded: type)
      default: break
      }
    }
    guard isValidUTF8(piece.text), !piece.score.isNaN else {
      throw .invalid(path: path, expected: "UTF-8 text and a score", found: "other bytes")
    }
    return piece
  }
}

/// Iterates over the fields of one protocol buffer message (protobuf.dev, "Encoding"). Every length is checked before
/// it is used.
struct ProtobufReader {
  enum Value {
    case integer(UInt64)
    case fixed32(UInt32)
    case fixed64
    case bytes(ArraySlice<UInt8>)
  }

  private var rest: ArraySlice<UInt8>
  private let path: String

  init(_ bytes: ArraySlice<UInt8>, path: String) {
    rest = bytes
    self.path = path
  }

  private func cutOff() -> TokenizerError {
    .invalid(path: path, expected: "a whole protocol buffer message", found: "a field cut off or malformed")
  }

  /// The next field; `nil` at the end of the message.
  mutating func next() throws(TokenizerError) -> (number: UInt64, value: Value)? {
    guard !rest.isEmpty else { return nil }
    let tag = try readInteger()
    switch tag & 7 {
    case 0: return (tag >> 3, .integer(try readInteger()))
    case 1:
      _ = try take(8)
      return (tag >> 3, .fixed64)
    case 2:
      guard let length = Int(exactly: try readInteger()) else { throw cutOff() }
      return (tag >> 3, .bytes(try take(length)))
    case 5:
      let bits = try take(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      return (tag >> 3, .fixed32(bits))
    default: throw cutOff()
    }
  }

  private mutating func take(_ count: Int) throws(TokenizerError) -> ArraySlice<UInt8> {
    guard count <= rest.count else { throw cutOff() }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  private mutating func readInteger() throws(TokenizerError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = rest.popFirst() else { throw cutOff() }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw cutOff()
  }
}
