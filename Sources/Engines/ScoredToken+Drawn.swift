import EngineAPI
import Sampling

extension RankedToken {
  init(_ ranked: RankedID, _ token: (Int) -> TokenValue) {
    self.init(token: token(ranked.id), logprob: ranked.logprob, rank: ranked.rank)
  }
}

extension ScoredToken {
  init(_ drawn: DrawnToken, _ token: (Int) -> TokenValue) {
    self.init(
      token: token(drawn.id), logprob: drawn.logprob, rank: drawn.rank, entropy: drawn.entropy,
      sampledLogprob: drawn.sampledLogprob, top: drawn.top.map { RankedToken($0, token) })
  }
}
