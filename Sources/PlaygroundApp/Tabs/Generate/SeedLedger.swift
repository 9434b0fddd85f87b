import EngineAPI

/// Which seeds have made a text from which request: a seed is never used twice for the same prompt, model and settings.
///
/// Requests are kept as hashes, a few bytes each. Two requests of the same hash would cost one seed, and no text.
struct SeedLedger: Sendable, Equatable {
  private var used: Set<Int> = []

  /// The first seed from `request.seed` on that has not made a text of this request.
  func unusedSeed(for request: GenerationRequest) -> UInt64 {
    var request = request
    while used.contains(SeedLedger.key(request)) { request.seed &+= 1 }
    return request.seed
  }

  /// The seed of `request` makes a text now.
  mutating func use(_ request: GenerationRequest) { used.insert(SeedLedger.key(request)) }

  /// No text came of `request` after all: its seed is as good as new.
  mutating func release(_ request: GenerationRequest) { used.remove(SeedLedger.key(request)) }

  /// What a text depends on, the limit of its length aside: a longer limit would show the same text again.
  private static func key(_ request: GenerationRequest) -> Int {
    var request = request
    request.maxTokens = 0
    request.topCount = 0
    return request.hashValue
  }
}
