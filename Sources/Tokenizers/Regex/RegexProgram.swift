/// A regular expression compiled to instructions for ``RegexMatcher``.
struct RegexProgram: Sendable {
  enum Instruction: Sendable {
    /// Consumes one character of the set.
    case set(Int)
    /// Consumes as many characters of the set as possible, from `min` to `max`. Unless possessive, backtracking gives
    /// them back one by one.
    case run(Int, min: Int, max: Int, possessive: Bool)
    /// Tries `first`; on failure continues at `second`.
    case split(first: Int, second: Int)
    case jump(Int)
    case assert(RegexAssertion)
    /// Stores the position in a slot.
    case mark(slot: Int)
    /// Fails if no character was consumed since the slot was marked.
    case checkProgress(slot: Int)
    /// Runs the following instructions up to their `end` as one step that is not backtracked into, then continues at
    /// `next`.
    case atomic(next: Int)
    /// Runs the following instructions up to their `end` as a lookaround. `length` is a look-behind's number of
    /// characters.
    case look(next: Int, ahead: Bool, negative: Bool, length: Int)
    case end
  }

  private(set) var instructions: [Instruction] = []
  private(set) var sets: [RegexSet] = []
  private(set) var slots = 0

  /// The maximum number of instructions; nested repetition counts multiply.
  static let mostInstructions = 20_000

  init(_ node: RegexNode) throws(RegexParser.Failure) {
    try emit(node)
    try append(.end)
  }

  private mutating func append(_ instruction: Instruction) throws(RegexParser.Failure) {
    guard instructions.count < Self.mostInstructions else {
      throw RegexParser.Failure(offset: 0, expected: "a pattern of at most \(Self.mostInstructions) steps")
    }
    instructions.append(instruction)
  }

  private mutating func emit(_ node: RegexNode) throws(RegexParser.Failure) {
    switch node {
    case .empty: break
    case .set(let set):
      sets.append(set)
      try append(.set(sets.count - 1))
    case .sequence(let parts):
      for part in parts { try emit(part) }
    case .alternatives(let parts): try emitAlternatives(parts)
    case .repeated(.set(let set), let min, let max, let kind) where kind != .lazy:
      sets.append(set)
      try append(.run(sets.count - 1, min: min, max: max ?? .max, possessive: kind == .possessive))
    case .repeated(let part, let min, let max, .possessive):
      try emitGroup(.repeated(part, min: min, max: max, kind: .greedy)) { .atomic(next: $0) }
    case .repeated(let part, let min, let max, let kind):
      for _ in 0..<min {
        let before = instructions.count
        try emit(part)
        // If a node emits nothing once, it never does; stop, so that nested counts cost no time.
        if instructions.count == before { break }
      }
      if let max {
        try emitOptional(part, count: max - min, lazy: kind == .lazy)
      } else {
        try emitLoop(part, lazy: kind == .lazy)
      }
    case .atomic(let part): try emitGroup(part) { .atomic(next: $0) }
    case .look(let part, let ahead, let negative):
      let length = part.fixedLength
      guard ahead || length != nil else {
        throw RegexParser.Failure(offset: 0, expected: "a look-behind of fixed length")
      }
      try emitGroup(part) { .look(next: $0, ahead: ahead, negative: negative, length: length ?? 0) }
    case .assertion(let assertion): try append(.assert(assertion))
    }
  }

  private mutating func emitAlternatives(_ parts: [RegexNode]) throws(RegexParser.Failure) {
    var jumps: [Int] = []
    for (number, part) in parts.enumerated() {
      if number == parts.count - 1 {
        try emit(part)
      } else {
        let split = instructions.count
        try append(.end)
        try emit(part)
        jumps.append(instructions.count)
        try append(.end)
        instructions[split] = .split(first: split + 1, second: instructions.count)
      }
    }
    for jump in jumps { instructions[jump] = .jump(instructions.count) }
  }

  private mutating func emitOptional(_ part: RegexNode, count: Int, lazy: Bool) throws(RegexParser.Failure) {
    var splits: [Int] = []
    for _ in 0..<count {
      splits.append(instructions.count)
      try append(.end)
      try emit(part)
    }
    for split in splits {
      instructions[split] =
        lazy
        ? .split(first: instructions.count, second: split + 1) : .split(first: split + 1, second: instructions.count)
    }
  }

  private mutating func emitLoop(_ part: RegexNode, lazy: Bool) throws(RegexParser.Failure) {
    let split = instructions.count
    try append(.end)
    let slot = slots
    if part.matchesEmpty {
      slots += 1
      try append(.mark(slot: slot))
    }
    try emit(part)
    if part.matchesEmpty { try append(.checkProgress(slot: slot)) }
    try append(.jump(split))
    instructions[split] =
      lazy ? .split(first: instructions.count, second: split + 1) : .split(first: split + 1, second: instructions.count)
  }

  private mutating func emitGroup(
    _ part: RegexNode, _ instruction: (Int) -> Instruction
  ) throws(RegexParser.Failure) {
    let start = instructions.count
    try append(.end)
    try emit(part)
    try append(.end)
    instructions[start] = instruction(instructions.count)
  }
}
