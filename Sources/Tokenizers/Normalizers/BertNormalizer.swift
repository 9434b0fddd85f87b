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
