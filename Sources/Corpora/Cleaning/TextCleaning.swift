import Foundation

/// What is changed in texts, and which records are left out.
public struct TextCleaning: Sendable, Equatable {
  /// Unicode normalization forms.
  public enum Form: String, Sendable, CaseIterable {
    /// Composed characters.
    case nfc
    /// Composed characters, with compatible characters replaced.
    case nfkc
    /// No change.
    case none
  }

  /// The normalization form.
  public var form = Form.nfc
  /// Whether control characters (except tab and newline), zero-width characters and byte order marks are removed.
  public var removesControls = true
  /// Whether runs of spaces become one, spaces at the ends of lines and more than one empty line are removed.
  public var collapsesSpace = true
  /// The fewest characters of a record's text.
  public var minimumLength = 1
  /// The most characters of a record's text.
  public var maximumLength: Int?
  /// Whether records with the same text as an earlier one are left out.
  public var removesDuplicates = true
  /// Records are left out if they share at least this part of their word shingles with an earlier one (an estimate by
  /// MinHash); `nil` keeps them.
  public var nearDuplicateSimilarity: Double?
  /// The languages of columns, as codes such as `en`; records whose text is clearly in another one are left out.
  public var languages: [String: String] = [:]

  /// The similarities of near duplicates that MinHash can estimate.
  public static let similarities = 0.3...1.0

  /// Cleaning without checks of near duplicates and languages.
  public init() {}

  /// No change at all.
  public static var none: TextCleaning {
    var cleaning = TextCleaning()
    cleaning.form = .none
    cleaning.removesControls = false
    cleaning.collapsesSpace = false
    cleaning.minimumLength = 0
    cleaning.removesDuplicates = false
    return cleaning
  }

  /// Throws if settings are out of range.
  func check() throws(CorpusError) {
    if minimumLength < 0 || maximumLength.map({ $0 < max(1, minimumLength) }) ?? false {
      throw .setting(
        "length", expected: "a maximum that is not below the minimum",
        found: "\(minimumLength) to \(maximumLength.map(String.init) ?? "any")")
    }
    if let similarity = nearDuplicateSimilarity, !Self.similarities.contains(similarity) {
      throw .setting(
        "similarity of near duplicates",
        expected: "a number from \(Self.similarities.lowerBound) to \(Self.similarities.upperBound)",
        found: "\(similarity)")
    }
    for code in languages.values.sorted() where !LanguageGuess.codes.contains(code) {
      throw .setting(
        "language", expected: "one of \(LanguageGuess.codes.joined(separator: ", "))", found: "'\(code)'")
    }
  }

  /// The cleaned form of a text.
  func cleaned(_ text: String) -> String {
    var text = text
    switch form {
    case .none: break
    case .nfc where text.utf8.allSatisfy { $0 < 0x80 }: break
    case .nfkc where text.utf8.allSatisfy { $0 < 0x80 }: break
    case .nfc: text = text.precomposedStringWithCanonicalMapping
    case .nfkc: text = text.precomposedStringWithCompatibilityMapping
    }
    if removesControls { text = Self.withoutControls(text) }
    if collapsesSpace { text = Self.collapsingSpace(text) }
    return text
  }

  private static func withoutControls(_ text: String) -> String {
    let isControl = { (scalar: Unicode.Scalar) -> Bool in
      switch scalar.value {
      case 0x09, 0x0A: false
      case 0x0D, 0..<0x20, 0x7F..<0xA0, 0x200B, 0x2060, 0xFEFF, 0xFFFE, 0xFFFF: true
      default: false
      }
    }
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    // A line may end with a carriage return alone.
    let lines = text.replacing("\r\n", with: "\n").unicodeScalars.map { $0 == "\r" ? "\n" : $0 }
    return String(String.UnicodeScalarView(lines.filter { !isControl($0) }))
  }

  private static func collapsingSpace(_ text: String) -> String {
    var result: [Unicode.Scalar] = []
    var spaces = 0
    var newlines = 0
    for scalar in text.unicodeScalars {
      if scalar == "\n" {
        newlines += 1
        spaces = 0
      } else if scalar == " " || scalar == "\t" || scalar == "\u{A0}" {
        spaces += 1
      } else {
        if !result.isEmpty {
          if newlines > 0 {
            result += Array(repeating: "\n", count: min(newlines, 2))
          } else if spaces > 0 {
            result.append(" ")
          }
        }
        (spaces, newlines) = (0, 0)
        result.append(scalar)
      }
    }
    return String(String.UnicodeScalarView(result))
  }
}

/// What cleaning did.
public struct CleaningReport: Sendable, Equatable {
  /// The records before.
  public var read = 0
  /// The records after.
  public var kept = 0
  /// Records whose text was changed by the Unicode form, controls or white space.
  public var changed = 0
  /// Records left out because their text is too short.
  public var tooShort = 0
  /// Records left out because their text is too long.
  public var tooLong = 0
  /// Records left out because an earlier one has the same text.
  public var duplicates = 0
  /// Records left out because an earlier one has nearly the same text.
  public var nearDuplicates = 0
  /// Records left out because a text is in another language.
  public var otherLanguage = 0

  /// Nothing done.
  public init() {}

  /// The counts by name, as JSON has them.
  public var counts: [(name: String, count: Int)] {
    [
      ("read", read), ("kept", kept), ("changed", changed), ("too_short", tooShort), ("too_long", tooLong),
      ("duplicates", duplicates), ("near_duplicates", nearDuplicates), ("other_language", otherLanguage),
    ]
  }
}

extension TextCleaning {
  /// Cleans records, in order.
  /// - Throws: ``CorpusError`` if settings are out of range or a language is named for a column that is missing.
  public func clean(_ records: [CorpusRecord]) throws(CorpusError) -> (records: [CorpusRecord], report: CleaningReport)
  {
    try check()
    var report = CleaningReport()
    report.read = records.count
    var kept: [CorpusRecord] = []
    var seen: Set<[UInt8]> = []
    var near = nearDuplicateSimilarity.map { NearDuplicates(similarity: $0) }
    for record in records {
      var cleaned = record
      for index in cleaned.fields.indices { cleaned.fields[index].value = clean(cleaned.fields[index].value) }
      if cleaned != record || !cleaned.hasSameBytes(as: record) { report.changed += 1 }
      let text = cleaned.text
      let length = text.unicodeScalars.count
      if length < minimumLength {
        report.tooShort += 1
      } else if let maximumLength, length > maximumLength {
        report.tooLong += 1
      } else if try isInOtherLanguage(cleaned) {
        report.otherLanguage += 1
      } else if removesDuplicates, !seen.insert(Array(text.utf8)).inserted {
        report.duplicates += 1
      } else if near?.insert(text) == false {
        report.nearDuplicates += 1
      } else {
        kept.append(cleaned)
      }
    }
    report.kept = kept.count
    return (kept, report)
  }

  private func clean(_ value: CorpusRecord.Value) -> CorpusRecord.Value {
    switch value {
    case .text(let text): .text(cleaned(text))
    // Words keep their number, so a word is never emptied.
    case .list(let words):
      .list(
        words.map { word in
          let clean = cleaned(word)
          return clean.isEmpty ? word : clean
        })
    case .json(.array(let messages)) where messages.contains { $0["role"] != nil }:
      .json(
        .array(
          messages.map { message in
            guard var object = message.object, let content = object["content"]?.string else { return message }
            object["content"] = .init(cleaned(content))
            return .object(object)
          }))
    case .json: value
    }
  }

  private func isInOtherLanguage(_ record: CorpusRecord) throws(CorpusError) -> Bool {
    for (column, code) in languages {
      guard let value = record[column] else {
        throw CorpusError(
          "no such column", at: "languages", expected: record.fields.map { "\"\($0.name)\"" }.joined(separator: ", "),
          found: "\"\(column)\"")
      }
      if LanguageGuess.isOther(value.text, than: code) { return true }
    }
    return false
  }
}

extension CorpusRecord {
  /// Whether all texts have the same bytes. (Strings are equal if they are canonically equivalent.)
  fileprivate func hasSameBytes(as other: CorpusRecord) -> Bool { text.utf8.elementsEqual(other.text.utf8) }
}
