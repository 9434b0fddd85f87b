import Dispatch
import Synchronization
import Tokenizers

/// Counts the pieces of texts as a tokenizer's model would see them: normalized and pre-tokenized, line by line.
///
/// A line, its newline included, is one sequence, as it is for `tokenizers` when it trains from files.
struct PieceCounter {
  /// A tokenizer with the normalizer and pre-tokenizer of the one that is trained.
  let tokenizer: Tokenizer
  /// The pieces so far.
  private(set) var pieces = PieceCounts()

  init(_ tokenizer: Tokenizer) { self.tokenizer = tokenizer }

  /// Bytes of text that one thread counts at a time. The blocks do not depend on the number of threads, so that neither
  /// does the order of the pieces.
  private static let blockSize = 1 << 19

  /// Counts the pieces of a text on all cores.
  /// - Returns: the offset of the first byte that is not UTF-8, if there is one.
  mutating func add(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
    var blocks: [Range<Int>] = []
    var start = 0
    while start < text.count {
      var end = min(start + Self.blockSize, text.count)
      while end < text.count, text[end - 1] != 0x0A { end += 1 }
      blocks.append(start..<end)
      start = end
    }
    let results = Mutex([Int: Result](minimumCapacity: blocks.count))
    let shared = SharedText(bytes: text)
    let ranges = blocks
    let tokenizer = tokenizer
    DispatchQueue.concurrentPerform(iterations: ranges.count) { index in
      let result = Self.count(UnsafeBufferPointer(rebasing: shared.bytes[ranges[index]]), tokenizer)
      results.withLock { $0[index] = result }
    }
    let found = results.withLock { $0 }
    for (index, block) in blocks.enumerated() {
      guard let result = found[index] else { continue }
      if let offset = result.invalidOffset { return block.lowerBound + offset }
      pieces.add(result.pieces)
    }
    return nil
  }

  private struct Result: Sendable {
    var pieces = PieceCounts()
    var invalidOffset: Int?
  }

  /// A text that outlives the threads that read it.
  private struct SharedText: @unchecked Sendable {
    let bytes: UnsafeBufferPointer<UInt8>
  }

  private static func count(_ text: UnsafeBufferPointer<UInt8>, _ tokenizer: Tokenizer) -> Result {
    var result = Result()
    var start = 0
    while start < text.count {
      var end = start
      while end < text.count, text[end] != 0x0A { end += 1 }
      end = min(end + 1, text.count)
      guard let line = String(validating: text[start..<end], as: UTF8.self) else {
        result.invalidOffset = start
        return result
      }
      let (bytes, ranges) = tokenizer.trainingPieces(of: line)
      bytes.withUnsafeBufferPointer { bytes in
        for range in ranges { result.pieces.add(UnsafeBufferPointer(rebasing: bytes[range])) }
      }
      start = end
    }
    return result
  }
}
