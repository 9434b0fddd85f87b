/// Recognizes texts that are not in the language they should be in, by their script and, for languages in the Latin
/// script, by their most frequent words. It is meant for pairs of sentences of which one is not translated.
public enum LanguageGuess {
  private enum Script: Hashable {
    case latin, cyrillic, greek, arabic, hebrew, devanagari, thai, hangul, kana, han
  }

  private static let scripts: [String: Set<Script>] = [
    "ru": [.cyrillic], "uk": [.cyrillic], "bg": [.cyrillic], "el": [.greek], "ar": [.arabic], "fa": [.arabic],
    "he": [.hebrew], "hi": [.devanagari], "th": [.thai], "ko": [.hangul, .han], "ja": [.kana, .han], "zh": [.han],
  ]

  /// The most frequent words, without those that are frequent in two of these languages in the same spelling.
  private static let stopWords: [String: Set<String>] = [
    "en":
      "the of and to is that was for with you it are not have this be at by they his from she we he my what your do i"
      .wordSet,
    "fr":
      "le les et est une des que qui dans pour pas vous sur je il elle nous ce avec plus au du ne à c'est ont ils mon"
      .wordSet,
    "de":
      "der die das und ist nicht ich ein eine zu mit sich von auf für dem den es sie wir er hat war auch im ihr"
      .wordSet,
    "es": "el los las que y en una por con no para es su lo como más pero yo muy está este él qué mi fue".wordSet,
    "it": "il che di è non per un sono gli della con una mi ho ha lo nel questo anche io ma si più del".wordSet,
    "pt": "o os um uma não que e do da em para com é se na por mais as dos eu ele você isso foi está".wordSet,
    "nl": "de het een van en is dat niet ik op te zijn voor met die er aan maar ook hij we je heeft".wordSet,
  ]

  /// The codes of the languages that can be recognized.
  public static let codes: [String] = (Array(scripts.keys) + Array(stopWords.keys)).sorted()

  /// Whether a text is clearly in another language than `code`: most of its letters are of another script; or at least
  /// three of its words are frequent in another language, and three times as many as in this one. Texts of a few words
  /// are never refused for their words.
  public static func isOther(_ text: String, than code: String) -> Bool {
    var counts: [Script: Int] = [:]
    for scalar in text.unicodeScalars { if let script = script(scalar) { counts[script, default: 0] += 1 } }
    let all = counts.values.reduce(0, +)
    guard all > 0 else { return false }
    let own = (scripts[code] ?? [.latin]).reduce(0) { $0 + (counts[$1] ?? 0) }
    if own * 2 < all { return true }
    guard let ownWords = stopWords[code] else { return false }
    let words = text.lowercased().replacing("’", with: "'").split { !$0.isLetter && $0 != "'" }.map(String.init)
    let hits = { (list: Set<String>) in words.reduce(0) { $0 + (list.contains($1) ? 1 : 0) } }
    let ownHits = hits(ownWords)
    return stopWords.contains { other, list in
      guard other != code else { return false }
      let count = hits(list.subtracting(ownWords))
      return count >= 3 && count >= 3 * ownHits
    }
  }

  private static func script(_ scalar: Unicode.Scalar) -> Script? {
    switch scalar.value {
    case 0x41...0x5A, 0x61...0x7A,
      0xC0...0x24F where scalar.properties.isAlphabetic:
      .latin
    case 0x370...0x3FF: .greek
    case 0x400...0x52F: .cyrillic
    case 0x590...0x5FF: .hebrew
    case 0x600...0x6FF, 0x750...0x77F: .arabic
    case 0x900...0x97F: .devanagari
    case 0xE00...0xE7F: .thai
    case 0x3040...0x30FF: .kana
    case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0x20000...0x2FA1F: .han
    case 0xAC00...0xD7A3, 0x1100...0x11FF: .hangul
    default: nil
    }
  }
}

extension String {
  fileprivate var wordSet: Set<String> { Set(split(separator: " ").map(String.init)) }
}
