/// What each word of a text does to the labels of the text: the text is classified again without the word.
///
/// A word is replaced by the model's mask token. If the model has none, the word is left out, together with a space
/// beside it. The change of a label is exact: its probability for the whole text minus its probability for the changed
/// text, as `classify` gives them. A positive change means that the word speaks for the label.
///
/// Source: Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", 2014, section 4.2, for words
/// instead of squares of an image.
public struct Occlusion: Sendable, Hashable {
  /// A word of the text.
  public struct Word: Sendable, Hashable {
    /// The word.
    public var text: String
    /// Its UTF-8 byte offsets in the text.
    public var range: Range<Int>
    /// The text without the word; `nil` if nothing would be left.
    public var changed: String?
  }

  /// The words in the order of the text.
  public let words: [Word]

  /// The words of a text.
  /// - Parameter mask: the text of the mask token that replaces a word; `nil` leaves the word out.
  public init(_ text: String, mask: String?) {
    let bytes = Array(text.utf8)
    words = Self.ranges(text).map { range in
      let word = String(decoding: bytes[range], as: UTF8.self)
      if let mask {
        let changed = Self.joined(bytes[..<range.lowerBound], mask, bytes[range.upperBound...])
        return Word(text: word, range: range, changed: changed)
      }
      let isSpace = { (offset: Int) in bytes.indices.contains(offset) && bytes[offset] == UInt8(ascii: " ") }
      let start = isSpace(range.lowerBound - 1) ? range.lowerBound - 1 : range.lowerBound
      let end = start == range.lowerBound && isSpace(range.upperBound) ? range.upperBound + 1 : range.upperBound
      let rest = Self.joined(bytes[..<start], "", bytes[end...])
      return Word(text: word, range: range, changed: rest.allSatisfy(\.isWhitespace) ? nil : rest)
    }
  }

  /// The texts to classify, in the order of the words.
  public var texts: [String] { words.compactMap(\.changed) }

  /// How much each word adds to a label, in the order of the words; `nil` for a word without which nothing is left.
  /// For quantities, which have no probability, the change is that of the logit.
  /// - Parameters:
  ///   - label: the label's name.
  ///   - whole: the result for the whole text.
  ///   - changed: the results for ``texts``.
  public func changes(of label: String, whole: ClassifyResult, changed: [ClassifyResult]) -> [Double?] {
    var results = changed[...]
    return words.map { word in
      guard word.changed != nil, let result = results.popFirst(), let before = whole.value(of: label),
        let after = result.value(of: label)
      else { return nil }
      return before - after
    }
  }

  private static func joined(_ before: ArraySlice<UInt8>, _ middle: String, _ after: ArraySlice<UInt8>) -> String {
    String(decoding: before + Array(middle.utf8) + after, as: UTF8.self)
  }

  /// The ranges of the words: runs of letters, marks and digits, with apostrophes and hyphens between them. Characters
  /// of scripts that are written without spaces are words of their own.
  private static func ranges(_ text: String) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var isOpen = false
    var offset = 0
    let characters = Array(text)
    for (index, character) in characters.enumerated() {
      let end = offset + character.utf8.count
      defer { offset = end }
      let next = index + 1 < characters.count ? characters[index + 1] : nil
      let joins = isOpen && (character == "'" || character == "’" || character == "-") && next?.isOfWord == true
      guard character.isOfWord || joins else {
        isOpen = false
        continue
      }
      if isOpen, !character.standsAlone {
        ranges[ranges.count - 1] = ranges[ranges.count - 1].lowerBound..<end
      } else {
        ranges.append(offset..<end)
      }
      isOpen = !character.standsAlone
    }
    return ranges
  }
}

extension ClassifyResult {
  /// The probability of a label, or the logit of a quantity.
  fileprivate func value(of label: String) -> Double? {
    labels.first { $0.label == label }.flatMap { $0.probability ?? $0.logit }
  }
}

extension Character {
  /// Whether it is a part of a word.
  fileprivate var isOfWord: Bool { isLetter || isNumber }

  /// Whether its script is written without spaces: ideographs and kana.
  fileprivate var standsAlone: Bool {
    unicodeScalars.first.map { scalar in
      scalar.properties.isIdeographic || (0x3041...0x30FF).contains(scalar.value)
    } ?? false
  }
}
