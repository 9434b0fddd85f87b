/// Rewrites a text before it is cut into pieces.
protocol Normalizer: Sendable {
  /// Rewrites the text and keeps its alignment with the original.
  func normalize(_ text: inout AlignedText)
}

/// Normalizers one after the other.
struct NormalizerSequence: Normalizer {
  let normalizers: [any Normalizer]

  func normalize(_ text: inout AlignedText) {
    for normalizer in normalizers { normalizer.normalize(&text) }
  }
}

/// What BERT does to a text first (Devlin et al. 2018): clean, set ideographs apart, strip accents, lower the case.
struct BertNormalizer: Normalizer {
  let cleanText: Bool
  let handleChineseCharacters: Bool
  let stripAccents: Bool
  let lowercase: Bool

  /// - Parameter stripAccents: `nil` follows `lowercase`.
  init(cleanText: Bool, handleChineseCharacters: Bool, stripAccents: Bool?, lowercase: Bool) {
    self.cleanText = cleanText
    self.handleChineseCharacters = handleChineseCharacters
    self.stripAccents = stripAccents ?? lowercase
    self.lowercase = lowercase
  }

  func normalize(_ text: inout AlignedText) {
    if cleanText { clean(&text) }
    if handleChineseCharacters { setChineseApart(&text) }
    if stripAccents { strip(&text) }
    if lowercase { LowercaseNormalizer().normalize(&text) }
  }

  private func clean(_ text: inout AlignedText) {
    if text.bytes.allSatisfy({ 0x20..<0x7F ~= $0 }) { return }
    text.rewrite { code, range, output in
      if code == 0xFFFD || ScalarClass.isBertControl(code) { return }
      if ScalarClass.isWhitespace(code) { output.append(0x20, for: range) } else { output.copy(range) }
    }
  }

  private func setChineseApart(_ text: inout AlignedText) {
    if text.bytes.allSatisfy({ $0 < 0xE3 }) { return }
    text.rewrite { code, range, output in
      let apart = ScalarClass.isChinese(code)
      if apart { output.append(0x20, for: range) }
      output.copy(range)
      if apart { output.append(0x20, for: range) }
    }
  }

  private func strip(_ text: inout AlignedText) {
    if text.bytes.allSatisfy({ $0 < 0x80 }) { return }
    UnicodeNormalizer(form: .nfd).normalize(&text)
    text.rewrite { code, range, output in
      if !ScalarClass.isNonspacingMark(code) { output.copy(range) }
    }
  }
}

/// Lower case by the full mapping of each character on its own (`İ` becomes two characters; no rule for a final sigma).
struct LowercaseNormalizer: Normalizer {
  func normalize(_ text: inout AlignedText) {
    if text.bytes.allSatisfy({ $0 < 0x80 && !(0x41...0x5A ~= $0) }) { return }
    text.rewrite { code, range, output in
      if code < 0x80 {
        if 0x41...0x5A ~= code { output.append(code + 32, for: range) } else { output.copy(range) }
        return
      }
      guard let scalar = Unicode.Scalar(code), scalar.properties.changesWhenLowercased else {
        return output.copy(range)
      }
      for lower in scalar.properties.lowercaseMapping.unicodeScalars { output.append(lower.value, for: range) }
    }
  }
}

/// Drops every mark that combines with a character before it.
struct StripAccentsNormalizer: Normalizer {
  func normalize(_ text: inout AlignedText) {
    if text.bytes.allSatisfy({ $0 < 0xCC }) { return }
    text.rewrite { code, range, output in
      if !ScalarClass.isMark(code) { output.copy(range) }
    }
  }
}

/// The rules of Google's machine translation: control characters go, separators of all kinds become spaces.
struct NmtNormalizer: Normalizer {
  func normalize(_ text: inout AlignedText) {
    text.rewrite { code, range, output in
      switch code {
      case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x8F, 0x9F: break
      case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD:
        output.append(0x20, for: range)
      default: output.copy(range)
      }
    }
  }
}

/// Writes every byte as its printable character.
struct ByteLevelNormalizer: Normalizer {
  func normalize(_ text: inout AlignedText) {
    let old = text
    text.rewrite { code, range, output in
      for index in range { output.append(ByteCharacters.codes[Int(old.bytes[index])], for: index..<index + 1) }
    }
  }
}

/// Puts a text in front of one that is not empty; it stands for what the first character stands for.
struct PrependNormalizer: Normalizer {
  let prefix: [UInt8]

  func normalize(_ text: inout AlignedText) {
    guard !text.bytes.isEmpty else { return }
    var builder = AlignedTextBuilder(text)
    let first = text.bytes.withUnsafeBufferPointer { $0.scalar(at: 0).length }
    builder.append(prefix, text.span(0..<first))
    builder.copy(0..<text.bytes.count)
    text = builder.text
  }
}

/// Replaces every match; the new text stands for what the last character of the match stood for.
struct ReplaceNormalizer: Normalizer {
  let pattern: any Cutter & Sendable
  let content: [UInt8]

  func normalize(_ text: inout AlignedText) {
    var builder = AlignedTextBuilder(text)
    var position = 0
    var changed = false
    text.bytes.withUnsafeBufferPointer { bytes in
      pattern.matches(bytes, 0..<bytes.count) { match in
        changed = true
        builder.copy(position..<match.lowerBound)
        if match.upperBound > 0 {
          let last = match.upperBound - bytes.scalar(before: match.upperBound).length..<match.upperBound
          builder.append(content, text.span(last))
        } else {
          builder.append(content, .init(0, 0))
        }
        position = match.upperBound
      }
      if changed { builder.copy(position..<bytes.count) }
    }
    if changed { text = builder.text }
  }
}

/// Drops white space at the ends.
struct StripNormalizer: Normalizer {
  let left: Bool
  let right: Bool

  func normalize(_ text: inout AlignedText) {
    let range = text.bytes.withUnsafeBufferPointer { bytes in
      var start = 0
      var end = bytes.count
      while left, start < end {
        let (code, length) = bytes.scalar(at: start)
        guard ScalarClass.isWhitespace(code) else { break }
        start += length
      }
      while right, end > start {
        let (code, length) = bytes.scalar(before: end)
        guard ScalarClass.isWhitespace(code) else { break }
        end -= length
      }
      return start..<end
    }
    text = text.slice(range)
  }
}
