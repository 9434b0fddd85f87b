import EngineAPI

@testable import Sessions

/// A token with bytes and numbers derived from its id.
func token(_ id: Int, known: Bool = true) -> ScoredToken {
  ScoredToken(
    token: TokenValue(id: id, bytes: Array("t\(id)".utf8)), logprob: known ? -Double(id % 97) / 8 : nil,
    rank: known ? id % 50 + 1 : nil, entropy: known ? Double(id % 11) / 2 : nil)
}

let storyteller = ModelReference("storyteller")
let typed = Origin.typed(text: "Once", model: storyteller)

func sampled(seed: UInt64, ids: [Int] = []) -> Origin {
  .sampled(GenerationRequest(context: ModelContext(model: storyteller, ids: ids), promptCount: 2, seed: seed))
}

extension SessionTree {
  /// The ids of a place's text.
  func ids(_ place: Place) -> [Int] { path(to: place).map(\.token.id) }
}

/// Seeded random numbers (SplitMix64).
struct Dice: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
