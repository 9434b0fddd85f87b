/// SentencePiece's compiled character map (Kudo and Richardson 2018): a double-array trie and the replacement strings.
///
/// Two details follow transformers: text is split into grapheme clusters, and a cluster of up to five bytes is looked
/// up as a whole; if several keys are prefixes of the text, the shortest one matches. SentencePiece and llama.cpp match
/// the longest key at each position instead; see ``takesLongest``.
struct PrecompiledNormalizer: Normalizer {
  /// Whether the longest key at each position matches, regardless of grapheme clusters.
  var takesLongest = false
  private let units: [UInt32]
  private let replacements: [UInt8]

  /// The replacement of each ASCII character; `nil` if it is unchanged.
  private var ascii: [[UInt8]?] = []

  /// Parses a map: the size of the trie in bytes (32-bit little-endian), the trie's units, then the replacement
  /// strings, each terminated by a zero byte. `nil` if the bytes are not such a map.
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

  /// The replacement of the shortest key that is a prefix of `range` of the text.
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
        // A malformed map can point into the middle of a character.
        return (found.first ?? 0) & 0xC0 == 0x80 ? nil : found
      }
    }
    return nil
  }

  /// Whether the map leaves this character unchanged.
  func keeps(_ code: UInt32) -> Bool {
    var bytes: [UInt8] = []
    bytes.append(scalar: code)
    return bytes.withUnsafeBufferPointer { find($0, 0..<$0.count) == nil }
  }

  /// The longest key at the start of `range` that ends at a character boundary: its length and its replacement.
  private func longest(_ text: TextBuffer, _ range: Range<Int>) -> (length: Int, replacement: ArraySlice<UInt8>)? {
    var best: (length: Int, replacement: ArraySlice<UInt8>)?
    var node = offset(units[0])
    for index in range {
      let byte = text[index]
      if byte == 0 { break }
      node ^= Int(byte)
      guard node < units.count, units[node] & (1 << 31 | 0xFF) == UInt32(byte) else { break }
      let unit = units[node]
      node ^= offset(unit)
      guard node < units.count else { break }
      guard unit >> 8 & 1 == 1, index + 1 == text.count || text[index + 1] & 0xC0 != 0x80 else { continue }
      let start = Int(units[node] & 0x7FFF_FFFF)
      guard start <= replacements.count else { continue }
      let found = replacements[start...].prefix { $0 != 0 }
      // A malformed map can point into the middle of a character.
      if (found.first ?? 0) & 0xC0 != 0x80 { best = (index + 1 - range.lowerBound, found) }
    }
    return best
  }

  private func normalizeLongest(_ text: inout AlignedText) {
    var changes: [CharacterChange] = []
    changes.reserveCapacity(text.bytes.count)
    var modified = false
    text.bytes.withUnsafeBufferPointer { bytes in
      var index = 0
      while index < bytes.count {
        if let found = longest(bytes, index..<bytes.count) {
          append(found.replacement, replacing: bytes.scalarCount(index..<index + found.length), &changes)
          modified = true
          index += found.length
        } else {
          let (code, length) = bytes.scalar(at: index)
          changes.append(CharacterChange(code: code, change: 0))
          index += length
        }
      }
    }
    if modified { text.transform(changes) }
  }

  private func offset(_ unit: UInt32) -> Int { Int(unit >> 10) << Int((unit & 1 << 9) >> 6) }

  func normalize(_ text: inout AlignedText) {
    guard !takesLongest else { return normalizeLongest(&text) }
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

  /// The end of the range, starting at `index`, that must be split into clusters together. There is always a cluster
  /// boundary between two ASCII characters, except in CR LF.
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
