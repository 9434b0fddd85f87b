import Tokenizers

/// Finds stop strings in a text that comes in pieces. Text that may be the beginning of a stop string is held back.
///
/// Compares bytes, so that a stop string is found only as it is written (Swift's strings compare by canonical
/// equivalence).
public struct StopStringScanner: Sendable {
  private let stops: [[UInt8]]
  private var held: [UInt8] = []
  /// How many of the bytes that are held back belong to the text before: they are never given back.
  private var before = 0
  /// Whether a stop string was found; what comes after it is ignored.
  public private(set) var isStopped = false

  /// A scanner for these strings; empty ones are ignored.
  public init(_ stops: [String]) {
    self.stops = stops.map { Array($0.utf8) }.filter { !$0.isEmpty }
  }

  /// Whether there is anything to look for.
  public var isEmpty: Bool { stops.isEmpty }

  /// Takes the text before the one that is looked through: a stop string may begin in it. It must end in the text that
  /// follows, as in the reference.
  public mutating func begin(after text: String) {
    held = Array(text.utf8)
    held.removeFirst(held.count - longestBeginning())
    before = held.count
  }

  /// Takes the next piece.
  /// - Returns: the text that is final now: what stands before the first stop string, and nothing that may be the
  ///   beginning of one.
  public mutating func append(_ piece: String) -> String {
    guard !isStopped else { return "" }
    held += Array(piece.utf8)
    if let start = firstMatch() {
      isStopped = true
      return release(start)
    }
    return release(held.count - longestBeginning())
  }

  /// What is held back, when no more text comes.
  public mutating func finish() -> String { isStopped ? "" : release(held.count) }

  /// Where the earliest stop string begins.
  private func firstMatch() -> Int? {
    held.indices.first { start in stops.contains { held[start...].starts(with: $0) } }
  }

  /// The length of the longest end of the text that is the beginning of a stop string.
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

/// Finds stop strings in the pieces of tokens. The reference matches pieces and not the decoded text: of encoder-decoder
/// models special tokens count, and so does the space before the first word, which the text leaves out.
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

/// Turns ids into text one by one. What it gives is final: whole characters, never half of one.
///
/// A value: a copy goes on independently.
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
