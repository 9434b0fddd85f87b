/// Drops every mark that combines with a character before it.
struct StripAccentsNormalizer: Normalizer {
  func normalize(_ text: inout AlignedText) {
    if text.bytes.allSatisfy({ $0 < 0xCC }) { return }
    text.rewrite { code, range, output in
      if !ScalarClass.isMark(code) { output.copy(range) }
    }
  }
}
