// What a template says, as the parser reads it. Offsets are those of bytes in the template's text.

/// An expression. Chains of operators and of accesses are lists, so that long chains do not nest.
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

/// A step from a value to another.
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

/// One place where a variable is read or set. `number` finds what `Scopes` knows about it.
struct NameUse: Sendable {
  let name: Text
  let number: Int
  let offset: Int
}

/// What an assignment sets.
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
  /// `{% generation %}…{% endgeneration %}`: what a model has written or is to write.
  case generation(Block)
  case block(name: Text, Block)
  /// A tag that needs another template: `include`, `import`, `from`, `extends`.
  case otherTemplate(tag: String, offset: Int)
  case leaveLoop(offset: Int)
  case nextIteration(offset: Int)
}

/// Statements with variables of their own; `frame` is the number of their scope.
struct Block: Sendable {
  var body: [Statement]
  let frame: Int
}

struct Loop: Sendable {
  let target: Target
  let sequence: Expression
  /// The condition behind `if`, in a scope of its own with a copy of the target.
  let filter: (target: Target, condition: Expression, frame: Int)?
  let isRecursive: Bool
  /// The variable `loop`, if the body reads it.
  let variable: NameUse?
  let block: Block
  let otherwise: Block
  let offset: Int
}

struct MacroDefinition: Sendable {
  /// The variable that holds the macro; `nil` for the block of a call.
  let variable: NameUse?
  let parameters: [NameUse]
  /// The defaults of the last parameters.
  let defaults: [Expression]
  /// The variables that a macro has if it reads them.
  let caller: NameUse?
  let varargs: NameUse?
  let kwargs: NameUse?
  let block: Block
  let offset: Int

  var name: Text { variable?.name ?? "caller" }
}
