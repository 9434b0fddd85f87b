/// Splits text at the matches of a regular expression.
struct RegexCutter: Cutter {
  let program: RegexProgram

  /// - Throws: if the pattern is malformed, unsupported or too large.
  init(_ pattern: String) throws(RegexParser.Failure) {
    program = try RegexProgram(try RegexParser.parse(pattern))
  }

  func matches(_ text: TextBuffer, _ range: Range<Int>, _ report: (Range<Int>) -> Void) {
    let budget = 100_000 + range.count.multipliedReportingOverflow(by: 500).partialValue
    var matcher = RegexMatcher(program, text, range, budget: budget)
    var position = range.lowerBound
    while position <= range.upperBound, matcher.budget > 0 {
      guard let end = matcher.match(at: position) else {
        guard position < range.upperBound else { return }
        position += text.scalar(at: position).length
        continue
      }
      if end > position {
        report(position..<end)
        position = end
      } else {
        // An empty match splits the text without consuming a character.
        report(position..<position)
        guard position < range.upperBound else { return }
        position += text.scalar(at: position).length
      }
    }
  }
}

/// Runs a ``RegexProgram`` by backtracking, within a budget of steps.
struct RegexMatcher {
  private enum Choice {
    /// Continue at `instruction` from `position`.
    case resume(instruction: Int, position: Int)
    /// A greedy run can give back characters, one at a time, down to `low`; then continue at `instruction`.
    case giveBack(instruction: Int, position: Int, low: Int)
    case restore(slot: Int, value: Int)
  }

  private let program: RegexProgram
  private let text: TextBuffer
  private let range: Range<Int>
  private var stack: [Choice] = []
  private var slots: [Int]

  /// The remaining number of steps. At 0 nothing matches anymore, so a malicious pattern takes time linear in the text.
  private(set) var budget: Int

  init(_ program: RegexProgram, _ text: TextBuffer, _ range: Range<Int>, budget: Int) {
    self.program = program
    self.text = text
    self.range = range
    self.budget = budget
    slots = [Int](repeating: -1, count: program.slots)
  }

  /// The end of the match that begins at `start`, if there is one.
  mutating func match(at start: Int) -> Int? {
    stack.removeAll(keepingCapacity: true)
    return run(from: 0, at: start)
  }

  /// Runs from an instruction to the `end` of its group; returns the end of the match.
  private mutating func run(from first: Int, at start: Int) -> Int? {
    let base = stack.count
    var instruction = first
    var position = start
    while true {
      budget -= 1
      guard budget > 0 else {
        stack.removeLast(stack.count - base)
        return nil
      }
      var failed = false
      switch program.instructions[instruction] {
      case .set(let number):
        if position < range.upperBound {
          let (code, length) = text.scalar(at: position)
          failed = !program.sets[number].contains(code)
          position += length
        } else {
          failed = true
        }
        instruction += 1
      case .run(let number, let min, let max, let possessive):
        failed = !takeRun(program.sets[number], min, max, possessive, &position, instruction + 1)
        instruction += 1
      case .split(let first, let second):
        stack.append(.resume(instruction: second, position: position))
        instruction = first
      case .jump(let target): instruction = target
      case .assert(let assertion):
        failed = !holds(assertion, position)
        instruction += 1
      case .mark(let slot):
        stack.append(.restore(slot: slot, value: slots[slot]))
        slots[slot] = position
        instruction += 1
      case .checkProgress(let slot):
        failed = slots[slot] == position
        instruction += 1
      case .atomic(let next):
        if let end = run(from: instruction + 1, at: position) {
          position = end
          instruction = next
        } else {
          failed = true
        }
      case .look(let next, let ahead, let negative, let length):
        failed = look(instruction + 1, position, ahead: ahead, length: length) == negative
        instruction = next
      case .end:
        stack.removeLast(stack.count - base)
        return position
      }
      if failed, !backtrack(to: base, &instruction, &position) { return nil }
    }
  }

  /// Returns to the last choice point; `false` if none is left.
  private mutating func backtrack(to base: Int, _ instruction: inout Int, _ position: inout Int) -> Bool {
    while stack.count > base {
      switch stack.removeLast() {
      case .resume(let target, let old):
        instruction = target
        position = old
        return true
      case .giveBack(let target, let old, let low):
        let shorter = old - text.scalar(before: old).length
        if shorter > low { stack.append(.giveBack(instruction: target, position: shorter, low: low)) }
        instruction = target
        position = shorter
        return true
      case .restore(let slot, let value): slots[slot] = value
      }
    }
    return false
  }

  private mutating func takeRun(
    _ set: RegexSet, _ min: Int, _ max: Int, _ possessive: Bool, _ position: inout Int, _ next: Int
  ) -> Bool {
    var count = 0
    var low = position
    while count < max, position < range.upperBound {
      let (code, length) = text.scalar(at: position)
      guard set.contains(code) else { break }
      position += length
      count += 1
      if count == min { low = position }
    }
    budget -= count / 8
    guard count >= min else { return false }
    if !possessive, position > low { stack.append(.giveBack(instruction: next, position: position, low: low)) }
    return true
  }

  private mutating func look(_ first: Int, _ position: Int, ahead: Bool, length: Int) -> Bool {
    if ahead { return run(from: first, at: position) != nil }
    var start = position
    for _ in 0..<length {
      guard start > range.lowerBound else { return false }
      start -= text.scalar(before: start).length
    }
    return run(from: first, at: start) == position
  }

  private func holds(_ assertion: RegexAssertion, _ position: Int) -> Bool {
    let atStart = position == range.lowerBound
    let atEnd = position == range.upperBound
    switch assertion {
    case .lineStart: return atStart || text[position - 1] == 0x0A && !atEnd
    case .lineEnd: return atEnd || text[position] == 0x0A
    case .textStart: return atStart
    case .textEnd: return atEnd
    case .textEndBeforeNewline: return atEnd || position + 1 == range.upperBound && text[position] == 0x0A
    case .wordBoundary, .notWordBoundary:
      let before = !atStart && RegexProperty.word.contains(text.scalar(before: position).code)
      let after = !atEnd && RegexProperty.word.contains(text.scalar(at: position).code)
      return (before != after) == (assertion == .wordBoundary)
    }
  }
}
