/// One token a byte, as in ByT5 (Xue et al. 2021): the id is the byte plus a constant. The piece of a byte is the
/// character with that code point.
struct ByteModel: TokenModel {
  let vocabulary: Vocabulary
  /// The id of byte 0.
  private let firstID: Int

  /// - Parameter special: the pieces before those of the bytes.
  init(special: [[UInt8]]) {
    var vocabulary = Vocabulary(minimumCapacity: special.count + 256)
    for (id, piece) in special.enumerated() { vocabulary.set(piece, id: id) }
    for byte in 0..<256 {
      var piece: [UInt8] = []
      piece.append(scalar: UInt32(byte))
      vocabulary.set(piece, id: special.count + byte)
    }
    self.vocabulary = vocabulary
    firstID = special.count
  }

  func tokenize(_ piece: TextBuffer, into tokens: inout [ModelToken]) {
    for (index, byte) in piece.enumerated() {
      tokens.append(ModelToken(id: firstID + Int(byte), start: index, end: index + 1))
    }
  }

  /// The byte of a piece; `nil` for longer ones, which are added tokens.
  static func byte(_ piece: some Collection<UInt8>) -> UInt8? {
    let bytes = Array(piece.prefix(3))
    switch bytes.count {
    case 1: return bytes[0]
    case 2 where bytes[0] & 0xFC == 0xC0: return (bytes[0] & 3) << 6 | bytes[1] & 0x3F
    default: return nil
    }
  }
}

/// Turns the pieces of ``ByteModel`` back into bytes. Bytes that are not valid UTF-8 are left out, as in ByT5.
struct ByteStage: DecodingStage {
  private var assembler = TokenAssembler()
  private var repair = UTF8Repair(replacement: nil)

  mutating func take(_ fragment: DecodedFragment) -> [DecodedFragment] {
    guard let token = assembler.complete(fragment) else { return [] }
    var output: [UInt8] = []
    for byte in ByteModel.byte(token).map({ [$0] }) ?? token { repair.append(byte, to: &output) }
    return output.isEmpty ? [] : [DecodedFragment(bytes: output, endsToken: false)]
  }

  mutating func finish() -> [DecodedFragment] {
    var output: [UInt8] = []
    repair.finish(&output)
    return [DecodedFragment(bytes: output, endsToken: true)]
  }
}
