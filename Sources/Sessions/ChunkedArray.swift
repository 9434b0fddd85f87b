/// An array that grows at its end and is stored in chunks of 256 elements.
///
/// A mutation copies the chunk it touches and the list of chunks if a copy of the value is alive, and nothing
/// otherwise. So appending n elements takes linear time even if a copy is kept after every append, as long as n / 256
/// stays small beside the chunk.
struct ChunkedArray<Element> {
  /// Elements in a full chunk; a power of two.
  static var chunkSize: Int { 256 }

  private(set) var chunks: [[Element]] = []
  /// The number of elements.
  private(set) var count = 0

  /// Adds an element at the end.
  mutating func append(_ element: Element) {
    if count % Self.chunkSize == 0 { chunks.append([]) }
    chunks[chunks.count - 1].append(element)
    count += 1
  }

  /// Whether an element has this index.
  func contains(index: Int) -> Bool { index >= 0 && index < count }

  subscript(index: Int) -> Element {
    get { chunks[index / Self.chunkSize][index % Self.chunkSize] }
    _modify { yield &chunks[index / Self.chunkSize][index % Self.chunkSize] }
  }
}

extension ChunkedArray: Sendable where Element: Sendable {}

/// Chunks that both values share are equal without a look at their elements.
extension ChunkedArray: Equatable where Element: Equatable {}
