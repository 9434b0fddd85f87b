/// Python's `textwrap.wrap` as called by the filter `wordwrap`, without expanding tabs or replacing white space.
struct WordWrapping {
  let width: Int
  /// Whether words longer than a line are split.
  let breaksWords: Bool
  /// Whether lines may break after hyphens.
  let breaksAtHyphens: Bool

  /// Wraps a text that has no line breaks.
  func wrap(_ codes: [UInt32], _ renderer: Renderer) throws(TemplateError) -> [Text] {
    var chunks = Array(self.chunks(of: codes).reversed())
    var lines: [Text] = []
    while !chunks.isEmpty {
      try renderer.charge(1)
      if !lines.isEmpty, Self.isSpace(chunks[chunks.count - 1]) { chunks.removeLast() }
      var line: [ArraySlice<UInt32>] = []
      var length = 0
      try renderer.charge(4)
      while let chunk = chunks.last, length + chunk.count <= width {
        line.append(chunk)
        length += chunk.count
        chunks.removeLast()
      }
      if let chunk = chunks.last, chunk.count > width {
        handle(&chunks, &line, room: width - length)
        length = line.reduce(0) { $0 + $1.count }
      }
      if let last = line.last, Self.isSpace(last) { line.removeLast() }
      if !line.isEmpty { lines.append(Text(line.joined())) }
    }
    return lines
  }

  /// Handles a word longer than a line: puts as much of it as fits on the line, or all of it on a line of its own.
  private func handle(_ chunks: inout [ArraySlice<UInt32>], _ line: inout [ArraySlice<UInt32>], room: Int) {
    let chunk = chunks[chunks.count - 1]
    if breaksWords {
      let room = max(room, 1)
      var end = room
      if breaksAtHyphens, chunk.count > room {
        let head = chunk.prefix(room)
        // Break after the last hyphen, but not after hyphens that begin the word.
        if let hyphen = head.lastIndex(of: 0x2D), hyphen > chunk.startIndex,
          head[..<hyphen].contains(where: { $0 != 0x2D })
        {
          end = hyphen - chunk.startIndex + 1
        }
      }
      line.append(chunk.prefix(end))
      chunks[chunks.count - 1] = chunk.dropFirst(end)
    } else if line.isEmpty {
      line.append(chunks.removeLast())
    }
  }

  private static func isSpace(_ chunk: ArraySlice<UInt32>) -> Bool { chunk.allSatisfy(Characters.isSpace) }

  // MARK: - Chunks

  /// Splits a text into chunks that are never broken: words, white space, dashes, and parts of hyphenated words.
  private func chunks(of codes: [UInt32]) -> [ArraySlice<UInt32>] {
    var chunks: [ArraySlice<UInt32>] = []
    var start = 0
    var wordEnd = 0
    while start < codes.count {
      if start >= wordEnd { wordEnd = codes[start...].firstIndex(where: Self.isBlank) ?? codes.count }
      let end = chunkEnd(codes, start, wordEnd)
      chunks.append(codes[start..<end])
      start = end
    }
    return chunks
  }

  private func chunkEnd(_ codes: [UInt32], _ start: Int, _ wordEnd: Int) -> Int {
    if Self.isBlank(codes[start]) { return codes[start...].firstIndex { !Self.isBlank($0) } ?? codes.count }
    guard breaksAtHyphens else { return wordEnd }
    if start > 0, Self.isWordPunctuation(codes[start - 1]), let end = dashEnd(codes, start) { return end }
    var end = start + 1
    while end < wordEnd {
      if Self.isWordPunctuation(codes[end - 1]), dashEnd(codes, end) != nil { return end }
      if end > start + 1, codes[end - 1] == 0x2D, isHyphen(codes, end) { return end }
      end += 1
    }
    return wordEnd
  }

  /// The end of a dash (two or more hyphens) that starts at `start` and precedes a word; `nil` if there is none.
  private func dashEnd(_ codes: [UInt32], _ start: Int) -> Int? {
    let end = codes[start...].firstIndex { $0 != 0x2D } ?? codes.count
    return end >= start + 2 && end < codes.count && Self.isWord(codes[end]) ? end : nil
  }

  /// Whether the hyphen before `end` is between letters.
  private func isHyphen(_ codes: [UInt32], _ end: Int) -> Bool {
    let letter = { (index: Int) in codes.indices.contains(index) && Self.isLetter(codes[index]) }
    let isBehindWord = letter(end - 2) && letter(end - 3)
    let isBehindPart =
      letter(end - 4) && codes[end - 3] == 0x2D && Self.isWordPunctuation(codes[end - 2])
    guard isBehindWord || isBehindPart else { return false }
    return letter(end)
      && (letter(end + 1) || codes.indices.contains(end + 1) && codes[end + 1] == 0x2D && letter(end + 2))
  }

  private static func isBlank(_ code: UInt32) -> Bool { (0x09...0x0D).contains(code) || code == 0x20 }
  private static func isWord(_ code: UInt32) -> Bool { code == 0x5F || Characters.isAlphanumeric(code) }
  private static func isLetter(_ code: UInt32) -> Bool { isWord(code) && !Characters.isDecimal(code) }
  private static func isWordPunctuation(_ code: UInt32) -> Bool {
    isWord(code) || "!\"'&.,?".unicodeScalars.contains { $0.value == code }
  }
}
