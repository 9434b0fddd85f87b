/// Resolves each name in a template to a variable.
///
/// Jinja does this at compile time: each scope (template, loop, macro, …) has a slot for each name assigned anywhere in
/// it. A name is looked up in the slots of its scope and of the enclosing scopes, from the inside out; a slot without a
/// value is skipped. The context comes last. But if the first mention of the name in the outermost scope that mentions
/// it is an assignment, the context is not used, and the name is undefined until the assignment.
struct Scopes: Sendable {
  /// The lookup of a name.
  struct Lookup: Sendable {
    /// The slots to try, innermost first.
    var slots: [Slot] = []
    /// Whether the context is used if no slot has a value.
    var reachesContext = true
  }

  /// A slot: the number of scopes outward, and the slot's index in that scope.
  struct Slot: Sendable {
    let hops: Int
    let index: Int
  }

  /// The lookup of each use of a name in the template, indexed by the number of the use.
  private(set) var lookups: [Lookup]
  /// The number of slots of each scope.
  private(set) var slotCounts: [Int]
  /// An unknown filter or test outside of any branch. In a branch it is an error only when it is executed.
  private(set) var unknown: (kind: String, name: Text, offset: Int)?

  init(_ template: [Statement], uses: Int, frames: Int) {
    lookups = Array(repeating: Lookup(), count: uses)
    slotCounts = Array(repeating: 0, count: frames)
    resolve(Scope(frame: 0, parent: nil)) { $0.visit(template) }
  }

  /// Resolves the names of a scope, then those of the scopes inside it.
  private mutating func resolve(_ scope: Scope, _ visit: (Scope) -> Void) {
    visit(scope)
    slotCounts[scope.frame] = scope.slotCount
    unknown = unknown ?? scope.unknown
    for use in scope.uses { lookups[use.number] = scope.lookup(use.name) }
    for inner in scope.inner {
      resolve(Scope(frame: inner.frame, parent: inner.isIsolated ? nil : scope), inner.visit)
    }
  }
}

/// The names of one scope, collected before any of them is resolved.
private final class Scope {
  /// A scope inside this one.
  struct Inner {
    let frame: Int
    /// Whether its names are looked up in the context only, as in named blocks.
    var isIsolated = false
    let visit: (Scope) -> Void
  }

  /// What is known about a name in a scope.
  struct Entry {
    /// The index of its slot; `nil` if the name is only read.
    var slot: Int?
    /// Whether the name always has a value: a parameter or a loop's target.
    var isParameter = false
    /// Whether the first mention is an assignment outside of any branch, so that the context is not used.
    var isHidden = false
  }

  let frame: Int
  private let parent: Scope?
  private var entries: [Text: Entry] = [:]
  private(set) var uses: [NameUse] = []
  private(set) var inner: [Inner] = []
  private(set) var slotCount = 0
  private(set) var unknown: (kind: String, name: Text, offset: Int)?
  /// The number of branches around the current statement.
  private var branches = 0

  init(frame: Int, parent: Scope?) {
    self.frame = frame
    self.parent = parent
  }

  // MARK: - Mentions

  private func read(_ use: NameUse) {
    uses.append(use)
    if !isKnown(use.name) { entries[use.name] = Entry() }
  }

  private func set(_ use: NameUse) {
    uses.append(use)
    var entry = entries[use.name] ?? Entry(isHidden: branches == 0 && parent?.isKnown(use.name) != true)
    if entry.slot == nil { entry.slot = newSlot() }
    entries[use.name] = entry
  }

  private func declare(_ use: NameUse) {
    uses.append(use)
    var entry = entries[use.name] ?? Entry()
    entry.isParameter = true
    if entry.slot == nil { entry.slot = newSlot() }
    entries[use.name] = entry
  }

  private func newSlot() -> Int {
    defer { slotCount += 1 }
    return slotCount
  }

  private func isKnown(_ name: Text) -> Bool { entries[name] != nil || parent?.isKnown(name) == true }

  func lookup(_ name: Text) -> Scopes.Lookup {
    var lookup = Scopes.Lookup()
    var scope: Scope? = self
    var hops = 0
    while let current = scope {
      if let entry = current.entries[name] {
        if let slot = entry.slot { lookup.slots.append(Scopes.Slot(hops: hops, index: slot)) }
        // The outermost scope that mentions the name decides.
        lookup.reachesContext = !entry.isHidden
        if entry.isParameter {
          lookup.reachesContext = false
          return lookup
        }
      }
      scope = current.parent
      hops += 1
    }
    return lookup
  }

  // MARK: - Statements

  func visit(_ statements: [Statement]) {
    for statement in statements { visit(statement) }
  }

  private func visit(_ statement: Statement) {
    switch statement {
    case .text, .otherTemplate, .leaveLoop, .nextIteration: break
    case .print(let expression, _): visit(expression)
    case .conditional(let branches, let otherwise):
      self.branches += 1
      for branch in branches {
        visit(branch.condition)
        visit(branch.body)
      }
      visit(otherwise)
      self.branches -= 1
    case .loop(let loop): visit(loop)
    case .assignment(let target, let expression, _):
      visit(expression)
      visit(target)
    case .captured(let target, let filters, let block, _):
      visit(target)
      add(block) { $0.visit(filters) }
    case .macro(let macro):
      macro.variable.map(set)
      visit(macro)
    case .call(let expression, let macro, _):
      visit(expression)
      visit(macro)
    case .filtered(let filters, let block, _): add(block) { $0.visit(filters) }
    case .with(let values, let block, _):
      for value in values { visit(value.value) }
      inner.append(
        Inner(frame: block.frame) { scope in
          for value in values { scope.visit(value.target, isParameter: true) }
          scope.visit(block.body)
        })
    case .generation(let block): add(block)
    case .block(_, let block):
      inner.append(Inner(frame: block.frame, isIsolated: true) { $0.visit(block.body) })
    }
  }

  private func add(_ block: Block, also visitMore: @escaping (Scope) -> Void = { _ in }) {
    inner.append(
      Inner(frame: block.frame) {
        visitMore($0)
        $0.visit(block.body)
      })
  }

  private func visit(_ loop: Loop) {
    visit(loop.sequence)
    if let filter = loop.filter {
      inner.append(
        Inner(frame: filter.frame) {
          $0.visit(filter.target, isParameter: true)
          $0.visit(filter.condition)
        })
    }
    inner.append(
      Inner(frame: loop.block.frame) { scope in
        loop.variable.map(scope.declare)
        scope.visit(loop.target, isParameter: true)
        scope.visit(loop.block.body)
      })
    add(loop.otherwise)
  }

  private func visit(_ macro: MacroDefinition) {
    inner.append(
      Inner(frame: macro.block.frame) { scope in
        for parameter in macro.parameters { scope.declare(parameter) }
        for special in [macro.caller, macro.varargs, macro.kwargs] { special.map(scope.declare) }
        for value in macro.defaults { scope.visit(value) }
        scope.visit(macro.block.body)
      })
  }

  private func visit(_ target: Target, isParameter: Bool = false) {
    switch target {
    case .name(let use): isParameter ? declare(use) : set(use)
    case .attribute(let namespace, _): read(namespace)
    case .tuple(let targets, _): for target in targets { visit(target, isParameter: isParameter) }
    }
  }

  // MARK: - Expressions

  private func visit(_ expressions: [Expression]) {
    for expression in expressions { visit(expression) }
  }

  private func visit(_ expression: Expression) {
    switch expression {
    case .literal: break
    case .name(let use): read(use)
    case .list(let elements), .tuple(let elements), .concatenation(let elements), .all(let elements),
      .any(let elements):
      visit(elements)
    case .dictionary(let entries, _):
      for entry in entries { visit([entry.key, entry.value]) }
    case .arithmetic(let first, let operands):
      visit(first)
      for operand in operands { visit(operand.operand) }
    case .comparison(let first, let operands):
      visit(first)
      for operand in operands { visit(operand.operand) }
    case .not(let operand), .negative(let operand, _), .positive(let operand, _): visit(operand)
    case .conditional(let condition, let value, let other):
      branches += 1
      visit([condition, value])
      other.map(visit)
      branches -= 1
    case .chain(let base, let steps):
      visit(base)
      visit(steps)
    }
  }

  private func visit(_ steps: [Access]) {
    for step in steps {
      switch step {
      case .attribute: break
      case .item(let key, _): visit(key)
      case .slice(let start, let stop, let step, _): visit([start, stop, step].compactMap { $0 })
      case .call(let arguments, _): visit(arguments)
      case .filter(let name, let arguments, let place):
        check(Filters.table[name] != nil, "filter", name, place)
        visit(arguments)
      case .test(let name, let arguments, _, let place):
        check(Tests.table[name] != nil, "test", name, place)
        visit(arguments)
      }
    }
  }

  private func visit(_ arguments: CallArguments) {
    visit(arguments.positional + arguments.named.map(\.value))
    visit([arguments.spread, arguments.namedSpread].compactMap { $0 })
  }

  private func check(_ isKnown: Bool, _ kind: String, _ name: Text, _ offset: Int) {
    if !isKnown, branches == 0, unknown == nil { unknown = (kind, name, offset) }
  }
}
