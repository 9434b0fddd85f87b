import Platform

/// A Python string: a sequence of code points, stored as UTF-8.
///
/// Bytewise comparison equals the order of code points. Surrogates are encoded like other code points, because Python
/// strings may contain them.
struct Text: Hashable, Sendable, Comparable {
  var bytes: [UInt8]
  /// Whether the text is marked as escaped HTML (`|safe`, `|escape`). Text joined to it is then escaped.
  var isMarkup = false

  init(_ bytes: [UInt8]) { self.bytes = bytes }
  init(_ bytes: ArraySlice<UInt8>) { self.bytes = Array(bytes) }
  init(_ string: some StringProtocol) { bytes = Array(string.utf8) }
  init(_ codePoints: some Sequence<UInt32>) {
    bytes = []
    for codePoint in codePoints { Self.append(codePoint, to: &bytes) }
  }

  static func == (a: Text, b: Text) -> Bool { a.bytes == b.bytes }
  static func < (a: Text, b: Text) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }
  func hash(into hasher: inout Hasher) { bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }

  /// The same text, marked as escaped if `other` is.
  func marked(like other: Text) -> Text {
    var text = self
    text.isMarkup = other.isMarkup
    return text
  }

  var isEmpty: Bool { bytes.isEmpty }
  var isASCII: Bool { bytes.allSatisfy { $0 < 0x80 } }

  /// The number of code points.
  var count: Int { bytes.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) } }

  /// The text as a `String`; surrogates become U+FFFD.
  var string: String { String(decoding: bytes, as: UTF8.self) }

  static let empty = Text([])

  // MARK: - Code points

  /// The code points.
  var codePoints: [UInt32] {
    if isASCII { return bytes.map(UInt32.init) }
    var codePoints: [UInt32] = []
    var index = 0
    while index < bytes.count { codePoints.append(Self.decode(bytes, &index)) }
    return codePoints
  }

  /// Decodes the code point at `index` and moves `index` past it.
  static func decode(_ bytes: [UInt8], _ index: inout Int) -> UInt32 {
    let first = UInt32(bytes[index])
    index += 1
    if first < 0xC0 { return first }
    let length = first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3
    var codePoint = first & (0x3F >> UInt32(length))
    for _ in 0..<length where index < bytes.count && bytes[index] & 0xC0 == 0x80 {
      codePoint = codePoint << 6 | UInt32(bytes[index] & 0x3F)
      index += 1
    }
    return codePoint
  }

  /// Appends a code point as UTF-8, including surrogates.
  static func append(_ code: UInt32, to bytes: inout [UInt8]) {
    switch code {
    case ..<0x80: bytes.append(UInt8(code))
    case ..<0x800: bytes += [UInt8(0xC0 | code >> 6), UInt8(0x80 | code & 0x3F)]
    case ..<0x10000: bytes += [UInt8(0xE0 | code >> 12), UInt8(0x80 | code >> 6 & 0x3F), UInt8(0x80 | code & 0x3F)]
    default:
      bytes += [
        UInt8(0xF0 | code >> 18 & 7), UInt8(0x80 | code >> 12 & 0x3F), UInt8(0x80 | code >> 6 & 0x3F),
        UInt8(0x80 | code & 0x3F),
      ]
    }
  }

  /// The byte offset of a code point, given its index in `0...count`.
  func offset(of index: Int) -> Int {
    var left = index
    for (offset, byte) in bytes.enumerated() where byte & 0xC0 != 0x80 {
      if left == 0 { return offset }
      left -= 1
    }
    return bytes.count
  }

  /// The number of code points before a byte offset.
  func index(of offset: Int) -> Int { bytes[..<offset].reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) } }

  /// The code points as single-character texts.
  var characters: [Text] {
    var characters: [Text] = []
    var start = 0
    for end in bytes.indices.dropFirst() where bytes[end] & 0xC0 != 0x80 {
      characters.append(Text(bytes[start..<end]))
      start = end
    }
    if !bytes.isEmpty { characters.append(Text(bytes[start...])) }
    return characters
  }

  /// The code points in a range of indices within `0...count`.
  func slice(_ range: Range<Int>) -> Text {
    if isASCII { return Text(bytes[range]) }
    return Text(bytes[offset(of: range.lowerBound)..<offset(of: range.upperBound)])
  }

  // MARK: - Searching

  /// The byte offset of the first occurrence of `other` in the bytes from `start` on.
  func firstOffset(of other: Text, from start: Int = 0) -> Int? {
    guard other.bytes.count <= bytes.count - start else { return nil }
    guard !other.isEmpty else { return start }
    return Self.search(bytes[start...], other.bytes).map { $0 + start }
  }

  /// The byte offset of the last occurrence of `other` that ends before `end`.
  func lastOffset(of other: Text, before end: Int? = nil) -> Int? {
    let end = end ?? bytes.count
    guard other.bytes.count <= end else { return nil }
    guard !other.isEmpty else { return end }
    return Self.search(Array(bytes[..<end].reversed())[...], other.bytes.reversed()).map {
      end - $0 - other.bytes.count
    }
  }

  /// The byte offsets of all non-overlapping occurrences, at most `limit` of them.
  func offsets(of other: Text, limit: Int = .max) -> [Int] {
    var offsets: [Int] = []
    var start = 0
    while offsets.count < limit, let found = firstOffset(of: other, from: start) {
      offsets.append(found)
      start = found + other.bytes.count
    }
    return offsets
  }

  /// The offset of `part` in `bytes`, in linear time.
  private static func search(_ bytes: ArraySlice<UInt8>, _ part: [UInt8]) -> Int? {
    bytes.withUnsafeBufferPointer { bytes in
      part.withUnsafeBufferPointer { part in
        part.count <= 16 ? searchShort(bytes, part) : searchLong(bytes, part)
      }
    }
  }

  private static func searchShort(_ bytes: UnsafeBufferPointer<UInt8>, _ part: UnsafeBufferPointer<UInt8>) -> Int? {
    guard let base = bytes.baseAddress, let first = part.baseAddress else { return nil }
    var start = 0
    while start + part.count <= bytes.count,
      let found = memchr(base + start, Int32(part[0]), bytes.count - part.count - start + 1)
    {
      let offset = UnsafeRawPointer(found) - UnsafeRawPointer(base)
      if memcmp(base + offset, first, part.count) == 0 { return offset }
      start = offset + 1
    }
    return nil
  }

  /// Knuth, Morris, Pratt 1977.
  private static func searchLong(_ bytes: UnsafeBufferPointer<UInt8>, _ part: UnsafeBufferPointer<UInt8>) -> Int? {
    // The length of the longest prefix that is a suffix of the part up to each position.
    var prefixes = [Int](repeating: 0, count: part.count)
    var length = 0
    for index in 1..<part.count {
      while length > 0, part[index] != part[length] { length = prefixes[length - 1] }
      if part[index] == part[length] { length += 1 }
      prefixes[index] = length
    }
    length = 0
    for index in bytes.indices {
      while length > 0, bytes[index] != part[length] { length = prefixes[length - 1] }
      if bytes[index] == part[length] { length += 1 }
      if length == part.count { return index + 1 - length }
    }
    return nil
  }

  func contains(_ other: Text) -> Bool { firstOffset(of: other) != nil }
  func hasPrefix(_ other: Text) -> Bool { bytes.starts(with: other.bytes) }
  func hasSuffix(_ other: Text) -> Bool {
    bytes.count >= other.bytes.count && bytes[(bytes.count - other.bytes.count)...].elementsEqual(other.bytes)
  }

  /// The text with the occurrences at the given offsets replaced.
  func replacing(_ offsets: [Int], length: Int, with new: Text) -> Text {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + offsets.count * (new.bytes.count - length))
    var start = 0
    for offset in offsets {
      result += bytes[start..<offset]
      result += new.bytes
      start = offset + length
    }
    result += bytes[start...]
    return Text(result)
  }
}

extension Text: ExpressibleByStringLiteral {
  init(stringLiteral value: String) { self.init(value) }
}
