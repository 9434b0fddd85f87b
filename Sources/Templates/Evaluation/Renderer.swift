/// One rendering of a template: its variables, output and what it has used of the limits.
final class Renderer {
  let program: Program
  let limits: TemplateLimits
  let time: TemplateTime
  /// The variables that the caller gives.
  let context: [Text: Value]
  /// The variables that the outermost scope has set, which named blocks see.
  var exported: [Text: Value] = [:]
  private var globals: [Text: Value] = [:]

  /// The scope being rendered.
  var frame: Frame
  /// The text being rendered: the template's own, then those of blocks that capture it.
  private var outputs: [Text] = [.empty]
  /// The code points in the template's own output so far.
  private var outputCount = 0
  private var outputBytes = 0
  /// Ranges of code points that `generation` blocks have written.
  private(set) var generated: [Range<Int>] = []

  /// The offset of the operation under way, for errors.
  var offset = 0
  private var steps = 0
  private var valueBytes = 0
  private var depth = 0
  /// What may refer to itself, and is emptied at the end.
  private var stateful: [any Emptied] = []

  init(
    _ program: Program, context: [Text: Value], time: TemplateTime, limits: TemplateLimits
  ) {
    self.program = program
    self.context = context
    self.time = time
    self.limits = limits
    frame = Frame(slots: program.scopes.slotCounts[0], parent: nil, isTemplate: true)
  }

  /// Renders the whole template.
  func render() throws(TemplateError) -> (text: Text, generated: [Range<Int>]) {
    defer { for object in stateful { object.empty() } }
    keep(frame)
    do throws(TemplateError) {
      _ = try run(program.body)
    } catch {
      var error = error
      if error.place == nil { error.place = TemplatePlace(offset: offset, in: program.source) }
      throw error
    }
    return (outputs[0], generated)
  }

  // MARK: - Limits

  /// Counts steps of evaluation.
  func charge(_ count: Int) throws(TemplateError) {
    steps &+= count
    guard steps <= limits.steps else {
      throw TemplateError(
        .limit, "rendering takes too long", expected: "at most \(limits.steps) steps", found: "more",
        hint: "the template may loop without end")
    }
  }

  /// Counts bytes of a value before or after it is made.
  func reserve(_ bytes: Int) throws(TemplateError) {
    let (sum, overflows) = valueBytes.addingReportingOverflow(bytes)
    guard !overflows, sum <= limits.valueBytes else {
      throw TemplateError(
        .limit, "the values take too much memory", expected: "at most \(limits.valueBytes) bytes", found: "more")
    }
    valueBytes = sum
    try charge(bytes >> 6)
  }

  /// Counts the bytes of `count` parts of a size.
  func reserve(_ count: Int, of bytes: Int) throws(TemplateError) {
    let (product, overflows) = max(count, 0).multipliedReportingOverflow(by: bytes)
    try reserve(overflows ? Int.max : product)
  }

  /// Counts a text whose code points are looked at one by one.
  func scan(_ text: Text) throws(TemplateError) { try charge(text.bytes.count >> 1) }

  /// Counts entries of a dictionary, which are hashed.
  func reserveEntries(_ count: Int) throws(TemplateError) {
    try reserve(count, of: 64)
    try charge(count * 2)
  }

  /// Goes one level deeper; each call needs a ``leave()``.
  func enter() throws(TemplateError) {
    guard depth < limits.depth else {
      throw TemplateError(
        .limit, "evaluation nests too deep", expected: "at most \(limits.depth) levels", found: "more",
        hint: "a macro may call itself without end")
    }
    depth += 1
  }

  func leave() { depth -= 1 }

  /// Keeps an object that may refer to itself, to empty it at the end.
  func keep(_ object: some Emptied) { stateful.append(object) }

  /// Keeps a scope that a value refers to.
  func keep(_ frame: Frame) {
    if !frame.isKept { stateful.append(frame) }
    frame.isKept = true
  }

  // MARK: - Output

  /// Writes text to the innermost output.
  func write(_ text: Text) throws(TemplateError) {
    let isOwn = outputs.count == 1
    if isOwn {
      outputBytes += text.bytes.count
      outputCount += text.count
      guard outputBytes <= limits.outputBytes else {
        throw TemplateError(
          .limit, "the output is too long", expected: "at most \(limits.outputBytes) bytes", found: "more")
      }
      try charge(text.bytes.count >> 6)
    } else {
      try reserve(text.bytes.count)
    }
    outputs[outputs.count - 1].bytes += text.bytes
  }

  /// Renders into an output of its own.
  func capturing(
    _ body: () throws(TemplateError) -> Flow
  ) throws(TemplateError) -> (text: Text, flow: Flow) {
    outputs.append(.empty)
    let flow: Flow
    do throws(TemplateError) {
      flow = try body()
    } catch {
      outputs.removeLast()
      throw error
    }
    return (outputs.removeLast(), flow)
  }

  /// Notes that a `generation` block has given a text, which comes next in the output.
  func noteGenerated(_ text: Text) { generated.append(outputCount..<outputCount + text.count) }

  // MARK: - Variables

  /// Runs `body` with a scope of its own.
  func scoped<R>(
    _ number: Int, _ body: () throws(TemplateError) -> R
  ) throws(TemplateError) -> R {
    try inside(Frame(slots: program.scopes.slotCounts[number], parent: frame), body)
  }

  /// Runs `body` in a scope that is there.
  func inside<R>(_ inner: Frame, _ body: () throws(TemplateError) -> R) throws(TemplateError) -> R {
    let outer = frame
    frame = inner
    defer { frame = outer }
    return try body()
  }

  func value(of use: NameUse) throws(TemplateError) -> Value {
    let lookup = program.scopes.lookups[use.number]
    for slot in lookup.slots {
      if let value = frame.outer(slot.hops).slots[slot.index] { return value }
    }
    if lookup.reachesContext {
      if let value = exported[use.name] ?? context[use.name] { return value }
      if let value = try global(use.name) { return value }
    }
    return .undefined(Undefined(.variable(use.name)))
  }

  func set(_ use: NameUse, to value: Value) {
    guard let slot = program.scopes.lookups[use.number].slots.first else { return }
    frame.outer(slot.hops).slots[slot.index] = value
    if frame.isTemplate { exported[use.name] = value }
  }

  private func global(_ name: Text) throws(TemplateError) -> Value? {
    if let value = globals[name] { return value }
    guard let value = try Globals.make(name) else { return nil }
    globals[name] = value
    return value
  }
}

/// The variables of a scope while it is rendered.
final class Frame: Emptied {
  var slots: [Value?]
  let parent: Frame?
  /// Whether this is the template's own scope.
  let isTemplate: Bool

  /// Whether the renderer keeps the scope until its end.
  fileprivate var isKept = false

  init(slots: Int, parent: Frame?, isTemplate: Bool = false) {
    self.slots = Array(repeating: nil, count: slots)
    self.parent = parent
    self.isTemplate = isTemplate
  }

  func outer(_ hops: Int) -> Frame {
    var frame = self
    for _ in 0..<hops { frame = frame.parent ?? frame }
    return frame
  }

  /// Removes all values.
  func empty() {
    for index in slots.indices { slots[index] = nil }
  }
}

/// How the statements of a body ended.
enum Flow {
  case finished, leavesLoop, nextIteration
}

/// What a template means: its statements and where their names are looked up.
struct Program: Sendable {
  let source: [UInt8]
  let body: [Statement]
  let scopes: Scopes

  init(_ text: String, options: TemplateOptions) throws(TemplateError) {
    var parser = try Parser(text, options: options)
    body = try parser.parse()
    source = parser.source
    scopes = Scopes(body, uses: parser.uses.count, frames: parser.frames)
    if let (kind, name, offset) = scopes.unknown {
      throw TemplateError(
        .syntax, "an unknown \(kind)", at: TemplatePlace(offset: offset, in: source),
        expected: "a \(kind) of Jinja", found: "'\(name.string)'")
    }
  }
}
