/// What a template may use. A template that reaches a limit ends with an error of kind ``TemplateError/Kind/limit``.
///
/// The defaults are far above the needs of published chat templates, and end a hostile one within a second.
public struct TemplateLimits: Sendable, Equatable {
  /// Steps of evaluation: one for each operation, and more where it reads or makes large values. A step takes some
  /// 100 ns.
  public var steps: Int
  /// Bytes of the rendered text.
  public var outputBytes: Int
  /// Bytes of all values that are made during one rendering, taken together.
  public var valueBytes: Int
  /// Nested blocks, operations and calls in evaluation, at most ``deepest``, because the evaluator is recursive.
  public var depth: Int
  /// Bytes of a template's text.
  public var sourceBytes: Int

  /// The upper bound of ``depth``: what fits a stack of 512 KiB.
  public static let deepest = 220

  /// The levels of brackets and blocks that the text of a template may nest.
  static let syntaxDepth = 100

  /// The levels that a value may nest.
  static let valueDepth = 160

  /// Limits with these values.
  public init(
    steps: Int = 2_500_000, outputBytes: Int = 32 << 20, valueBytes: Int = 512 << 20, depth: Int = deepest,
    sourceBytes: Int = 4 << 20
  ) {
    self.steps = max(steps, 0)
    self.outputBytes = max(outputBytes, 0)
    self.valueBytes = max(valueBytes, 0)
    self.depth = min(max(depth, 0), Self.deepest)
    self.sourceBytes = max(sourceBytes, 0)
  }
}

/// How white space around tags is treated.
public struct TemplateOptions: Sendable, Equatable {
  /// Whether the line break behind a block or comment is removed.
  public var trimsBlocks: Bool
  /// Whether spaces between the start of a line and a block or comment are removed.
  public var stripsLines: Bool

  /// Both are on for chat templates, as in transformers.
  public init(trimsBlocks: Bool = true, stripsLines: Bool = true) {
    self.trimsBlocks = trimsBlocks
    self.stripsLines = stripsLines
  }
}
