/// Porter's stemmer ("An algorithm for suffix stripping", 1980) with the extensions of NLTK's default mode, which
/// `rouge_score` uses.
///
/// Words are lowercase ASCII. The steps are named as in the paper. A *measure* is the number of times that vowels are
/// followed by consonants.
enum PorterStemmer {
  /// Words with a stem of their own in NLTK's list.
  private static let irregular: [String: String] = {
    let groups: [String: [String]] = [
      "sky": ["sky", "skies"], "die": ["dying"], "lie": ["lying"], "tie": ["tying"], "news": ["news"],
      "inning": ["innings", "inning"], "outing": ["outings", "outing"], "canning": ["cannings", "canning"],
      "howe": ["howe"], "proceed": ["proceed"], "exceed": ["exceed"], "succeed": ["succeed"],
    ]
    return Dictionary(uniqueKeysWithValues: groups.flatMap { stem, words in words.map { ($0, stem) } })
  }()

  /// The stem of a word.
  static func stem(_ word: [UInt8]) -> [UInt8] {
    if let known = irregular[String(decoding: word, as: UTF8.self)] { return Array(known.utf8) }
    guard word.count > 2 else { return word }
    var stem = Stem(word)
    stem.removePlural()
    stem.removePastAndParticiple()
    stem.replaceFinalY()
    stem.reduceDoubleSuffixes()
    stem.reduceSuffixes()
    stem.removeSuffixes()
    stem.removeFinalE()
    stem.reduceFinalL()
    return stem.word
  }
}

private struct Stem {
  var word: [UInt8]

  init(_ word: [UInt8]) { self.word = word }

  private typealias Rule = (suffix: StaticString, replacement: StaticString, condition: ((ArraySlice<UInt8>) -> Bool)?)

  private static func isConsonant(_ word: ArraySlice<UInt8>, _ index: Int) -> Bool {
    switch word[index] {
    case UInt8(ascii: "a"), UInt8(ascii: "e"), UInt8(ascii: "i"), UInt8(ascii: "o"), UInt8(ascii: "u"): false
    case UInt8(ascii: "y"): index == word.startIndex || !isConsonant(word, index - 1)
    default: true
    }
  }

  private static func measure(_ word: ArraySlice<UInt8>) -> Int {
    var count = 0
    var previousIsVowel = false
    for index in word.indices {
      let isVowel = !isConsonant(word, index)
      if previousIsVowel, !isVowel { count += 1 }
      previousIsVowel = isVowel
    }
    return count
  }

  private static func hasVowel(_ word: ArraySlice<UInt8>) -> Bool { word.indices.contains { !isConsonant(word, $0) } }

  private static func endsInDoubleConsonant(_ word: ArraySlice<UInt8>) -> Bool {
    guard word.count > 1, let last = word.last else { return false }
    return last == word[word.endIndex - 2] && isConsonant(word, word.endIndex - 1)
  }

  /// Consonant, vowel, consonant other than w, x and y at the end; NLTK also takes a word of vowel and consonant.
  private static func endsShort(_ word: ArraySlice<UInt8>) -> Bool {
    let end = word.endIndex
    if word.count == 2 { return !isConsonant(word, end - 2) && isConsonant(word, end - 1) }
    guard word.count > 2, let last = word.last else { return false }
    return isConsonant(word, end - 3) && !isConsonant(word, end - 2) && isConsonant(word, end - 1)
      && ![UInt8(ascii: "w"), UInt8(ascii: "x"), UInt8(ascii: "y")].contains(last)
  }

  private func ends(_ suffix: StaticString) -> Bool {
    word.count >= suffix.utf8CodeUnitCount && word.suffix(suffix.utf8CodeUnitCount).elementsEqual(suffix.bytes)
  }

  private func dropping(_ suffix: StaticString) -> ArraySlice<UInt8> { word.dropLast(suffix.utf8CodeUnitCount) }

  /// Applies the first rule whose suffix the word has, if its condition holds for what precedes the suffix.
  private mutating func apply(_ rules: [Rule]) {
    guard let rule = rules.first(where: { ends($0.suffix) }) else { return }
    let rest = dropping(rule.suffix)
    if rule.condition?(rest) ?? true { word = Array(rest) + rule.replacement.bytes }
  }

  /// Step 1a.
  mutating func removePlural() {
    if ends("ies"), word.count == 4 {
      word.removeLast()
      return
    }
    apply([("sses", "ss", nil), ("ies", "i", nil), ("ss", "ss", nil), ("s", "", nil)])
  }

  /// Step 1b.
  mutating func removePastAndParticiple() {
    if ends("ied") {
      word.removeLast(word.count == 4 ? 1 : 2)
      return
    }
    if ends("eed") {
      if Self.measure(dropping("eed")) > 0 { word.removeLast() }
      return
    }
    let suffixes: [StaticString] = ["ed", "ing"]
    guard let suffix = suffixes.first(where: { ends($0) && Self.hasVowel(dropping($0)) }) else { return }
    word = Array(dropping(suffix))
    if ends("at") || ends("bl") || ends("iz") {
      word.append(UInt8(ascii: "e"))
    } else if Self.endsInDoubleConsonant(word[...]) {
      let kept = [UInt8(ascii: "l"), UInt8(ascii: "s"), UInt8(ascii: "z")]
      if let last = word.last, !kept.contains(last) { word.removeLast() }
    } else if Self.measure(word[...]) == 1, Self.endsShort(word[...]) {
      word.append(UInt8(ascii: "e"))
    }
  }

  /// Step 1c, after a consonant that is not the first letter.
  mutating func replaceFinalY() {
    guard ends("y"), word.count > 2, Self.isConsonant(word[...], word.count - 2) else { return }
    word[word.count - 1] = UInt8(ascii: "i")
  }

  /// Step 2.
  mutating func reduceDoubleSuffixes() {
    let isLong = { (rest: ArraySlice<UInt8>) in Self.measure(rest) > 0 }
    if ends("alli"), isLong(dropping("alli")) {
      word.removeLast(2)
      reduceDoubleSuffixes()
      return
    }
    // The rule of "logi" looks at the stem with its "log".
    let before = word
    apply([
      ("ational", "ate", isLong), ("tional", "tion", isLong), ("enci", "ence", isLong), ("anci", "ance", isLong),
      ("izer", "ize", isLong), ("bli", "ble", isLong), ("alli", "al", isLong), ("entli", "ent", isLong),
      ("eli", "e", isLong), ("ousli", "ous", isLong), ("ization", "ize", isLong), ("ation", "ate", isLong),
      ("ator", "ate", isLong), ("alism", "al", isLong), ("iveness", "ive", isLong), ("fulness", "ful", isLong),
      ("ousness", "ous", isLong), ("aliti", "al", isLong), ("iviti", "ive", isLong), ("biliti", "ble", isLong),
      ("fulli", "ful", isLong), ("logi", "log", { _ in Self.measure(before.dropLast(3)) > 0 }),
    ])
  }

  /// Step 3.
  mutating func reduceSuffixes() {
    let isLong = { (rest: ArraySlice<UInt8>) in Self.measure(rest) > 0 }
    apply([
      ("icate", "ic", isLong), ("ative", "", isLong), ("alize", "al", isLong), ("iciti", "ic", isLong),
      ("ical", "ic", isLong), ("ful", "", isLong), ("ness", "", isLong),
    ])
  }

  /// Step 4.
  mutating func removeSuffixes() {
    let isLong = { (rest: ArraySlice<UInt8>) in Self.measure(rest) > 1 }
    let followsSOrT = { (rest: ArraySlice<UInt8>) in
      isLong(rest) && (rest.last == UInt8(ascii: "s") || rest.last == UInt8(ascii: "t"))
    }
    apply([
      ("al", "", isLong), ("ance", "", isLong), ("ence", "", isLong), ("er", "", isLong), ("ic", "", isLong),
      ("able", "", isLong), ("ible", "", isLong), ("ant", "", isLong), ("ement", "", isLong), ("ment", "", isLong),
      ("ent", "", isLong), ("ion", "", followsSOrT), ("ou", "", isLong), ("ism", "", isLong), ("ate", "", isLong),
      ("iti", "", isLong), ("ous", "", isLong), ("ive", "", isLong), ("ize", "", isLong),
    ])
  }

  /// Step 5a.
  mutating func removeFinalE() {
    guard ends("e") else { return }
    let rest = word.dropLast()
    let measure = Self.measure(rest)
    if measure > 1 || measure == 1 && !Self.endsShort(rest) { word.removeLast() }
  }

  /// Step 5b.
  mutating func reduceFinalL() {
    if ends("ll"), Self.measure(word.dropLast()) > 1 { word.removeLast() }
  }
}

extension StaticString {
  fileprivate var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount) }
}
