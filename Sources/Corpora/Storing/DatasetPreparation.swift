import JSONText
import Tokenizers

/// Reads, cleans and splits files of training text.
public struct DatasetPreparation: Sendable {
  /// The files of each split. Without files for validation and test, records of the training files are split off.
  public var files: [Split: [CorpusFile]]
  /// How files are read.
  public var reading = CorpusReading()
  /// How texts are cleaned.
  public var cleaning = TextCleaning()
  /// The shares of validation and test that are split off the training files.
  public var shares: SplitShares
  /// The least similarity of a leak.
  public var leakSimilarity = 0.8
  /// Whether records of validation and test that are also in the training data are left out there.
  public var removesLeaks = false

  /// A preparation of files.
  public init(files: [Split: [CorpusFile]], shares: SplitShares) {
    self.files = files
    self.shares = shares
  }

  /// What was prepared.
  public struct Result: Sendable {
    /// The records of each split.
    public var splits: [Split: [CorpusRecord]] = [:]
    /// What cleaning did.
    public var report = CleaningReport()
    /// The lines of each file that are not UTF-8 and were left out, counted from 1.
    public var skippedLines: [(path: String, lines: [Int])] = []
    /// The records of validation and test that are also in the training data, before they were removed.
    public var leaks: [Leak] = []
    /// The facts for `dataset.json`.
    public var facts: JSONObject = [:]
  }

  /// Prepares the data.
  /// - Throws: ``CorpusError`` if a file can't be read, a setting is out of range, or nothing is left to learn from.
  public func prepare() throws(CorpusError) -> Result {
    var result = Result()
    var sources: [JSONValue] = []
    var owners: [Split] = []
    var records: [CorpusRecord] = []
    for split in Split.allCases {
      for file in files[split] ?? [] {
        let contents = try file.read(reading)
        records += contents.records
        owners += repeatElement(split, count: contents.records.count)
        if !contents.skippedLines.isEmpty { result.skippedLines.append((file.path, contents.skippedLines)) }
        sources.append([
          "path": .init(file.path), "split": .init(split.rawValue), "format": .init(contents.format.rawValue),
          "bytes": .integer(file.bytes.count), "records": .integer(contents.records.count),
        ])
      }
    }
    // Duplicates are removed within a split only: those between splits are leaks.
    for split in Split.allCases {
      let own = zip(owners, records).compactMap { $0.0 == split ? $0.1 : nil }
      let (cleaned, report) = try cleaning.clean(own)
      result.report.add(report)
      for record in cleaned {
        let splitsOff = split == .train && (files[.validation] ?? []).isEmpty && (files[.test] ?? []).isEmpty
        result.splits[splitsOff ? shares.split(of: record.text) : split, default: []].append(record)
      }
    }
    guard !(result.splits[.train] ?? []).isEmpty else {
      throw CorpusError(
        "nothing to learn from", at: (files[.train] ?? []).map(\.path).joined(separator: ", "),
        expected: "at least one training record after cleaning", found: "none of \(records.count)")
    }
    result.leaks = leaks(in: result.splits, similarity: leakSimilarity)
    if removesLeaks {
      for split in [Split.validation, .test] {
        let leaked = Set(result.leaks.filter { $0.split == split }.map(\.index))
        result.splits[split] = (result.splits[split] ?? []).enumerated().filter { !leaked.contains($0.offset) }
          .map(\.element)
      }
    }
    result.facts = facts(result, sources)
    return result
  }

  private func facts(_ result: Result, _ sources: [JSONValue]) -> JSONObject {
    let counts = JSONObject(result.report.counts.map { (key: ByteString($0.name), value: .integer($0.count)) })
    let skipped = result.skippedLines.map {
      JSONValue(["path": .init($0.path), "lines": .array($0.lines.map { .integer($0) })])
    }
    let leaked = { (split: Split) -> JSONValue in
      let own = result.leaks.filter { $0.split == split }
      return ["exact": .integer(own.filter(\.isExact).count), "near": .integer(own.filter { !$0.isExact }.count)]
    }
    return [
      "sources": .array(sources),
      "cleaning": .object(counts), "skipped_lines": .array(skipped),
      "shares": ["validation": .double(shares.validation), "test": .double(shares.test)],
      "leaks": [
        "similarity": .double(leakSimilarity), "removed": .bool(removesLeaks), "validation": leaked(.validation),
        "test": leaked(.test),
      ],
    ]
  }
}

extension JSONValue {
  /// An object.
  fileprivate init(_ object: JSONObject) { self = .object(object) }
}

extension CleaningReport {
  mutating func add(_ other: CleaningReport) {
    read += other.read
    kept += other.kept
    changed += other.changed
    tooShort += other.tooShort
    tooLong += other.tooLong
    duplicates += other.duplicates
    nearDuplicates += other.nearDuplicates
    otherLanguage += other.otherLanguage
  }
}
