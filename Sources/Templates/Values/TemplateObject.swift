/// A value with its own behavior, such as a function, iterator or namespace. Subclasses override the operations that
/// they support.
class TemplateObject {
  /// The name of the type in Python.
  var typeName: String { "object" }
  /// The printed form.
  var representation: String { "<\(typeName) object>" }
  /// The nesting depth of the value.
  var depth: Int { 1 }
  var isTrue: Bool { length.map { $0 > 0 } ?? true }
  /// The number of elements; `nil` for objects without a length.
  var length: Int? { nil }
  var isCallable: Bool { false }
  /// Whether the object supports access to elements in any order.
  var isSequence: Bool { false }

  /// The value of an attribute; `nil` if there is none.
  func attribute(_ name: Text, _ renderer: Renderer) throws(TemplateError) -> Value? { nil }

  /// The element for a key in brackets; `nil` if there is none.
  func item(_ key: Value, _ renderer: Renderer) throws(TemplateError) -> Value? { nil }

  func call(_ arguments: Arguments, _ renderer: Renderer) throws(TemplateError) -> Value {
    throw .runtime("'\(typeName)' cannot be called", expected: "a function", found: typeName)
  }

  /// An iterator over the elements; `nil` if the object is not iterable.
  func iterator(_ renderer: Renderer) throws(TemplateError) -> ValueIterator? { nil }

  /// An iterator in reverse order; `nil` if the object cannot be reversed.
  func reversed(_ renderer: Renderer) throws(TemplateError) -> ValueIterator? { nil }
}

/// An iterator: a sequence that can be read once. Returned by `map`, `select` and other lazy filters.
final class ValueIterator: TemplateObject {
  /// A step of an iterator; `nil` at the end.
  typealias Next = () throws(TemplateError) -> Value?

  private let name: String
  private let source: Int
  private var advance: Next?

  /// - Parameters:
  ///   - name: the type's name in Python.
  ///   - source: the nesting depth of the values that `next` reads from.
  init(_ name: String = "generator", over source: Int, next: @escaping Next) throws(TemplateError) {
    self.name = name
    self.source = source
    advance = next
    guard source < TemplateLimits.valueDepth else { _ = try nestedDepth([Value.object(TooDeep())]); return }
  }

  /// An iterator over given values.
  convenience init(_ values: [Value], _ name: String = "list_iterator", depth: Int) throws(TemplateError) {
    var index = 0
    try self.init(name, over: depth) { () throws(TemplateError) -> Value? in
      guard index < values.count else { return nil }
      defer { index += 1 }
      return values[index]
    }
  }

  override var typeName: String { name }
  override var depth: Int { source + 1 }

  /// The next value; `nil` at the end and in all later calls.
  func next(_ renderer: Renderer) throws(TemplateError) -> Value? {
    guard let advance else { return nil }
    try renderer.charge(1)
    try renderer.enter()
    defer { renderer.leave() }
    let value = try advance()
    if value == nil { self.advance = nil }
    return value
  }

  override func iterator(_ renderer: Renderer) -> ValueIterator? { self }
}

/// Stands for a value nested too deep.
private final class TooDeep: TemplateObject {
  override var depth: Int { TemplateLimits.valueDepth }
}

/// A function or a method bound to its receiver.
final class NativeFunction: TemplateObject {
  typealias Body = (Renderer, [Value]) throws(TemplateError) -> Value

  private let signature: Signature
  private let receiver: Value?
  private let body: Body

  init(_ signature: Signature, receiver: Value? = nil, body: @escaping Body) throws(TemplateError) {
    self.signature = signature
    self.receiver = receiver
    self.body = body
    _ = try nestedDepth(receiver.map { [$0] } ?? [])
  }

  override var typeName: String { receiver == nil ? "function" : "builtin_function_or_method" }
  override var representation: String { "<\(receiver == nil ? "function" : "built-in method") \(signature.name)>" }
  override var depth: Int { 1 + (receiver?.depth ?? 0) }
  override var isCallable: Bool { true }

  override func call(_ arguments: Arguments, _ renderer: Renderer) throws(TemplateError) -> Value {
    try renderer.charge(2)
    let values = try signature.bind(arguments, renderer)
    return try body(renderer, receiver.map { [$0] + values } ?? values)
  }
}

/// A range of integers.
final class RangeObject: TemplateObject {
  let start: Int
  let stop: Int
  let step: Int
  let count: Int

  /// The longest range that Jinja's sandbox allows.
  static let longest = 100_000

  init(start: Int, stop: Int, step: Int) throws(TemplateError) {
    self.start = start
    self.stop = stop
    self.step = step
    let (distance, overflows) =
      step > 0 ? stop.subtractingReportingOverflow(start) : start.subtractingReportingOverflow(stop)
    let count = distance <= 0 ? 0 : (distance - 1) / Int(clamping: step.magnitude) + 1
    guard !(overflows && (step > 0) == (stop > start)), count <= Self.longest else {
      throw TemplateError(.limit, "a range is too long", expected: "at most \(Self.longest) elements", found: "more")
    }
    self.count = overflows ? 0 : count
  }

  override var typeName: String { "range" }
  override var representation: String { step == 1 ? "range(\(start), \(stop))" : "range(\(start), \(stop), \(step))" }
  override var length: Int? { count }
  override var isSequence: Bool { true }

  func value(at index: Int) -> Value { .int(start + index * step) }

  /// Whether an integer is in the range.
  func contains(_ value: Int) -> Bool {
    guard count > 0 else { return false }
    let last = start + (count - 1) * step
    let bounds = step > 0 ? start...last : last...start
    return bounds.contains(value) && (value - start) % step == 0
  }

  override func attribute(_ name: Text, _ renderer: Renderer) throws(TemplateError) -> Value? {
    switch name {
    case "start": .int(start)
    case "stop": .int(stop)
    case "step": .int(step)
    case "count", "index": try sequenceMethod(name, of: .object(self))
    default: nil
    }
  }

  override func item(_ key: Value, _ renderer: Renderer) -> Value? {
    guard let index = key.index else { return nil }
    let place = index < 0 ? index + count : index
    return (0..<count).contains(place) ? value(at: place) : nil
  }

  override func iterator(_ renderer: Renderer) throws(TemplateError) -> ValueIterator? {
    try elements(0..<count, "range_iterator")
  }

  override func reversed(_ renderer: Renderer) throws(TemplateError) -> ValueIterator? {
    try elements((0..<count).reversed(), "range_iterator")
  }

  private func elements(_ indices: some Sequence<Int>, _ name: String) throws(TemplateError) -> ValueIterator {
    var indices = indices.makeIterator()
    return try ValueIterator(name, over: 0) { () throws(TemplateError) -> Value? in
      indices.next().map { self.value(at: $0) }
    }
  }
}
