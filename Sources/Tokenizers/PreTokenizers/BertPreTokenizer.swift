/// Drops white space, and sets every punctuation character apart (Devlin et al. 2018).
struct BertPreTokenizer: PreTokenizer {
  func preTokenize(_ text: inout SplitText) {
    text.split(by: CharacterCutter(isDelimiter: ScalarClass.isWhitespace), .removed)
    text.split(by: CharacterCutter(isDelimiter: ScalarClass.isPunctuation), .isolated)
  }
}
