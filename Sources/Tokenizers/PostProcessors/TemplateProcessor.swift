/// Puts the text between fixed tokens: templates, and the special cases of BERT.
struct TemplateProcessor: PostProcessor {
  enum Part: Sendable, Equatable {
    case text
    case tokens([Int])
  }

  let parts: [Part]

  func process(_ tokens: inout [EncodedToken], addSpecialTokens: Bool, _ context: PostProcessingContext) {
    guard addSpecialTokens else { return }
    var result: [EncodedToken] = []
    result.reserveCapacity(tokens.count + 2)
    for part in parts {
      switch part {
      case .text: result.append(contentsOf: tokens)
      case .tokens(let ids): result.append(contentsOf: ids.map { EncodedToken(id: $0, range: 0..<0) })
      }
    }
    tokens = result
  }
}
