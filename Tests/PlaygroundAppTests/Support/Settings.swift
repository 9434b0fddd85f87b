import EngineAPI
import Sampling
import ScriptedSupport
import TerminalUI

@testable import PlaygroundApp

extension PlaygroundSettings {
  /// Settings value by value; what is left out has its default.
  init(
    themes: [Theme] = [], theme: String? = nil, keys: [String: [String]] = [:], sampling: SamplingSettings? = nil,
    maxTokens: Int = Limits.defaultTokens, seed: UInt64 = 7, mouse: Bool = false, history: [TabID: [String]] = [:]
  ) {
    self.init(
      themes: themes, display: DisplaySettings(theme: theme, mouse: mouse),
      texts: TextDefaults(sampling: sampling, maxTokens: maxTokens, seed: seed), keys: keys, history: history)
  }

  /// Settings with which the scripted models generate exactly their script.
  static var steady: PlaygroundSettings {
    var chain = SamplingSettings()
    chain.temperature = 0.8
    chain.minP = 0.1
    return PlaygroundSettings(sampling: chain)
  }
}

extension ScriptedModel {
  /// A model that writes wide and combining characters. Some tokens end in the middle of a character.
  static let wide = ScriptedModel(
    "wide", family: .causal, words: ["東", "京", " went"],
    script: " 東京の空は青い。 Cafe\u{301} \u{1F469}\u{200D}\u{1F680} e\u{301}te\u{301} went home.", seed: 9)

  /// A masked model whose fillings contain wide characters.
  static let wideMasks = ScriptedModel(
    "cloze", family: .masked, words: [" ", "."], fillings: [["東京", "e\u{301}te\u{301}", "한국"], ["空", "海"]],
    contextLength: 64, seed: 3)

  /// An encoder-decoder model that writes wide characters.
  static let wideTranslation = ScriptedModel(
    "interpreter", family: .seq2seq, words: ["How", " are", " you", "?"], script: " お元気 ですか e\u{301} ?",
    contextLength: nil, seed: 4)
}
