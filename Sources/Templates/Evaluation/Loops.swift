/// The variable `loop`: the state of a running loop.
final class LoopObject: TemplateObject, Emptied {
  private let loop: Loop
  /// The scope around the loop, used by recursive calls `loop(…)`.
  private let outer: Frame
  private let iterator: ValueIterator
  private let knownLength: Int?
  private let depth0: Int
  private var index0 = -1
  /// Elements that were read ahead; the first has the index `aheadStart`.
  private var ahead: [Value] = []
  private var aheadStart = 0
  private var isAtEnd = false
  private var before: Value?
  private var current: Value?
  private var lastChanged: Value?
  private var isKept = false

  init(
    _ loop: Loop, in outer: Frame, _ iterator: ValueIterator, length: Int?, depth0: Int
  ) throws(TemplateError) {
    self.loop = loop
    self.outer = outer
    self.iterator = iterator
    knownLength = length
    self.depth0 = depth0
    _ = try nestedDepth([.object(iterator)])
  }

  override var typeName: String { "LoopContext" }
  override var representation: String { "<LoopContext \(index0 + 1)/\(knownLength.map(String.init) ?? "?")>" }
  override var depth: Int { iterator.depth + 1 }
  override var isCallable: Bool { true }

  func empty() { lastChanged = nil }

  /// Moves to the next element and returns it; `nil` at the end.
  func advance(_ renderer: Renderer) throws(TemplateError) -> Value? {
    guard let next = try peek(renderer) else { return nil }
    aheadStart += 1
    if aheadStart == ahead.count {
      ahead.removeAll(keepingCapacity: true)
      aheadStart = 0
    }
    index0 += 1
    before = current
    current = next
    return next
  }

  private func peek(_ renderer: Renderer) throws(TemplateError) -> Value? {
    if aheadStart == ahead.count, !isAtEnd {
      if let next = try iterator.next(renderer) { ahead.append(next) } else { isAtEnd = true }
    }
    return aheadStart < ahead.count ? ahead[aheadStart] : nil
  }

  /// The number of elements. Reads an iterator without a length to its end.
  private func count(_ renderer: Renderer) throws(TemplateError) -> Int {
    if let knownLength { return knownLength }
    while let next = try iterator.next(renderer) {
      try renderer.reserve(16)
      ahead.append(next)
    }
    isAtEnd = true
    return index0 + 1 + ahead.count - aheadStart
  }

  override func attribute(_ name: Text, _ renderer: Renderer) throws(TemplateError) -> Value? {
    switch name {
    case "index": return .int(index0 + 1)
    case "index0": return .int(index0)
    case "first": return .bool(index0 == 0)
    case "last": return .bool(try peek(renderer) == nil)
    case "length": return .int(try count(renderer))
    case "revindex": return .int(try count(renderer) - index0)
    case "revindex0": return .int(try count(renderer) - index0 - 1)
    case "depth": return .int(depth0 + 1)
    case "depth0": return .int(depth0)
    case "previtem": return before ?? .missing("there is no previous item")
    case "nextitem": return try peek(renderer) ?? .missing("there is no next item")
    case "cycle", "changed": return .object(try method(name))
    default: return nil
    }
  }

  private static let signature = Signature("loop", "iterable")
  private static let cycle = Signature("cycle", "*values")
  private static let changed = Signature("changed", "*values")

  private func method(_ name: Text) throws(TemplateError) -> NativeFunction {
    try NativeFunction(name == "cycle" ? Self.cycle : Self.changed, receiver: .object(self)) {
      (renderer, values) throws(TemplateError) in
      guard case .tuple(let values) = values[1] else { return .none }
      if name == "cycle" {
        guard !values.values.isEmpty else {
          throw .runtime("nothing to cycle through", expected: "one value or more", found: "none")
        }
        return values.values[max(self.index0, 0) % values.values.count]
      }
      if !self.isKept {
        renderer.keep(self)
        self.isKept = true
      }
      if let last = self.lastChanged, try renderer.areEqual(last, .tuple(values)) { return .bool(false) }
      self.lastChanged = .tuple(values)
      return .bool(true)
    }
  }

  /// `loop(children)` renders the loop's body with other elements.
  override func call(_ arguments: Arguments, _ renderer: Renderer) throws(TemplateError) -> Value {
    guard loop.isRecursive else {
      throw .runtime("the loop cannot be called", expected: "the word 'recursive' in its tag", found: "none")
    }
    let values = try Self.signature.bind(arguments, renderer)
    try renderer.enter()
    defer { renderer.leave() }
    return .string(
      try renderer.inside(outer) { () throws(TemplateError) -> Text in
        try renderer.capturing { () throws(TemplateError) in
          try renderer.run(loop, over: values[0], depth0: depth0 + 1)
        }.text
      })
  }
}

extension Renderer {
  @inline(never)
  func run(_ loop: Loop) throws(TemplateError) -> Flow {
    let sequence = try evaluate(loop.sequence)
    offset = loop.offset
    if loop.isRecursive {
      // A recursive loop is a function in Jinja: `break` and `continue` cannot leave it.
      _ = try run(loop, over: sequence, depth0: 0)
      return .finished
    }
    return try run(loop, over: sequence, depth0: 0)
  }

  /// Runs a loop. Returns how its `else` part ended.
  @inline(never)
  func run(_ loop: Loop, over sequence: Value, depth0: Int) throws(TemplateError) -> Flow {
    var iterator = try iterate(sequence)
    var length = sequence.isIterator ? nil : try self.length(of: sequence)
    if let filter = loop.filter {
      iterator = try filtered(iterator, filter)
      length = nil
    }
    if loop.isRecursive { keep(frame) }
    let inner = Frame(slots: program.scopes.slotCounts[loop.block.frame], parent: frame)
    let object =
      loop.variable == nil ? nil : try LoopObject(loop, in: frame, iterator, length: length, depth0: depth0)
    var isEmpty = true
    try inside(inner) { () throws(TemplateError) in
      defer { inner.empty() }
      while let value = try object == nil ? iterator.next(self) : object?.advance(self) {
        isEmpty = false
        inner.empty()
        if let object, let variable = loop.variable { set(variable, to: .object(object)) }
        try assign(value, to: loop.target)
        if try run(loop.block.body) == .leavesLoop { break }
      }
    }
    guard isEmpty, !loop.otherwise.body.isEmpty else { return .finished }
    return try scoped(loop.otherwise.frame) { () throws(TemplateError) in try run(loop.otherwise.body) }
  }

  /// The elements for which the loop's condition is true.
  private func filtered(
    _ iterator: ValueIterator, _ filter: (target: Target, condition: Expression, frame: Int)
  ) throws(TemplateError) -> ValueIterator {
    keep(frame)
    let inner = Frame(slots: program.scopes.slotCounts[filter.frame], parent: frame)
    return try ValueIterator(over: iterator.depth) { [self] () throws(TemplateError) -> Value? in
      try inside(inner) { () throws(TemplateError) -> Value? in
        while let value = try iterator.next(self) {
          inner.empty()
          try assign(value, to: filter.target)
          if try evaluate(filter.condition).isTrue { return value }
        }
        return nil
      }
    }
  }
}
