// The syntax tree. Offsets are byte offsets in the template's text.

/// An expression. Chains of operators and accesses are stored as lists, so that long chains do not nest.
indirect enum Expression: Sendable {
  case literal(Literal)
  case name(NameUse)
  case list([Expression])
  case tuple([Expression])
  case dictionary([(key: Expression, value: Expression)], offset: Int)
  /// `a ~ b ~ c`
  case concatenation([Expression])
  /// `a + b - c`, from left to right.
  case arithmetic(Expression, [(operation: Arithmetic, operand: Expression, offset: Int)])
  /// `a and b and c`
  case all([Expression])
  /// `a or b or c`
  case any([Expression])
  case not(Expression)
  case negative(Expression, offset: Int)
  case positive(Expression, offset: Int)
  /// `a < b <= c`
  case comparison(Expression, [(relation: Relation, operand: Expression, offset: Int)])
  /// `value if condition else other`
  case conditional(condition: Expression, value: Expression, other: Expression?)
  /// `a.b[c](d) | e is f`
  case chain(Expression, [Access])
}

enum Literal: Sendable, Equatable {
  case none
  case bool(Bool)
  case integer(BigInteger)
  case float(Double)
  case string(Text)
}

enum Arithmetic: String, Sendable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case floorDivide = "//"
  case modulo = "%"
  case power = "**"
}

enum Relation: String, Sendable {
  case equal = "=="
  case unequal = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case isIn = "in"
  case isNotIn = "not in"
}

/// An access to a value: attribute, element, slice, call, filter or test.
enum Access: Sendable {
  case attribute(Text, offset: Int)
  case item(Expression, offset: Int)
  case slice(start: Expression?, stop: Expression?, step: Expression?, offset: Int)
  case call(CallArguments, offset: Int)
  case filter(Text, CallArguments, offset: Int)
  case test(Text, CallArguments, isNegated: Bool, offset: Int)
}

/// The arguments of a call, filter or test.
struct CallArguments: Sendable {
  var positional: [Expression] = []
  var named: [(name: Text, value: Expression)] = []
  /// `*list`
  var spread: Expression?
  /// `**dictionary`
  var namedSpread: Expression?
}

/// A use of a variable. `number` is its index in the lookups of `Scopes`.
struct NameUse: Sendable {
  let name: Text
  let number: Int
  let offset: Int
}

/// The target of an assignment.
indirect enum Target: Sendable {
  case name(NameUse)
  /// `namespace.attribute`
  case attribute(of: NameUse, Text)
  case tuple([Target], offset: Int)
}

indirect enum Statement: Sendable {
  case text(Text)
  case print(Expression, offset: Int)
  case conditional([(condition: Expression, body: [Statement])], otherwise: [Statement])
  case loop(Loop)
  case assignment(Target, Expression, offset: Int)
  /// `{% set x | filter %}…{% endset %}`
  case captured(Target, filters: [Access], Block, offset: Int)
  case macro(MacroDefinition)
  /// `{% call(a) m() %}…{% endcall %}`
  case call(Expression, MacroDefinition, offset: Int)
  case filtered([Access], Block, offset: Int)
  case with([(target: Target, value: Expression)], Block, offset: Int)
  /// `{% generation %}…{% endgeneration %}`: marks the model's part of the conversation.
  case generation(Block)
  case block(name: Text, Block)
  /// A tag that loads another template: `include`, `import`, `from`, `extends`.
  case otherTemplate(tag: String, offset: Int)
  case leaveLoop(offset: Int)
  case nextIteration(offset: Int)
}

/// Statements in a scope of their own; `frame` is the scope's number.
struct Block: Sendable {
  var body: [Statement]
  let frame: Int
}

struct Loop: Sendable {
  let target: Target
  let sequence: Expression
  /// The `if` condition of the loop, in a separate scope with its own copy of the target.
  let filter: (target: Target, condition: Expression, frame: Int)?
  let isRecursive: Bool
  /// The variable `loop`; `nil` if the body does not read it.
  let variable: NameUse?
  let block: Block
  let otherwise: Block
  let offset: Int
}

struct MacroDefinition: Sendable {
  /// The variable that holds the macro; `nil` for the block of a `call`.
  let variable: NameUse?
  let parameters: [NameUse]
  /// The defaults of the last parameters.
  let defaults: [Expression]
  /// The special variables of a macro; `nil` if it does not read them.
  let caller: NameUse?
  let varargs: NameUse?
  let kwargs: NameUse?
  let block: Block
  let offset: Int

  var name: Text { variable?.name ?? "caller" }
}
