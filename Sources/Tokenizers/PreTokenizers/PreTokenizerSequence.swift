/// Pre-tokenizers one after the other.
struct PreTokenizerSequence: PreTokenizer {
  let parts: [any PreTokenizer]

  func preTokenize(_ text: inout SplitText) {
    for part in parts { part.preTokenize(&text) }
  }
}
