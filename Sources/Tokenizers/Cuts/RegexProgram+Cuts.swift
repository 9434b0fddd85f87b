extension RegexProgram {
  /// Whether the pattern looks at what it does not take.
  var looksAround: Bool {
    instructions.contains { instruction in
      switch instruction {
      case .look, .assert: true
      default: false
      }
    }
  }

  /// Whether some step takes a character.
  func takes(_ code: UInt32) -> Bool { sets.contains { $0.contains(code) } }

  /// The letters behind which a match always ends when a space follows, without a look at that space, and before which
  /// a match takes a space: between those, the matches of a text are the same whether it is cut there or not. `nil`
  /// where the pattern looks back or at the ends of words, lines or the text.
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

  /// Whether a match that begins with the space takes the letter, whatever follows.
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

  /// Whether there is a way through the instructions that takes the letter and next a space, or looks ahead there.
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
      // The end of a group that is taken in one step leads to what follows it; that of a look leads nowhere.
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
