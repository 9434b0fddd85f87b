import JSONText

/// The bytes of a file of text, decompressed if it is a gzip file.
public struct CorpusFile: Sendable {
  /// The path, for errors.
  public let path: String
  /// The bytes, without a byte order mark at the start.
  public let bytes: [UInt8]

  /// The most bytes of a file, decompressed.
  public static let limit = 4 << 30

  /// Bytes that were read from a file.
  /// - Throws: ``CorpusError`` for a gzip file that is damaged or too large.
  public init(path: String, contents: [UInt8], limit: Int = limit) throws(CorpusError) {
    self.path = path
    var bytes = contents
    if Inflate.isGzip(contents) {
      do throws(Inflate.Failure) {
        bytes = try Inflate.gzip(contents, limit: limit)
      } catch {
        throw CorpusError(error, path: path)
      }
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    self.bytes = bytes
  }

  /// Reads a regular file.
  /// - Throws: ``CorpusError`` if it can't be read, is damaged or too large.
  public init(path: String) throws(CorpusError) {
    let contents: [UInt8]
    do throws(JSONError) {
      contents = try FileBytes.read(path, limit: Self.limit)
    } catch {
      throw CorpusError(error)
    }
    try self.init(path: path, contents: contents)
  }
}

extension CorpusError {
  fileprivate init(_ failure: Inflate.Failure, path: String) {
    let damaged = "the file may be cut off or damaged; copy or download it again"
    switch failure {
    case .truncated:
      self.init("damaged gzip file", at: path, expected: "more data", found: "its end", hint: damaged)
    case .malformed(let what, let offset):
      self.init("damaged gzip file", at: path, expected: "gzip", found: "\(what) at byte \(offset)", hint: damaged)
    case .tooLarge(let limit):
      self.init("the text is too large", at: path, expected: "at most \(limit) bytes", found: "more")
    case .wrongChecksum:
      self.init(
        "damaged gzip file", at: path, expected: "data with its checksum", found: "other data", hint: damaged)
    }
  }
}
