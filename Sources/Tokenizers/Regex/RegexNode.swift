/// A regular expression as a tree.
indirect enum RegexNode {
  case empty
  case set(RegexSet)
  case sequence([RegexNode])
  case alternatives([RegexNode])
  case repeated(RegexNode, min: Int, max: Int?, kind: RepetitionKind)
  case atomic(RegexNode)
  case look(RegexNode, ahead: Bool, negative: Bool)
  case assertion(RegexAssertion)

  enum RepetitionKind { case greedy, lazy, possessive }

  /// How many characters a match has, when it is always the same number.
  var fixedLength: Int? {
    switch self {
    case .empty, .look, .assertion: return 0
    case .set: return 1
    case .sequence(let parts):
      var sum = 0
      for part in parts {
        guard let length = part.fixedLength else { return nil }
        sum += length
      }
      return sum
    case .alternatives(let parts):
      let lengths = Set(parts.map(\.fixedLength))
      return lengths.count == 1 ? lengths.first ?? nil : nil
    case .repeated(let part, let min, let max, _):
      guard min == max, let length = part.fixedLength else { return nil }
      let (product, overflow) = length.multipliedReportingOverflow(by: min)
      return overflow ? nil : product
    case .atomic(let part): return part.fixedLength
    }
  }

  /// Whether the empty text matches.
  var matchesEmpty: Bool {
    switch self {
    case .empty, .look, .assertion: true
    case .set: false
    case .sequence(let parts): parts.allSatisfy(\.matchesEmpty)
    case .alternatives(let parts): parts.contains(where: \.matchesEmpty)
    case .repeated(let part, let min, _, _): min == 0 || part.matchesEmpty
    case .atomic(let part): part.matchesEmpty
    }
  }
}
