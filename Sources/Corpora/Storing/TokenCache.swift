import Dispatch
import JSONText
import Synchronization
import Tokenizers

/// The token ids of documents in a file that is mapped, so that a text is tokenized once and takes no memory.
///
/// The file, all integers little-endian:
///
/// | offset | content |
/// | --- | --- |
/// | 0 | the 8 bytes `TRIPTOKS` |
/// | 8 | the version, 1, and the length of the header, each 4 bytes |
/// | 16 | the header, a JSON object: `documents`, `tokens`, `width` (bytes of an id: 2 or 4), `vocabulary` (ids are below it), `fingerprint` of the tokenizer, `source` (the checksum of the tokenized text) |
/// | then, aligned to 64 | for each document the number of ids up to its end, each 8 bytes |
/// | then, aligned to 64 | the ids |
/// | then, aligned to 8 | the checksum of all bytes before it (``Checksum``), 8 bytes |
public final class TokenCache: Sendable {
  private static let magic = Array("TRIPTOKS".utf8)
  private static let version: UInt32 = 1

  private let file: MappedText
  private let endsOffset: Int
  private let idsOffset: Int
  private let width: Int
  /// The number of documents.
  public let documentCount: Int
  /// The number of ids.
  public let tokenCount: Int
  /// All ids are below this number.
  public let vocabularySize: Int
  /// The fingerprint of the tokenizer.
  public let fingerprint: UInt64
  /// The checksum of the text that was tokenized.
  public let source: UInt64

  /// Opens a file and checks all of it.
  /// - Throws: ``CorpusError`` if it is no such file, cut or damaged.
  public init(_ path: String) throws(CorpusError) {
    let file = try MappedText(path)
    let damaged = { (found: String) in
      CorpusError(
        "damaged token file", at: path, expected: "the file that was written", found: found,
        hint: "remove it and prepare the data again")
    }
    guard file.bytes.count >= 24, file.bytes.prefix(8).elementsEqual(Self.magic) else {
      throw damaged("another kind of file")
    }
    guard file.load(8, as: UInt32.self) == Self.version else { throw damaged("another version") }
    let headerLength = Int(file.load(12, as: UInt32.self))
    guard headerLength <= file.bytes.count - 24 else { throw damaged("a cut header") }
    guard let header = try? JSONValue(parsing: Array(file.bytes[16..<16 + headerLength])),
      let documents = header["documents"]?.int, let tokens = header["tokens"]?.int, let width = header["width"]?.int,
      let vocabulary = header["vocabulary"]?.int,
      let fingerprint = header["fingerprint"]?.string.flatMap({ UInt64($0, radix: 16) }),
      let source = header["source"]?.string.flatMap({ UInt64($0, radix: 16) }),
      documents >= 0, tokens >= 0, documents <= file.bytes.count / 8, tokens <= file.bytes.count / 2,
      width == 2 || width == 4, vocabulary > 0
    else { throw damaged("a bad header") }
    endsOffset = Self.aligned(16 + headerLength, 64)
    idsOffset = Self.aligned(endsOffset + 8 * documents, 64)
    let sumOffset = Self.aligned(idsOffset + width * tokens, 8)
    guard file.bytes.count == sumOffset + 8 else { throw damaged("\(file.bytes.count) bytes") }
    var checksum = Checksum()
    checksum.add(UnsafeRawBufferPointer(rebasing: file.bytes[..<sumOffset]))
    guard checksum.value == file.load(sumOffset, as: UInt64.self) else { throw damaged("another checksum") }
    self.file = file
    self.width = width
    documentCount = documents
    tokenCount = tokens
    vocabularySize = vocabulary
    self.fingerprint = fingerprint
    self.source = source
    var last = 0
    for document in 0..<documents {
      let end = Int(truncatingIfNeeded: file.load(endsOffset + 8 * document, as: UInt64.self))
      guard end >= last, end <= tokens else { throw damaged("documents out of order") }
      last = end
    }
    guard last == tokens else { throw damaged("ids without a document") }
    for index in 0..<tokens where id(index) >= vocabulary { throw damaged("an id outside the vocabulary") }
  }

  private static func aligned(_ offset: Int, _ alignment: Int) -> Int {
    (offset + alignment - 1) / alignment * alignment
  }

  /// The range of a document's ids among all ids.
  public func range(of document: Int) -> Range<Int> {
    precondition((0..<documentCount).contains(document))
    let end = { (document: Int) in
      Int(truncatingIfNeeded: self.file.load(self.endsOffset + 8 * document, as: UInt64.self))
    }
    return (document > 0 ? end(document - 1) : 0)..<end(document)
  }

  /// The id at a place among all ids.
  @inline(__always) public func id(_ index: Int) -> Int {
    precondition((0..<tokenCount).contains(index))
    return width == 2
      ? Int(file.load(idsOffset + 2 * index, as: UInt16.self)) : Int(file.load(idsOffset + 4 * index, as: UInt32.self))
  }

  /// The ids of a document.
  public func ids(of document: Int) -> [Int] { range(of: document).map(id) }

  /// Tokenizes texts on all cores and writes the file. Special tokens are not added.
  /// - Throws: ``CorpusError`` if the file can't be written.
  public static func write(_ texts: [String], _ tokenizer: Tokenizer, to path: String) throws(CorpusError) {
    let documents = tokenized(texts, tokenizer)
    let tokens = documents.reduce(0) { $0 + $1.count }
    let width = tokenizer.vocabularySize <= 1 << 16 ? 2 : 4
    let header = JSONValue.object([
      "documents": .integer(documents.count), "tokens": .integer(tokens), "width": .integer(width),
      "vocabulary": .integer(max(1, tokenizer.vocabularySize)),
      "fingerprint": .init(String(tokenizer.fingerprint, radix: 16)),
      "source": .init(String(checksum(of: texts), radix: 16)),
    ])
    let headerBytes = Array(header.serialized().utf8)
    let draft = try FileDraft(path)
    try draft.write(magic)
    try draft.write(bytes(version))
    try draft.write(bytes(UInt32(headerBytes.count)))
    try draft.write(headerBytes)
    try draft.pad(to: 64)
    var end = 0
    for document in documents {
      end += document.count
      try draft.write(bytes(UInt64(end)))
    }
    try draft.pad(to: 64)
    for document in documents {
      for id in document { try draft.write(width == 2 ? bytes(UInt16(truncatingIfNeeded: id)) : bytes(id)) }
    }
    try draft.pad(to: 8)
    try draft.write(bytes(try draft.sum()))
    try draft.finish()
  }

  /// The checksum of texts, each with a zero behind it.
  public static func checksum(of texts: [String]) -> UInt64 {
    var checksum = Checksum()
    for text in texts {
      checksum.add(Array(text.utf8))
      checksum.add([0])
    }
    return checksum.value
  }

  private static func tokenized(_ texts: [String], _ tokenizer: Tokenizer) -> [[UInt32]] {
    let size = 64
    let blocks = (texts.count + size - 1) / size
    let results = Mutex([Int: [[UInt32]]](minimumCapacity: blocks))
    DispatchQueue.concurrentPerform(iterations: blocks) { block in
      let range = block * size..<min((block + 1) * size, texts.count)
      let ids = texts[range].map { text in
        tokenizer.encode(text, addSpecialTokens: false).ids.map { UInt32(truncatingIfNeeded: $0) }
      }
      results.withLock { $0[block] = ids }
    }
    return results.withLock { results in (0..<blocks).flatMap { results[$0] ?? [] } }
  }
}

/// The bytes of an integer, the lowest first.
func bytes<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
