/// Compares long texts byte by byte; texts that share their memory are equal at once.
enum CommonBytes {
  /// Whether two texts have the same bytes.
  static func areEqual(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count && prefix(left, right) == left.utf8.count
  }

  /// How many bytes two texts begin with that are the same.
  static func prefix(_ left: String, _ right: String) -> Int {
    withBytes(left) { left in
      withBytes(right) { right in prefix(UnsafeRawBufferPointer(left), UnsafeRawBufferPointer(right)) }
    }
  }

  private static func prefix(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
    let count = min(left.count, right.count)
    if left.baseAddress == right.baseAddress { return count }
    var index = 0
    while index + 8 <= count,
      left.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        == right.loadUnaligned(fromByteOffset: index, as: UInt64.self)
    { index += 8 }
    while index < count, left[index] == right[index] { index += 1 }
    return index
  }

  private static func withBytes<Result>(_ text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    text.utf8.withContiguousStorageIfAvailable(body) ?? Array(text.utf8).withUnsafeBufferPointer(body)
  }
}
