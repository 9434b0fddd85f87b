/// A word of a text: letters, digits, marks and apostrophes.
struct CopyWord: Equatable {
  /// The hash of the word without differences of case; 0 for the border between documents, which equals no word.
  var hash: UInt64
  /// Its bytes in the text.
  var range: Range<Int>
}

/// Walks the words of valid UTF-8, in both directions. Documents are separated by a zero.
struct CopyWords {
  let bytes: UnsafeRawBufferPointer

  /// The first word, or border, that begins at `index` or later.
  func next(from index: Int) -> CopyWord? {
    var index = index
    while index < bytes.count {
      if bytes[index] == 0 { return CopyWord(hash: 0, range: index..<index + 1) }
      let (scalar, length) = scalar(at: index)
      if Self.isWord(scalar) { return word(from: index) }
      index += length
    }
    return nil
  }

  /// The last word, or border, that ends at `index` or before.
  func previous(before index: Int) -> CopyWord? {
    var end = index
    while end > 0 {
      let start = self.start(before: end)
      if bytes[start] == 0 { return CopyWord(hash: 0, range: start..<end) }
      if Self.isWord(scalar(at: start).scalar) {
        var first = start
        while first > 0 {
          let before = self.start(before: first)
          guard bytes[before] != 0, Self.isWord(scalar(at: before).scalar) else { break }
          first = before
        }
        return word(from: first)
      }
      end = start
    }
    return nil
  }

  /// The word that begins at an index.
  private func word(from start: Int) -> CopyWord {
    var index = start
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    while index < bytes.count {
      let (scalar, length) = scalar(at: index)
      guard bytes[index] != 0, Self.isWord(scalar) else { break }
      for folded in Self.folded(scalar) { hash = (hash ^ UInt64(folded)) &* 0x100_0000_01B3 }
      index += length
    }
    return CopyWord(hash: max(1, mixed(hash)), range: start..<index)
  }

  private func start(before index: Int) -> Int {
    var start = index - 1
    while start > 0, bytes[start] & 0xC0 == 0x80 { start -= 1 }
    return start
  }

  /// The code point at an index; damaged text gives U+FFFD and one byte.
  private func scalar(at index: Int) -> (scalar: UInt32, length: Int) {
    let first = bytes[index]
    if first < 0x80 { return (UInt32(first), 1) }
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1
    guard length > 1, index + length <= bytes.count else { return (0xFFFD, 1) }
    var code = UInt32(first) & (0x7F >> UInt32(length))
    for offset in 1..<length { code = code << 6 | UInt32(bytes[index + offset] & 0x3F) }
    return (code, length)
  }

  private static func isWord(_ code: UInt32) -> Bool {
    if code < 0x80 { return code | 0x20 &- 0x61 < 26 && code >= 0x41 || code &- 0x30 < 10 || code == 0x27 }
    if code == 0x2019 { return true }
    guard let scalar = Unicode.Scalar(code) else { return false }
    let properties = scalar.properties
    return properties.isAlphabetic || properties.numericType != nil || properties.isDiacritic
  }

  private static func folded(_ code: UInt32) -> [UInt32] {
    if code < 0x80 { return [0x41...0x5A ~= code ? code | 0x20 : code] }
    if code == 0x2019 { return [0x27] }
    return Unicode.Scalar(code).map { $0.properties.lowercaseMapping.unicodeScalars.map(\.value) } ?? [code]
  }
}
