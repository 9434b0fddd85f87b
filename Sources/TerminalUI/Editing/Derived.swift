/// A value that is computed from others beside it: where those are equal, it is.
struct Derived<Value: Sendable>: Hashable, Sendable {
  var value: Value

  init(_ value: Value) { self.value = value }

  static func == (_: Derived, _: Derived) -> Bool { true }

  func hash(into _: inout Hasher) {}
}
