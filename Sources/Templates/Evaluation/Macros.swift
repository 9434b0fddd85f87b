/// A macro, or the block of a `call`: a function that renders its body.
final class Macro: TemplateObject {
  private let definition: MacroDefinition
  /// The scope in which the macro was defined.
  private let outer: Frame

  init(_ definition: MacroDefinition, in outer: Frame) {
    self.definition = definition
    self.outer = outer
  }

  override var typeName: String { "Macro" }
  override var representation: String {
    definition.variable.map { "<Macro '\($0.name.string)'>" } ?? "<Macro 'caller'>"
  }
  override var isCallable: Bool { true }

  override func attribute(_ name: Text, _ renderer: Renderer) throws(TemplateError) -> Value? {
    switch name {
    case "name": .string(definition.name)
    case "arguments": try .tuple(definition.parameters.map { .string($0.name) })
    case "catch_kwargs": .bool(definition.kwargs != nil)
    case "catch_varargs": .bool(definition.varargs != nil)
    case "caller": .bool(definition.caller != nil)
    default: nil
    }
  }

  override func call(_ arguments: Arguments, _ renderer: Renderer) throws(TemplateError) -> Value {
    try renderer.charge(4)
    try renderer.enter()
    defer { renderer.leave() }
    let inner = Frame(slots: renderer.program.scopes.slotCounts[definition.block.frame], parent: outer)
    let text = try renderer.inside(inner) { () throws(TemplateError) -> Text in
      try setParameters(arguments, renderer)
      return try renderer.capturing { () throws(TemplateError) in try renderer.run(definition.block.body) }.text
    }
    return .string(text)
  }

  @inline(never)
  private func setParameters(_ arguments: Arguments, _ renderer: Renderer) throws(TemplateError) {
    let parameters = definition.parameters
    var named = arguments.named
    try renderer.charge(parameters.count + named.count * named.count >> 3)
    let take = { (name: Text) -> Value? in
      named.firstIndex { $0.name == name }.map { named.remove(at: $0).value }
    }
    var missing: [Int] = []
    for (index, parameter) in parameters.enumerated() {
      if index < arguments.positional.count {
        renderer.set(parameter, to: arguments.positional[index])
      } else if let value = take(parameter.name) {
        renderer.set(parameter, to: value)
      } else {
        missing.append(index)
      }
    }
    if let caller = definition.caller {
      renderer.set(caller, to: take("caller") ?? .missing("no caller is defined"))
    }
    if let kwargs = definition.kwargs {
      var builder = MappingBuilder()
      for (name, value) in named { builder.set(name, value) }
      renderer.set(kwargs, to: .dictionary(try builder.build()))
    } else if let extra = named.first {
      throw .runtime(
        "the macro '\(definition.name.string)' has no such argument", expected: "its parameters",
        found: "'\(extra.name.string)'")
    }
    let rest = arguments.positional.dropFirst(parameters.count)
    if let varargs = definition.varargs {
      renderer.set(varargs, to: try .tuple(Array(rest)))
    } else if !rest.isEmpty {
      throw .runtime(
        "too many arguments for the macro '\(definition.name.string)'", expected: "at most \(parameters.count)",
        found: "\(arguments.positional.count)")
    }
    // Defaults may refer to earlier parameters.
    for index in missing {
      let fallback = index - (parameters.count - definition.defaults.count)
      renderer.set(
        parameters[index],
        to: fallback >= 0
          ? try renderer.evaluate(definition.defaults[fallback])
          : .missing("the parameter '\(parameters[index].name.string)' was not given"))
    }
  }
}

extension Renderer {
  func makeMacro(_ definition: MacroDefinition) -> Macro {
    keep(frame)
    return Macro(definition, in: frame)
  }

  /// `{% call(…) macro(…) %}`: calls a macro, in which `caller()` renders the block.
  @inline(never)
  func call(_ expression: Expression, _ definition: MacroDefinition, _ place: Int) throws(TemplateError) {
    guard case .chain(let base, let steps) = expression, case .call(let arguments, _) = steps.last else { return }
    var callee = try evaluate(base)
    for step in steps.dropLast() { callee = try access(callee, step) }
    var values = try evaluate(arguments)
    values.named.append(("caller", .object(makeMacro(definition))))
    offset = place
    try write(try printed(try call(callee, values)))
  }
}
