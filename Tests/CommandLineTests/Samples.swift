import EngineAPI

/// Tokens with round numbers, so that expected output can be written by hand.
enum Samples {
  /// ` sea`: log p -0.5, rank 1, entropy 1.5 bits, after the chain -0.25.
  static let sea = ScoredToken(
    token: TokenValue(id: 300, bytes: Array(" sea".utf8)), logprob: -0.5, rank: 1, entropy: 1.5, sampledLogprob: -0.25,
    top: [
      RankedToken(token: TokenValue(id: 300, bytes: Array(" sea".utf8)), logprob: -0.5, rank: 1),
      RankedToken(token: TokenValue(id: 7, bytes: [0xC3]), logprob: -2, rank: 2),
    ])
  /// The first byte of a two-byte character.
  static let half = ScoredToken(
    token: TokenValue(id: 7, bytes: [0xC3]), logprob: -4, rank: 12, entropy: 0.25, sampledLogprob: -2)
  /// Its second byte.
  static let otherHalf = ScoredToken(
    token: TokenValue(id: 8, bytes: [0xA9]), logprob: -0.125, rank: 1, entropy: 0.5, sampledLogprob: 0)
  /// The end of a text.
  static let end = ScoredToken(
    token: TokenValue(id: 0, bytes: Array("<|end|>".utf8)), logprob: -8, rank: 100, entropy: 2, sampledLogprob: -1)

  static let seaJSON =
    #"{"id":300,"text":" sea","bytes":[32,115,101,97],"logprob":-0.5,"rank":1,"entropy":1.5,"sampled_logprob":-0.25,"#
    + #""top":[{"id":300,"text":" sea","logprob":-0.5},{"id":7,"text":"�","logprob":-2.0}]}"#
  static let halfJSON =
    #"{"id":7,"text":"�","bytes":[195],"logprob":-4.0,"rank":12,"entropy":0.25,"sampled_logprob":-2.0,"top":[]}"#
  static let otherHalfJSON =
    #"{"id":8,"text":"�","bytes":[169],"logprob":-0.125,"rank":1,"entropy":0.5,"sampled_logprob":0.0,"top":[]}"#
  static let endJSON =
    #"{"id":0,"text":"<|end|>","bytes":[60,124,101,110,100,124,62],"logprob":-8.0,"rank":100,"entropy":2.0,"#
    + #""sampled_logprob":-1.0,"top":[]}"#

  /// ` sea`, `é` in two halves, end of text; ten tokens a second.
  static let story: [TokenEvent] = [
    .prompt(done: 1, total: 1), .token(sea, text: " sea"), .token(half, text: ""), .token(otherHalf, text: "é"),
    .token(end, text: ""),
    .finished(
      .endOfText, text: "",
      timing: GenerationTiming(promptSeconds: 0.5, generateSeconds: 0.4, promptTokens: 1, tokens: 4)),
  ]

  static let storyJSON = [seaJSON, halfJSON, otherHalfJSON, endJSON]

  /// An engine whose streams give these tokens.
  static var engine: FakeEngine { FakeEngine(events: { _ in story }) }

  /// `options` in JSON: the defaults, with some replaced.
  static func options(_ changes: [String: String] = [:]) -> String {
    let stages =
      "[\"logit-bias\",\"repetition\",\"presence\",\"frequency\",\"no-repeat-ngram\",\"min-tokens\",\"temperature\","
      + "\"top-k\",\"top-p\",\"min-p\",\"typical-p\"]"
    let defaults = [
      ("max_tokens", "256"), ("temperature", "1.0"), ("top_k", "0"), ("top_p", "1.0"), ("min_p", "0.0"),
      ("typical_p", "1.0"), ("repeat_penalty", "1.0"), ("presence_penalty", "0.0"), ("frequency_penalty", "0.0"),
      ("no_repeat_ngram_size", "0"), ("min_tokens", "0"), ("logit_bias", "{}"), ("samplers", stages),
      ("num_beams", "1"), ("length_penalty", "1.0"), ("early_stopping", "false"), ("num_return_sequences", "1"),
      ("stop", "[]"), ("ignore_eos", "false"), ("top_logprobs", "0"), ("prompt_chunk", "0"),
      ("sequence_bias", "[]"), ("exponential_decay_length_penalty", "null"), ("encoder_repetition_penalty", "1.0"),
      ("encoder_no_repeat_ngram_size", "0"), ("renormalize_logits", "false"),
    ]
    return "{" + defaults.map { "\"\($0.0)\":\(changes[$0.0] ?? $0.1)" }.joined(separator: ",") + "}"
  }
}
