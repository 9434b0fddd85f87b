/// SentencePiece's compiled map of characters (Kudo and Richardson 2018): a double-array trie, then the replacements.
///
/// Follows the reference in its two oddities: the text is cut into grapheme clusters and a cluster of up to five bytes
/// is looked up as a whole, and of the keys that begin it the shortest wins.
struct PrecompiledNormalizer: Normalizer {
  private let units: [UInt32]
  private let replacements: [UInt8]

  /// What an ASCII character becomes; `nil` where it stays.
  private var ascii: [[UInt8]?] = []

  /// Reads a map from its bytes: the trie's size in bytes as 32 bits little-endian, the trie's units, the texts, each
  /// ended by a zero byte. `nil` when the bytes are no such map.
  init?(_ map: [UInt8]) {
    guard map.count >= 4 else { return nil }
    let size = Int(map[0]) | Int(map[1]) << 8 | Int(map[2]) << 16 | Int(map[3]) << 24
    guard size % 4 == 0, size > 0, size <= map.count - 4 else { return nil }
    units = stride(from: 4, to: 4 + size, by: 4).map { at in
      UInt32(map[at]) | UInt32(map[at + 1]) << 8 | UInt32(map[at + 2]) << 16 | UInt32(map[at + 3]) << 24
    }
    replacements = Array(map[(4 + size)...])
    guard isValidUTF8(replacements) else { return nil }
    ascii = (0..<128).map { code in [UInt8(code)].withUnsafeBufferPointer { find($0, 0..<1) }.map(Array.init) }
  }

  /// The replacement for the shortest key that begins `range` of the text.
  private func find(_ text: TextBuffer, _ range: Range<Int>) -> ArraySlice<UInt8>? {
    var node = offset(units[0])
    for index in range {
      let byte = text[index]
      if byte == 0 { return nil }
      node ^= Int(byte)
      guard node < units.count else { return nil }
      let unit = units[node]
      guard unit & (1 << 31 | 0xFF) == UInt32(byte) else { return nil }
      node ^= offset(unit)
      guard node < units.count else { return nil }
      if unit >> 8 & 1 == 1 {
        let start = Int(units[node] & 0x7FFF_FFFF)
        guard start <= replacements.count else { return nil }
        let found = replacements[start...].prefix { $0 != 0 }
        // A hostile map may point into the middle of a character.
        return (found.first ?? 0) & 0xC0 == 0x80 ? nil : found
      }
    }
    return nil
  }

  /// Whether the map leaves a character as it is where it stands alone.
  func keeps(_ code: UInt32) -> Bool {
    var bytes: [UInt8] = []
    bytes.append(scalar: code)
    return bytes.withUnsafeBufferPointer { find($0, 0..<$0.count) == nil }
  }

  private func offset(_ unit: UInt32) -> Int { Int(unit >> 10) << Int((unit & 1 << 9) >> 6) }

  func normalize(_ text: inout AlignedText) {
    var changes: [CharacterChange] = []
    changes.reserveCapacity(text.bytes.count)
    var modified = false
    text.bytes.withUnsafeBufferPointer { bytes in
      var index = 0
      while index < bytes.count {
        let end = stretchEnd(bytes, index)
        if end == index + 1 {
          modified = replaceASCII(bytes[index], &changes) || modified
        } else {
          modified = normalizeClusters(bytes, index..<end, &changes) || modified
        }
        index = end
      }
    }
    if modified { text.transform(changes) }
  }

  /// The end of the stretch from `index` on that must be cut into clusters together: between two ASCII characters is
  /// always a boundary, but for return and newline.
  private func stretchEnd(_ bytes: TextBuffer, _ index: Int) -> Int {
    var end = index + 1
    while end < bytes.count, bytes[end - 1] | bytes[end] >= 0x80 || bytes[end - 1] == 0x0D && bytes[end] == 0x0A {
      end += 1
    }
    return end
  }

  private func replaceASCII(_ byte: UInt8, _ changes: inout [CharacterChange]) -> Bool {
    guard let replacement = ascii[Int(byte)] else {
      changes.append(CharacterChange(code: UInt32(byte), change: 0))
      return false
    }
    append(replacement[...], replacing: 1, &changes)
    return true
  }

  private func normalizeClusters(_ bytes: TextBuffer, _ range: Range<Int>, _ changes: inout [CharacterChange]) -> Bool {
    var modified = false
    var start = range.lowerBound
    for cluster in String(decoding: bytes[range], as: UTF8.self) {
      let end = start + cluster.utf8.count
      if end - start < 6, let found = find(bytes, start..<end) {
        append(found, replacing: bytes.scalarCount(start..<end), &changes)
        modified = true
      } else {
        var index = start
        while index < end {
          let (code, length) = bytes.scalar(at: index)
          if let found = find(bytes, index..<index + length) {
            append(found, replacing: 1, &changes)
            modified = true
          } else {
            changes.append(CharacterChange(code: code, change: 0))
          }
          index += length
        }
      }
      start = end
    }
    return modified
  }

  private func append(_ replacement: ArraySlice<UInt8>, replacing count: Int, _ changes: inout [CharacterChange]) {
    let first = changes.count
    for scalar in String(decoding: replacement, as: UTF8.self).unicodeScalars {
      changes.append(CharacterChange(code: scalar.value, change: 0))
    }
    let added = changes.count - first - count
    if added > 0 {
      for index in (changes.count - added)..<changes.count { changes[index].change = 1 }
    } else if added < 0, !changes.isEmpty {
      changes[changes.count - 1].change += added
    }
  }
}
