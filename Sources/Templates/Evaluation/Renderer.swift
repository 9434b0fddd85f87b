/// One rendering of a template: variables, output, and resource usage.
final class Renderer {
  let program: Program
  let limits: TemplateLimits
  let time: TemplateTime
  /// The variables passed by the caller.
  let context: [Text: Value]
  /// The variables set in the outermost scope, which named blocks can read.
  var exported: [Text: Value] = [:]
  private var globals: [Text: Value] = [:]

  /// The current scope.
  var frame: Frame
  /// The stack of outputs: the template's own, then those of capturing blocks.
  private var outputs: [Text] = [.empty]
  /// Code points in the template's own output.
  private var outputCount = 0
  private var outputBytes = 0
  /// Ranges of code points in the output that were written by `generation` blocks.
  private(set) var generated: [Range<Int>] = []

  /// The byte offset of the current operation, for errors.
  var offset = 0
  private var steps = 0
  private var valueBytes = 0
  private var depth = 0
  /// Objects that may refer to themselves; emptied at the end to break reference cycles.
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

  /// Adds steps of evaluation; throws if the limit is exceeded.
  func charge(_ count: Int) throws(TemplateError) {
    steps &+= count
    guard steps <= limits.steps else {
      throw TemplateError(
        .limit, "rendering takes too long", expected: "at most \(limits.steps) steps", found: "more",
        hint: "the template may loop without end")
    }
  }

  /// Adds bytes of values; throws if the limit is exceeded.
  func reserve(_ bytes: Int) throws(TemplateError) {
    let (sum, overflows) = valueBytes.addingReportingOverflow(bytes)
    guard !overflows, sum <= limits.valueBytes else {
      throw TemplateError(
        .limit, "the values take too much memory", expected: "at most \(limits.valueBytes) bytes", found: "more")
    }
    valueBytes = sum
    try charge(bytes >> 6)
  }

  /// Adds the bytes of `count` parts of `bytes` each.
  func reserve(_ count: Int, of bytes: Int) throws(TemplateError) {
    let (product, overflows) = max(count, 0).multipliedReportingOverflow(by: bytes)
    try reserve(overflows ? Int.max : product)
  }

  /// Adds the steps of an operation that examines each code point of a text.
  func scan(_ text: Text) throws(TemplateError) { try charge(text.bytes.count >> 1) }

  /// Adds the bytes and steps of dictionary entries, which are hashed.
  func reserveEntries(_ count: Int) throws(TemplateError) {
    try reserve(count, of: 64)
    try charge(count * 2)
  }

  /// Increases the nesting depth; balance each call with ``leave()``.
  func enter() throws(TemplateError) {
    guard depth < limits.depth else {
      throw TemplateError(
        .limit, "evaluation nests too deep", expected: "at most \(limits.depth) levels", found: "more",
        hint: "a macro may call itself without end")
    }
    depth += 1
  }

  func leave() { depth -= 1 }

  /// Registers an object that may refer to itself.
  func keep(_ object: some Emptied) { stateful.append(object) }

  /// Registers a scope that a value refers to.
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

  /// Runs `body` and returns its output as a separate text.
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

  /// Records the range of a `generation` block's text, which is written next.
  func noteGenerated(_ text: Text) { generated.append(outputCount..<outputCount + text.count) }

  // MARK: - Variables

  /// Runs `body` in a new scope.
  func scoped<R>(
    _ number: Int, _ body: () throws(TemplateError) -> R
  ) throws(TemplateError) -> R {
    try inside(Frame(slots: program.scopes.slotCounts[number], parent: frame), body)
  }

  /// Runs `body` in an existing scope.
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

/// The variables of a scope during rendering.
final class Frame: Emptied {
  var slots: [Value?]
  let parent: Frame?
  /// Whether this is the template's own scope.
  let isTemplate: Bool

  /// Whether the renderer has registered the scope.
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

/// A parsed template: its statements and the lookups of their names.
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
