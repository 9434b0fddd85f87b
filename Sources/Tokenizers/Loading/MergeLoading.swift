import JSONText

/// Reads the merge rules of byte-pair encoding.
enum MergeLoading {
  /// Rules as `"a b"`, as `["a", "b"]`, or mixed.
  static func load(_ field: Field, vocabulary: Vocabulary, prefixLength: Int) throws(TokenizerError) -> PairTable {
    guard let rules = field.value?.array else { throw field.invalid("an array of merges") }
    var table = PairTable(minimumCapacity: rules.count)
    var joined: [UInt8] = []
    var rank = 0
    for (index, rule) in rules.enumerated() {
      switch rule {
      case .string(let text):
        if index == 0, text.bytes.starts(with: Array("#version".utf8)) { continue }
        let parts = text.bytes.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw invalid(field, index, "\"\(text)\"") }
        try add(parts[0], parts[1], rank, &table, vocabulary, prefixLength, &joined, field, index)
      case .array(let pair):
        guard pair.count == 2, let left = pair[0].bytes, let right = pair[1].bytes else {
          throw invalid(field, index, rule.kind)
        }
        try add(left[...], right[...], rank, &table, vocabulary, prefixLength, &joined, field, index)
      default: throw invalid(field, index, rule.kind)
      }
      rank += 1
    }
    return table
  }

  private static func invalid(_ field: Field, _ index: Int, _ found: String) -> TokenizerError {
    .invalid(path: "\(field.path)[\(index)]", expected: "two tokens", found: found)
  }

  private static func add(
    _ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>, _ rank: Int, _ table: inout PairTable,
    _ vocabulary: Vocabulary, _ prefixLength: Int, _ joined: inout [UInt8], _ field: Field, _ index: Int
  ) throws(TokenizerError) {
    joined.removeAll(keepingCapacity: true)
    joined.append(contentsOf: left)
    joined.append(contentsOf: right.dropFirst(prefixLength))
    let id = { (piece: ArraySlice<UInt8>) throws(TokenizerError) -> Int in
      guard let id = piece.withUnsafeBufferPointer({ vocabulary.id(of: $0) }) else {
        throw .missingToken(token: String(decoding: piece, as: UTF8.self), path: "\(field.path)[\(index)]")
      }
      return id
    }
    table.set(
      try id(left), try id(right), PairTable.Rule(rank: UInt32(rank), joined: Int32(try id(joined[...]))))
  }
}
