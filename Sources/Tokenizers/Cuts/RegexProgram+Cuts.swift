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
    let crossing = setsBeforeSpace(space)
    // All letters share one budget of steps. A malicious pattern uses it up on the first few letters, always the same
    // ones.
    var budget = 1_000_000
    return Set(
      letters.sorted().filter { letter in
        !crossing.contains { sets[$0].contains(letter) } && beginsWord(space, letter, &budget)
      })
  }

  /// Whether a match that begins at the space includes the letter, tested with various continuations.
  private func beginsWord(_ space: UInt32, _ letter: UInt32, _ budget: inout Int) -> Bool {
    var word: [UInt8] = []
    word.append(scalar: space)
    let spaceLength = word.count
    word.append(scalar: letter)
    return ["", "a", " ", ".", "1", "'", "\n", "é", "日"].allSatisfy { rest in
      (word + Array(rest.utf8)).withUnsafeBufferPointer { text in
        var matcher = RegexMatcher(self, text, 0..<text.count, budget: min(budget, 100_000))
        let given = matcher.budget
        let end = matcher.match(at: 0)
        budget -= given - matcher.budget
        return (end ?? 0) > spaceLength
      }
    }
  }

  /// The sets whose character can be consumed right before the space, or before a lookahead.
  private func setsBeforeSpace(_ space: UInt32) -> Set<Int> {
    let leads = leadsToSpace(space)
    var found: Set<Int> = []
    for (index, instruction) in instructions.enumerated() {
      switch instruction {
      case .set(let set): if leads[index + 1] { found.insert(set) }
      case .run(let set, _, _, _): if sets[set].contains(space) || leads[index + 1] { found.insert(set) }
      default: break
      }
    }
    return found
  }

  /// For each instruction, whether some path from it consumes the space next, or looks ahead. Searches backwards from
  /// the ends of such paths: O(instructions).
  private func leadsToSpace(_ space: UInt32) -> [Bool] {
    // The end of an atomic group continues after the group; the end of a lookaround leads nowhere.
    var endsStep = [Bool](repeating: false, count: instructions.count + 1)
    for case .atomic(let next) in instructions { endsStep[next - 1] = true }
    var before = [[Int]](repeating: [], count: instructions.count + 1)
    var leads = [Bool](repeating: false, count: instructions.count + 1)
    var open: [Int] = []
    for (index, instruction) in instructions.enumerated() {
      switch instruction {
      case .set(let set): if sets[set].contains(space) { open.append(index) }
      case .run(let set, let min, _, _):
        if sets[set].contains(space) { open.append(index) }
        if min == 0 { before[index + 1].append(index) }
      case .split(let first, let second):
        before[first].append(index)
        before[second].append(index)
      case .jump(let target): before[target].append(index)
      case .mark, .checkProgress, .atomic: before[index + 1].append(index)
      case .end: if endsStep[index] { before[index + 1].append(index) }
      case .look, .assert: open.append(index)
      }
    }
    while let index = open.popLast() {
      guard !leads[index] else { continue }
      leads[index] = true
      open += before[index]
    }
    return leads
  }
}
