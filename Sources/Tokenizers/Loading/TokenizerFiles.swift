import JSONText

/// Reads the files that tokenizers come in.
enum TokenizerFiles {
  /// The JSON in a file, `nil` when there is no such file.
  static func json(_ path: String) throws(TokenizerError) -> JSONValue? {
    guard let bytes = try self.bytes(path) else { return nil }
    do throws(JSONError) {
      return try JSONValue(parsing: bytes, path: path)
    } catch {
      throw .file(error)
    }
  }

  /// The bytes of a file, `nil` when there is no such file.
  static func bytes(_ path: String) throws(TokenizerError) -> [UInt8]? {
    guard FileBytes.exists(path) else { return nil }
    do throws(JSONError) {
      return try FileBytes.read(path)
    } catch {
      throw .file(error)
    }
  }

  /// The lines of a text file without their ends.
  static func lines(_ bytes: [UInt8], path: String) throws(TokenizerError) -> [ArraySlice<UInt8>] {
    guard isValidUTF8(bytes) else { throw .invalid(path: path, expected: "UTF-8", found: "other bytes") }
    var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines.map { $0.last == 0x0D ? $0.dropLast() : $0 }
  }

  /// vocab.txt: a piece a line, in the order of the ids, without white space at its end.
  static func vocabularyLines(_ bytes: [UInt8], path: String) throws(TokenizerError) -> Vocabulary {
    let lines = try self.lines(bytes, path: path)
    guard !lines.isEmpty, lines.count <= Vocabulary.largestID else {
      throw .invalid(path: path, expected: "1 to \(Vocabulary.largestID) lines", found: "\(lines.count)")
    }
    var vocabulary = Vocabulary(minimumCapacity: lines.count)
    for (id, line) in lines.enumerated() {
      let trimmed = line.withUnsafeBufferPointer { text in
        var end = text.count
        while end > 0, ScalarClass.isWhitespace(text.scalar(before: end).code) {
          end -= text.scalar(before: end).length
        }
        return Array(text[..<end])
      }
      vocabulary.set(trimmed, id: id)
    }
    return vocabulary
  }

  /// merges.txt: two tokens a line, in the order of their ranks, after a first line with the version.
  static func mergeLines(_ bytes: [UInt8], path: String) throws(TokenizerError) -> JSONValue {
    let version = Array("#version".utf8)
    let rules = try lines(bytes, path: path).filter { !$0.isEmpty && !$0.starts(with: version) }
    return .array(rules.map { .string(ByteString(Array($0))) })
  }
}
