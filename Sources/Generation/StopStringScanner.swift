import Tokenizers

/// Finds stop strings in streamed text. Holds back text that may be the start of a stop string.
///
/// Compares bytes, so that a stop string is found only as it is written (Swift's strings compare by canonical
/// equivalence).
public struct StopStringScanner: Sendable {
  private let stops: [[UInt8]]
  private var held: [UInt8] = []
  /// The number of held-back bytes that belong to the text before the scanned text; they are never returned.
  private var before = 0
  /// Whether a stop string was found; what comes after it is ignored.
  public private(set) var isStopped = false

  /// A scanner for these strings; empty ones are ignored.
  public init(_ stops: [String]) {
    self.stops = stops.map { Array($0.utf8) }.filter { !$0.isEmpty }
  }

  /// Whether there is anything to look for.
  public var isEmpty: Bool { stops.isEmpty }

  /// Sets the text before the scanned text. As in transformers, a stop string may begin in it but must end in the
  /// scanned text.
  public mutating func begin(after text: String) {
    held = Array(text.utf8)
    held.removeFirst(held.count - longestBeginning())
    before = held.count
  }

  /// Scans the next piece.
  /// - Returns: the text that is now final: it is before any stop string, and cannot be the start of one.
  public mutating func append(_ piece: String) -> String {
    guard !isStopped else { return "" }
    held += Array(piece.utf8)
    if let start = firstMatch() {
      isStopped = true
      return release(start)
    }
    return release(held.count - longestBeginning())
  }

  /// Ends the scan and returns the text that is still held back.
  public mutating func finish() -> String { isStopped ? "" : release(held.count) }

  /// Where the earliest stop string begins.
  private func firstMatch() -> Int? {
    held.indices.first { start in stops.contains { held[start...].starts(with: $0) } }
  }

  /// The length of the longest suffix of the held text that is a proper prefix of a stop string.
  private func longestBeginning() -> Int {
    let longest = min(held.count, (stops.map(\.count).max() ?? 1) - 1)
    guard longest > 0 else { return 0 }
    for length in (1...longest).reversed() {
      let end = held[(held.count - length)...]
      if stops.contains(where: { $0.count > length && $0.starts(with: end) }) { return length }
    }
    return 0
  }

  private mutating func release(_ count: Int) -> String {
    let text = String(decoding: held[min(before, count)..<count], as: UTF8.self)
    held = isStopped ? [] : Array(held[count...])
    before = max(before - count, 0)
    return text
  }
}

/// Finds stop strings in the pieces of tokens, as transformers does. Unlike the decoded text, the pieces of an
/// encoder-decoder model include special tokens and the space before the first word.
struct StopPieces: Sendable {
  private let stops: [[UInt8]]
  private let longest: Int
  private var tail: [UInt8] = []

  /// A search for these strings; empty ones are ignored.
  init(_ stops: [String]) {
    self.stops = stops.map { Array($0.utf8) }.filter { !$0.isEmpty }
    longest = self.stops.map(\.count).max() ?? 0
  }

  /// Takes the next token's piece.
  /// - Returns: whether a stop string ends in it.
  mutating func append(_ piece: [UInt8]) -> Bool {
    guard longest > 0 else { return false }
    let before = tail.count
    tail += piece
    let isFound = tail.indices.contains { start in
      stops.contains { start + $0.count > before && tail[start...].starts(with: $0) }
    }
    tail.removeFirst(max(0, tail.count - (longest - 1)))
    return isFound
  }
}

/// Decodes ids to text incrementally. Returned text is final and consists of whole characters.
///
/// A value type: copies continue independently.
public protocol TokenTextDecoder: Sendable {
  /// The text that became final with this id; may be empty.
  mutating func append(_ id: Int) -> String
  /// The text that was held back.
  mutating func finish() -> String
  /// The bytes of one id's piece by itself: a leading space is a space, a special token is its content.
  func piece(of id: Int) -> [UInt8]
}

extension TokenTextDecoder {
  /// No piece: only the text is searched for stop strings.
  public func piece(of id: Int) -> [UInt8] { [] }
}

extension StreamingDecoder: TokenTextDecoder {}
