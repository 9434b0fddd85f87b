/// The filter `urlize`: turns the web and mail addresses in a text into links.
enum Links {
  private static let schemePrefixes = ["https", "http"].map { $0 + "://" }

  static func urlize(_ renderer: Renderer, _ values: [Value]) throws(TemplateError) -> Value {
    let text = try renderer.escaped(try renderer.printed(values[0]))
    var rel = Set(values[4].isNone ? [] : try values[4].text("rel").string.split(separator: " ").map(String.init))
    if values[2].isTrue { rel.insert("nofollow") }
    rel.insert("noopener")
    let relation = try renderer.escaped(Text(rel.sorted().joined(separator: " "))).string
    let target = values[3].isNone ? "" : " target=\"\(try renderer.escaped(try renderer.printed(values[3])).string)\""
    let limit = values[1].isNone ? Int.max : try values[1].int("trim_url_limit")
    var schemes: [String] = []
    if !values[5].isNone {
      for scheme in try renderer.list(values[5]) { schemes.append(try scheme.text("a scheme").string) }
    }
    let shorten = { (url: String) -> String in
      url.unicodeScalars.count > limit
        ? String(String.UnicodeScalarView(url.unicodeScalars.prefix(max(limit, 0)))) + "..." : url
    }
    try renderer.reserve(text.bytes.count, of: 128)
    var result: [UInt8] = []
    for piece in pieces(of: text) {
      let word = Word(piece)
      var middle = word.middle
      let attributes = " rel=\"\(relation)\"\(target)"
      if isAddress(middle) {
        let hasScheme = schemePrefixes.contains(where: middle.hasPrefix)
        middle = "<a href=\"\(hasScheme ? "" : schemePrefixes[0])\(middle)\"\(attributes)>\(shorten(middle))</a>"
      } else if middle.hasPrefix("mailto:"), isMail(String(middle.dropFirst(7))) {
        middle = "<a href=\"\(middle)\">\(middle.dropFirst(7))</a>"
      } else if middle.contains("@"), !middle.hasPrefix("www."), !middle.hasPrefix("@"), !middle.contains(":"),
        isMail(middle)
      {
        middle = "<a href=\"mailto:\(middle)\">\(middle)</a>"
      } else {
        for scheme in schemes where middle != scheme && middle.hasPrefix(scheme) {
          middle = "<a href=\"\(middle)\"\(attributes)>\(middle)</a>"
        }
      }
      let part = word.head + middle + word.tail
      try renderer.reserve(part.utf8.count)
      result += part.utf8
    }
    return .string(Text(result))
  }

  /// Splits a text into words and the white space between them.
  private static func pieces(of text: Text) -> [String] {
    var pieces: [String] = []
    var current: [UInt8] = []
    var isSpace = false
    var index = 0
    while index < text.bytes.count {
      let start = index
      let code = Text.decode(text.bytes, &index)
      if Characters.isSpace(code) != isSpace, !current.isEmpty {
        pieces.append(String(decoding: current, as: UTF8.self))
        current = []
      }
      isSpace = Characters.isSpace(code)
      current += text.bytes[start..<index]
    }
    return current.isEmpty ? pieces : pieces + [String(decoding: current, as: UTF8.self)]
  }

  /// A word, split into leading brackets, the word itself, and trailing punctuation.
  private struct Word {
    var head = ""
    var middle: String
    var tail = ""

    init(_ word: String) {
      middle = word
      let opening = ["(", "<", "&lt;"]
      let closing = [")", ">", ".", ",", "\n", "&gt;"]
      while let mark = opening.first(where: middle.hasPrefix) {
        head += mark
        middle.removeFirst(mark.count)
      }
      while let mark = closing.first(where: middle.hasSuffix) {
        tail = mark + tail
        middle.removeLast(mark.count)
      }
      for (open, close) in [("(", ")"), ("<", ">"), ("&lt;", "&gt;")] {
        let missing = middle.ranges(of: open).count - middle.ranges(of: close).count
        guard missing > 0 else { continue }
        for _ in 0..<min(middle.ranges(of: open).count, tail.ranges(of: close).count) {
          guard let range = tail.ranges(of: close).first else { break }
          middle += tail[..<range.upperBound]
          tail = String(tail[range.upperBound...])
        }
      }
    }
  }

  /// Whether a word is a web address, with or without a scheme.
  private static func isAddress(_ word: String) -> Bool {
    let lower = word.lowercased()
    let scheme = schemePrefixes.first(where: lower.hasPrefix)
    var rest = Substring(lower.dropFirst(scheme?.count ?? 0))
    let hasPrefix = scheme != nil || lower.hasPrefix("www.")
    if scheme == nil, hasPrefix { rest = rest.dropFirst(4) }
    var host = rest.prefix { !"/?#".contains($0) }
    if let colon = host.lastIndex(of: ":") {
      let port = host[host.index(after: colon)...]
      if (1...5).contains(port.count), port.allSatisfy(\.isNumber) {
        host = host[..<colon]
      } else if !host.hasPrefix("[") {
        return false
      }
    }
    if scheme != nil, host.hasPrefix("["), host.hasSuffix("]") { return isIPv6(host.dropFirst().dropLast()) }
    let labels = host.split(separator: ".", omittingEmptySubsequences: false)
    if scheme != nil, labels.count == 4, labels.allSatisfy({ (1...3).contains($0.count) && $0.allSatisfy(\.isNumber) })
    {
      return true
    }
    guard let last = labels.last, labels.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isLabel) }) else { return false }
    let isDomain = (2...63).contains(last.count) && last.allSatisfy { ("a"..."z").contains($0) }
    let isInternational = last.hasPrefix("xn--") && (6...63).contains(last.count)
    if hasPrefix { return isDomain || isInternational }
    let known: Set<Substring> = ["com", "net", "int", "edu", "gov", "org", "info", "mil"]
    return labels.count >= 2 && known.contains(last) && labels.dropLast().allSatisfy { (2...63).contains($0.count) }
  }

  private static func isLabel(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || "_%-".contains(character)
  }

  private static func isIPv6(_ text: Substring) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    return (3...9).contains(parts.count) && parts.allSatisfy { $0.count <= 4 && $0.allSatisfy(\.isHexDigit) }
  }

  private static func isMail(_ word: String) -> Bool {
    guard let at = word.lastIndex(of: "@"), at > word.startIndex else { return false }
    let domain = word[word.index(after: at)...]
    guard let first = domain.first, let dot = domain.lastIndex(of: "."), isWord(first) else { return false }
    let last = domain[domain.index(after: dot)...]
    return !last.isEmpty && last.allSatisfy(isWord)
      && domain[..<dot].allSatisfy { isWord($0) || $0 == "." || $0 == "-" } && dot > domain.startIndex
  }

  private static func isWord(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_"
  }
}
