/// The characters of the pieces, and the pieces as numbers of characters.
struct Alphabet {
  /// The pieces as code points, one after the other. A byte-level piece has the printable character of each byte.
  private(set) var characters: [UInt32] = []
  /// Where each piece ends in ``characters``.
  private(set) var ends: [Int] = []
  /// How often each piece occurs.
  let counts: [Int]

  /// - Parameter byteCharacters: the printable character of each byte; `nil` if pieces are text.
  init(_ pieces: PieceCounts, byteCharacters: [UInt32]?) {
    counts = pieces.counts
    ends.reserveCapacity(pieces.count)
    characters.reserveCapacity(pieces.byteCount)
    for number in 0..<pieces.count {
      pieces.withPiece(number) { bytes in
        if let byteCharacters {
          for byte in bytes { characters.append(byteCharacters[Int(byte)]) }
        } else {
          for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars { characters.append(scalar.value) }
        }
      }
      ends.append(characters.count)
    }
  }

  /// The range of a piece in ``characters``.
  func range(_ piece: Int) -> Range<Int> { (piece > 0 ? ends[piece - 1] : 0)..<ends[piece] }

  /// How often each character occurs.
  func frequencies() -> [UInt32: Int] {
    var frequencies: [UInt32: Int] = [:]
    for piece in ends.indices {
      for character in characters[range(piece)] { frequencies[character, default: 0] += counts[piece] }
    }
    return frequencies
  }

  /// The characters to keep, by code point: the most frequent ones up to `limit`, of equally frequent ones those with
  /// lower code points; those of `initial` in any case first.
  func kept(initial: [UInt32], limit: Int?) -> [UInt32] {
    var frequencies = frequencies()
    for character in initial { frequencies[character] = Int.max }
    guard let limit, limit < frequencies.count else { return frequencies.keys.sorted() }
    return frequencies.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(limit).map(\.key).sorted()
  }
}
