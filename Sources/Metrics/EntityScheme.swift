/// The notation of entities as one tag per word: a prefix, a hyphen and a type, or `O` outside of entities.
public enum EntityScheme: String, Sendable, CaseIterable {
  /// `I` inside; `B` only where an entity follows another of the same type.
  case iob1 = "IOB1"
  /// `B` at the first word of each entity, `I` at the others.
  case iob2 = "IOB2"
  /// `B`, `I` and `E` at the first, inner and last words; `S` at an entity of one word.
  case iobes = "IOBES"

  /// How the types of two neighboring tags must relate.
  enum TypeRelation {
    case any, same, different
  }

  /// A pair of neighboring prefixes. `nil` stands for every prefix.
  struct Pattern {
    let previous: Character?
    let current: Character?
    let relation: TypeRelation

    init(_ previous: Character?, _ current: Character?, _ relation: TypeRelation) {
      self.previous = previous
      self.current = current
      self.relation = relation
    }

    func matches(_ first: EntityTag, _ second: EntityTag) -> Bool {
      guard previous == nil || previous == first.prefix, current == nil || current == second.prefix else {
        return false
      }
      switch relation {
      case .any: return true
      case .same: return first.type == second.type
      case .different: return first.type != second.type
      }
    }
  }

  /// The prefixes of the scheme.
  var prefixes: Set<Character> { self == .iobes ? ["I", "O", "B", "E", "S"] : ["I", "O", "B"] }

  /// Pairs whose second tag begins an entity.
  var starts: [Pattern] {
    switch self {
    case .iob1:
      [
        Pattern("O", "I", .any), Pattern("I", "I", .different), Pattern("B", "I", .any), Pattern("I", "B", .same),
        Pattern("B", "B", .same),
      ]
    case .iob2: [Pattern(nil, "B", .any)]
    case .iobes: [Pattern(nil, "B", .any), Pattern(nil, "S", .any)]
    }
  }

  /// Pairs whose second tag continues an entity.
  var insides: [Pattern] {
    let two = [Pattern("B", "I", .same), Pattern("I", "I", .same)]
    return self == .iobes ? two + [Pattern("B", "E", .same), Pattern("I", "E", .same)] : two
  }

  /// Pairs whose first tag ends an entity.
  var ends: [Pattern] {
    switch self {
    case .iob1:
      [
        Pattern("I", "I", .different), Pattern("I", "O", .any), Pattern("I", "B", .any), Pattern("B", "O", .any),
        Pattern("B", "I", .different), Pattern("B", "B", .same),
      ]
    case .iob2:
      [
        Pattern("I", "O", .any), Pattern("I", "I", .different), Pattern("I", "B", .any), Pattern("B", "O", .any),
        Pattern("B", "I", .different), Pattern("B", "B", .any),
      ]
    case .iobes: [Pattern("S", nil, .any), Pattern("E", nil, .any)]
    }
  }
}

/// A tag of a word.
struct EntityTag: Hashable {
  /// `O`, `B`, `I`, `E` or `S`; any other first character is kept as it is.
  let prefix: Character
  /// What follows the prefix and its hyphen; `_` if nothing does.
  let type: String

  static let outside = EntityTag(prefix: "O", type: "_")

  init(prefix: Character, type: String) {
    self.prefix = prefix
    self.type = type
  }

  /// The parts of a tag. `nil` for an empty one.
  init?(_ tag: String) {
    guard let first = tag.first else { return nil }
    prefix = first
    var rest = tag.dropFirst()
    if let hyphen = rest.firstIndex(of: "-") { rest = rest[rest.index(after: hyphen)...] }
    type = rest.isEmpty ? "_" : String(rest)
  }
}
