/// An array that grows at its end and is stored in chunks of 256 elements.
///
/// If another copy of the value is alive, a mutation copies one chunk and the list of chunks; otherwise it copies
/// nothing. Appending n elements while keeping a copy after each append costs O(256 + n / 256) per append instead of
/// O(n).
struct ChunkedArray<Element> {
  /// The number of elements in a full chunk; a power of two.
  static var chunkSize: Int { 256 }

  private(set) var chunks: [[Element]] = []
  /// The number of elements.
  private(set) var count = 0

  /// Appends an element.
  mutating func append(_ element: Element) {
    if count % Self.chunkSize == 0 { chunks.append([]) }
    chunks[chunks.count - 1].append(element)
    count += 1
  }

  /// Whether `index` is valid.
  func contains(index: Int) -> Bool { index >= 0 && index < count }

  subscript(index: Int) -> Element {
    get { chunks[index / Self.chunkSize][index % Self.chunkSize] }
    _modify { yield &chunks[index / Self.chunkSize][index % Self.chunkSize] }
  }
}

extension ChunkedArray: Sendable where Element: Sendable {}

/// Comparing chunks that both values share takes constant time.
extension ChunkedArray: Equatable where Element: Equatable {}
