/// Writes every byte as its printable character.
struct ByteLevelNormalizer: Normalizer {
  func normalize(_ text: inout AlignedText) {
    let old = text
    text.rewrite { code, range, output in
      for index in range { output.append(ByteCharacters.codes[Int(old.bytes[index])], for: index..<index + 1) }
    }
  }
}
