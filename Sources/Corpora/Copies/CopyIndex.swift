import JSONText

/// Finds the runs of words of a text that stand word for word in training text. Case, punctuation and white space
/// between words don't count.
///
/// The index holds the training text and, for every fourth place in it, a hash of the five words that begin there. So
/// every run of at least eight words contains an indexed place; from there it is extended in both directions by
/// comparing words.
///
/// The file, all integers little-endian: the 8 bytes `TRIPCOPY`; the version 1, the number of documents, of indexed
/// places and of bytes of text, and the checksum of the source, each 8 bytes; for each document the end of its text;
/// the hashes in ascending order; their places in the text; the text, with a zero behind each document; zeros up to a
/// multiple of 8; the checksum of all bytes before it (``Checksum``).
public final class CopyIndex: Sendable {
  private static let magic = Array("TRIPCOPY".utf8)
  private static let headerSize = 48
  /// The words of an indexed place.
  static let words = 5
  /// The distance between indexed places, in words.
  static let stride = 4
  /// The shortest runs that are always found, in words.
  public static let shortestRun = words + stride - 1
  /// Equal places beyond this number are not compared.
  private static let mostPlaces = 5000

  private let file: MappedText
  private let placeCount: Int
  private let textCount: Int
  /// The number of documents.
  public let documentCount: Int
  /// The checksum of what the documents were read from.
  public let source: UInt64

  /// Opens a file and checks all of it.
  /// - Throws: ``CorpusError`` if it is no such file, cut or damaged.
  public init(_ path: String) throws(CorpusError) {
    let file = try MappedText(path)
    let damaged = { (found: String) in
      CorpusError(
        "damaged index", at: path, expected: "the file that was written", found: found,
        hint: "remove it; it is then made again")
    }
    guard file.bytes.count >= Self.headerSize + 8, file.bytes.prefix(8).elementsEqual(Self.magic) else {
      throw damaged("another kind of file")
    }
    let number = { (index: Int) in Int(truncatingIfNeeded: file.load(8 * index, as: UInt64.self)) }
    guard number(1) == 1 else { throw damaged("another version") }
    let (documents, places, text) = (number(2), number(3), number(4))
    let limit = file.bytes.count
    guard (0...limit).contains(documents), (0...limit).contains(places), (0...limit).contains(text) else {
      throw damaged("a bad header")
    }
    let size = (Self.headerSize + 8 * documents + 16 * places + text + 7) / 8 * 8 + 8
    guard size == limit else { throw damaged("\(limit) bytes") }
    var checksum = Checksum()
    checksum.add(UnsafeRawBufferPointer(rebasing: file.bytes[..<(size - 8)]))
    guard checksum.value == file.load(size - 8, as: UInt64.self) else { throw damaged("another checksum") }
    self.file = file
    documentCount = documents
    placeCount = places
    textCount = text
    source = file.load(40, as: UInt64.self)
    for place in 0..<places where self.place(place) < 0 || self.place(place) >= text { throw damaged("a bad place") }
  }

  /// Indexes documents and writes the file.
  /// - Parameter source: the checksum of what the documents were read from.
  /// - Throws: ``CorpusError`` if the file can't be written.
  public static func write(_ documents: [String], source: UInt64, to path: String) throws(CorpusError) {
    var text: [UInt8] = []
    var ends: [UInt64] = []
    for document in documents {
      text += document.utf8.lazy.map { $0 == 0 ? 0x20 : $0 }
      ends.append(UInt64(text.count))
      text.append(0)
    }
    let places = places(in: text)
    let draft = try FileDraft(path)
    try draft.write(magic)
    for number in [1, UInt64(documents.count), UInt64(places.count), UInt64(text.count), source] {
      try draft.write(bytes(number))
    }
    for end in ends { try draft.write(bytes(end)) }
    for place in places { try draft.write(bytes(place.hash)) }
    for place in places { try draft.write(bytes(UInt64(place.offset))) }
    try draft.write(text)
    try draft.pad(to: 8)
    try draft.write(bytes(try draft.sum()))
    try draft.finish()
  }

  /// The index of the training records of prepared data, in the file `copies.index` of the folder. It is made if it is
  /// missing or belongs to other data.
  /// - Parameter notice: called with the path before the index is made.
  /// - Throws: ``CorpusError`` if the data can't be read, or the index can't be written.
  public static func of(_ dataset: Dataset, notice: (String) -> Void) throws(CorpusError) -> CopyIndex {
    let checksum = dataset.description["splits"]?[Split.train.rawValue]?["checksum"]?.string
    let source = checksum.flatMap { UInt64($0, radix: 16) } ?? 0
    return try of(Dataset.path(dataset.folder, "copies.index"), source, notice) { () throws(CorpusError) in
      try dataset.records(.train)
    }
  }

  /// The index of a file, beside it with the ending `.copies`. It is made if it is missing or belongs to other
  /// contents.
  /// - Parameter notice: called with the path before the index is made.
  /// - Throws: ``CorpusError`` if the file can't be read, or the index can't be written.
  public static func of(
    _ file: CorpusFile, _ reading: CorpusReading, notice: (String) -> Void
  ) throws(CorpusError) -> CopyIndex {
    var checksum = Checksum()
    checksum.add(file.bytes)
    // The same file read in another way has other texts.
    checksum.add(Array("\(reading)".utf8))
    return try of("\(file.path).copies", checksum.value, notice) { () throws(CorpusError) in
      try file.read(reading).records
    }
  }

  private static func of(
    _ path: String, _ source: UInt64, _ notice: (String) -> Void, _ records: () throws(CorpusError) -> [CorpusRecord]
  ) throws(CorpusError) -> CopyIndex {
    if FileBytes.exists(path), let index = try? CopyIndex(path), index.source == source { return index }
    notice(path)
    try write(try records().map(\.text), source: source, to: path)
    return try CopyIndex(path)
  }

  private static func places(in text: [UInt8]) -> [(hash: UInt64, offset: Int)] {
    text.withUnsafeBytes { buffer in
      let reader = CopyWords(bytes: buffer)
      var places: [(hash: UInt64, offset: Int)] = []
      var window: [CopyWord] = []
      var index = 0
      var count = 0
      while let word = reader.next(from: index) {
        index = word.range.upperBound
        if word.hash == 0 {
          window.removeAll(keepingCapacity: true)
          count = 0
          continue
        }
        if window.count == words { window.removeFirst() }
        window.append(word)
        count += 1
        if window.count == words, (count - words) % stride == 0 {
          places.append((hash(of: window[...]), window[0].range.lowerBound))
        }
      }
      places.sort { ($0.hash, $0.offset) < ($1.hash, $1.offset) }
      return places
    }
  }

  private static func hash(of words: ArraySlice<CopyWord>) -> UInt64 {
    words.reduce(UInt64(17)) { mixed($0 &* 0x9E37_79B9_7F4A_7C15 &+ $1.hash) }
  }

  /// A run of words that stands in the training text.
  public struct Run: Sendable, Equatable {
    /// Its bytes in the text that was compared.
    public var range: Range<Int>
    /// The number of words.
    public var words: Int
    /// The document where it stands, counted from 0; the first of several.
    public var document: Int
    /// The number of places in the training text where it stands.
    public var occurrences: Int
    /// The training text there.
    public var source: String
  }

  /// What was found in a text.
  public struct Result: Sendable, Equatable {
    /// The runs, in the order of the text. None is a part of another one; two may overlap.
    public var runs: [Run]
    /// The words of the text.
    public var words: Int
    /// The words that are in a run.
    public var copiedWords: Int
  }

  /// The runs of at least `minimum` words that a text shares with the documents.
  /// - Parameter minimum: the minimum length of a run, in words; at least ``shortestRun``.
  /// - Throws: ``CorpusError`` for a smaller number.
  public func runs(in text: String, minimum: Int = shortestRun) throws(CorpusError) -> Result {
    guard minimum >= Self.shortestRun else {
      throw .setting("fewest words", expected: "at least \(Self.shortestRun)", found: "\(minimum)")
    }
    let words = Self.words(of: text)
    let training = CopyWords(bytes: UnsafeRawBufferPointer(rebasing: file.bytes[textOffset..<textOffset + textCount]))
    // For each range of words, the places in the training text where it stands.
    var found: [Range<Int>: Set<Range<Int>>] = [:]
    for start in words.indices where start + Self.words <= words.count {
      let window = words[start..<start + Self.words]
      guard !window.contains(where: { $0.hash == 0 }) else { continue }
      for place in matches(Self.hash(of: window)) {
        let (run, source) = extended(words, start, self.place(place), training)
        if run.count >= minimum { found[run, default: []].insert(source) }
      }
    }
    let longest = found.keys.filter { run in
      !found.keys.contains { $0 != run && $0.lowerBound <= run.lowerBound && $0.upperBound >= run.upperBound }
    }.sorted { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
    var isCopied = [Bool](repeating: false, count: words.count)
    let runs = longest.compactMap { run -> Run? in
      for index in run { isCopied[index] = true }
      guard let sources = found[run], let first = sources.min(by: { $0.lowerBound < $1.lowerBound }) else { return nil }
      return Run(
        range: words[run.lowerBound].range.lowerBound..<words[run.upperBound - 1].range.upperBound, words: run.count,
        document: document(at: first.lowerBound), occurrences: sources.count,
        source: String(decoding: training.bytes[first], as: UTF8.self))
    }
    return Result(
      runs: runs, words: words.count { $0.hash != 0 }, copiedWords: isCopied.count { $0 })
  }

  /// The words of a text.
  private static func words(of text: String) -> [CopyWord] {
    Array(text.utf8).withUnsafeBytes { buffer in
      let reader = CopyWords(bytes: buffer)
      var words: [CopyWord] = []
      var index = 0
      while let word = reader.next(from: index) {
        words.append(word)
        index = word.range.upperBound
      }
      return words
    }
  }

  /// The number of words of a text whose bytes `counts` accepts.
  public static func wordCount(of text: String, where counts: (Range<Int>) -> Bool) -> Int {
    words(of: text).count { $0.hash != 0 && counts($0.range) }
  }

  /// The longest run through equal words at `start` and at `offset` of the training text: its words, and its bytes
  /// there.
  private func extended(
    _ words: [CopyWord], _ start: Int, _ offset: Int, _ training: CopyWords
  ) -> (run: Range<Int>, source: Range<Int>) {
    var (first, end) = (start, start)
    var (sourceStart, sourceEnd) = (offset, offset)
    while end < words.count, words[end].hash != 0, let word = training.next(from: sourceEnd),
      word.hash == words[end].hash
    {
      end += 1
      sourceEnd = word.range.upperBound
    }
    while first > 0, words[first - 1].hash != 0, let word = training.previous(before: sourceStart),
      word.hash == words[first - 1].hash
    {
      first -= 1
      sourceStart = word.range.lowerBound
    }
    return (first..<end, sourceStart..<sourceEnd)
  }

  private var hashesOffset: Int { Self.headerSize + 8 * documentCount }
  private var textOffset: Int { hashesOffset + 16 * placeCount }

  private func hash(_ place: Int) -> UInt64 { file.load(hashesOffset + 8 * place, as: UInt64.self) }

  private func place(_ place: Int) -> Int {
    Int(truncatingIfNeeded: file.load(hashesOffset + 8 * placeCount + 8 * place, as: UInt64.self))
  }

  /// The indexed places with a hash.
  private func matches(_ hash: UInt64) -> Range<Int> {
    var (low, high) = (0, placeCount)
    while low < high {
      let middle = (low + high) / 2
      if self.hash(middle) < hash { low = middle + 1 } else { high = middle }
    }
    var end = low
    while end < placeCount, end - low < Self.mostPlaces, self.hash(end) == hash { end += 1 }
    return low..<end
  }

  /// The document at an offset of the text.
  private func document(at offset: Int) -> Int {
    var (low, high) = (0, documentCount)
    while low < high {
      let middle = (low + high) / 2
      if Int(truncatingIfNeeded: file.load(Self.headerSize + 8 * middle, as: UInt64.self)) <= offset {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }
}
