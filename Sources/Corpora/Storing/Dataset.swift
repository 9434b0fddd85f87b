import JSONText
import Platform
import Tokenizers

/// A folder of prepared training data: `train.jsonl`, `validation.jsonl` and `test.jsonl` with a record on each line,
/// `dataset.json` with what was done, and the token ids of each column of texts (``TokenCache``).
public struct Dataset: Sendable {
  /// The folder.
  public let folder: String
  /// The contents of `dataset.json`.
  public let description: JSONObject

  /// The name of the file that describes the data.
  public static let descriptionName = "dataset.json"

  /// Opens a folder.
  /// - Throws: ``CorpusError`` if it has no readable `dataset.json`.
  public init(folder: String) throws(CorpusError) {
    self.folder = folder
    let path = Self.path(folder, Self.descriptionName)
    guard FileBytes.exists(path) else {
      throw CorpusError(
        "no prepared data", at: folder, expected: "a folder with \(Self.descriptionName)", found: "none",
        hint: "prepare one first")
    }
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(contentsOfFile: path)
    } catch {
      throw CorpusError(error)
    }
    guard let object = value.object, object["format"] == .integer(1) else {
      throw CorpusError("no prepared data", at: path, expected: "an object with \"format\": 1", found: "another value")
    }
    description = object
  }

  /// The records of a split; empty if the folder has no such split.
  /// - Throws: ``CorpusError`` if its file is missing or damaged.
  public func records(_ split: Split) throws(CorpusError) -> [CorpusRecord] {
    let path = recordsPath(split)
    let facts = description["splits"]?[split.rawValue]
    guard FileBytes.exists(path) else {
      guard let facts else { return [] }
      throw Self.missing(path, "\(facts["records"]?.int ?? 0) records")
    }
    var reading = CorpusReading()
    reading.format = .jsonl
    let records = try CorpusFile(path: path).read(reading).records
    if let count = facts?["records"]?.int, count != records.count {
      throw CorpusError(
        "the prepared data is damaged", at: path, expected: "\(count) records", found: "\(records.count)",
        hint: "prepare it anew")
    }
    return records
  }

  private static func missing(_ path: String, _ expected: String) -> CorpusError {
    CorpusError(
      "a part of the prepared data is missing", at: path, expected: expected, found: "no such file",
      hint: "prepare it anew")
  }

  /// The path of the records of a split.
  public func recordsPath(_ split: Split) -> String { Self.path(folder, "\(split.rawValue).jsonl") }

  /// The token ids of a column; `nil` if they were not written.
  /// - Throws: ``CorpusError`` if the file is missing or damaged.
  public func tokens(_ split: Split, column: String) throws(CorpusError) -> TokenCache? {
    let path = Self.path(folder, Self.tokensName(split, column))
    let count = description["splits"]?[split.rawValue]?["tokens"]?[column]?.int
    guard FileBytes.exists(path) else {
      guard let count else { return nil }
      throw Self.missing(path, "\(count) tokens")
    }
    return try TokenCache(path)
  }

  static func path(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }

  /// The name of the file with the ids of a column. Characters that a file name should not have become underscores.
  static func tokensName(_ split: Split, _ column: String) -> String {
    let safe = column.unicodeScalars.map { scalar -> Character in
      let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
      return isPlain || scalar == "-" ? Character(scalar) : "_"
    }
    return "\(split.rawValue).\(String(safe.prefix(60))).tokens"
  }

  /// Writes a folder.
  /// - Parameters:
  ///   - tokenizer: a tokenizer for the columns of texts, and its name.
  ///   - replaces: whether prepared data that is already there may be replaced.
  /// - Throws: ``CorpusError`` if there is such data, or a file can't be written.
  public static func write(
    _ splits: [Split: [CorpusRecord]], report: JSONObject, tokenizer: (name: String, tokenizer: Tokenizer)?,
    to folder: String, replaces: Bool
  ) throws(CorpusError) -> Dataset {
    let descriptionPath = path(folder, descriptionName)
    if FileBytes.exists(descriptionPath), !replaces {
      throw CorpusError(
        "the folder has prepared data", at: folder, expected: "a new or empty folder", found: descriptionName,
        hint: "choose another folder, or replace the data")
    }
    try makeFolder(folder)
    // Without the description the folder counts as unprepared until all files are there.
    _ = unlink(descriptionPath)
    // Token ids of earlier contents.
    for name in (try? FolderNames.read(folder)) ?? [] where name.hasSuffix(".tokens") { _ = unlink(path(folder, name)) }
    var description: JSONObject = ["format": 1]
    var counts: JSONObject = [:]
    for split in Split.allCases {
      let records = splits[split] ?? []
      let file = path(folder, "\(split.rawValue).jsonl")
      guard !records.isEmpty else {
        _ = unlink(file)
        continue
      }
      let draft = try FileDraft(file)
      for record in records { try draft.write((JSONValue.object(record.json).serialized() + "\n").utf8) }
      let checksum = try draft.sum()
      try draft.finish()
      var facts: JSONObject = [
        "records": .integer(records.count), "bytes": .integer(draft.count),
        "checksum": .init(String(checksum, radix: 16)),
      ]
      if let tokenizer {
        var tokens: JSONObject = [:]
        for column in textColumns(of: records) {
          let cache = path(folder, tokensName(split, column))
          try TokenCache.write(records.compactMap { $0[column]?.text }, tokenizer.tokenizer, to: cache)
          tokens[column] = .integer(try TokenCache(cache).tokenCount)
        }
        facts["tokens"] = .object(tokens)
      }
      counts[split.rawValue] = .object(facts)
    }
    description["splits"] = .object(counts)
    if let tokenizer { description["tokenizer"] = .init(tokenizer.name) }
    for member in report.members { description.setValue(member.value, forKey: member.key) }
    let draft = try FileDraft(descriptionPath)
    try draft.write((JSONValue.object(description).serialized(pretty: true) + "\n").utf8)
    try draft.finish()
    return try Dataset(folder: folder)
  }

  /// The columns that have a text in all records.
  static func textColumns(of records: [CorpusRecord]) -> [String] {
    guard let first = records.first else { return [] }
    return first.fields.map(\.name).filter { name in
      records.allSatisfy { record in
        if case .text? = record[name] { true } else { false }
      }
    }
  }
}
