extension RegexProgram {
  /// Whether the pattern contains lookarounds or assertions.
  var looksAround: Bool {
    instructions.contains { instruction in
      switch instruction {
      case .look, .assert: true
      default: false
      }
    }
  }

  /// Whether any instruction can consume the character.
  func takes(_ code: UInt32) -> Bool { sets.contains { $0.contains(code) } }

  /// The letters between which a space can be cut off: a match that reaches the letter before the space always ends
  /// there, without looking at the space, and a match that begins at the space always includes the letter after it. The
  /// matches are then the same whether or not the text is cut before the space. `nil` if the pattern contains
  /// look-behinds or assertions.
  func lettersApart(from space: UInt32, _ letters: Set<UInt32>) -> Set<UInt32>? {
    for instruction in instructions {
      switch instruction {
      case .look(_, let ahead, _, _) where !ahead: return nil
      case .assert: return nil
      default: break
      }
    }
    return letters.filter { !reaches(space, behind: $0) && beginsWord(space, $0) }
  }

  /// Whether a match that begins at the space includes the letter, tested with various continuations.
  private func beginsWord(_ space: UInt32, _ letter: UInt32) -> Bool {
    var word: [UInt8] = []
    word.append(scalar: space)
    let spaceLength = word.count
    word.append(scalar: letter)
    return ["", "a", " ", ".", "1", "'", "\n", "é", "日"].allSatisfy { rest in
      (word + Array(rest.utf8)).withUnsafeBufferPointer { text in
        var matcher = RegexMatcher(self, text, 0..<text.count, budget: 100_000)
        return (matcher.match(at: 0) ?? 0) > spaceLength
      }
    }
  }

  /// Whether some path through the instructions consumes the letter and then the space, or looks ahead after the
  /// letter.
  private func reaches(_ space: UInt32, behind letter: UInt32) -> Bool {
    for (index, instruction) in instructions.enumerated() {
      let starts: [Int]
      switch instruction {
      case .set(let set) where sets[set].contains(letter): starts = [index + 1]
      case .run(let set, _, _, _) where sets[set].contains(letter):
        if sets[set].contains(space) { return true }
        starts = [index + 1]
      default: continue
      }
      if takesNext(space, from: starts) { return true }
    }
    return false
  }

  private func takesNext(_ space: UInt32, from starts: [Int]) -> Bool {
    var seen: Set<Int> = []
    var open = starts
    while let index = open.popLast() {
      guard seen.insert(index).inserted else { continue }
      switch instructions[index] {
      case .set(let set): if sets[set].contains(space) { return true }
      case .run(let set, let min, _, _):
        if sets[set].contains(space) { return true }
        if min == 0 { open.append(index + 1) }
      case .split(let first, let second): open += [first, second]
      case .jump(let target): open.append(target)
      case .mark, .checkProgress: open.append(index + 1)
      case .atomic: open.append(index + 1)
      // The end of an atomic group continues after the group; the end of a lookaround leads nowhere.
      case .end: if isEndOfStep(index) { open.append(index + 1) }
      case .look, .assert: return true
      }
    }
    return false
  }

  private func isEndOfStep(_ index: Int) -> Bool {
    instructions.contains { instruction in
      if case .atomic(let next) = instruction { next == index + 1 } else { false }
    }
  }
}
