/// Resource limits of a template. Reaching one throws an error of kind ``TemplateError/Kind/limit``.
///
/// The defaults are far above the needs of published chat templates, and stop a malicious template within a second.
public struct TemplateLimits: Sendable, Equatable {
  /// Steps of evaluation: one for each operation, and more for operations on large values. A step takes about 100 ns.
  public var steps: Int
  /// Maximum size of the rendered text, in bytes.
  public var outputBytes: Int
  /// Maximum total size of all values created during one rendering, in bytes.
  public var valueBytes: Int
  /// Maximum nesting of blocks, operations and calls during evaluation; at most ``deepest``, because the evaluator is
  /// recursive.
  public var depth: Int
  /// Maximum size of a template's text, in bytes.
  public var sourceBytes: Int

  /// The upper bound of ``depth``; rendering at this depth fits in a stack of 512 KiB.
  public static let deepest = 220

  /// Maximum nesting of brackets and blocks in a template's text.
  static let syntaxDepth = 100

  /// Maximum nesting of values.
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

/// Treatment of white space around tags.
public struct TemplateOptions: Sendable, Equatable {
  /// Whether the line break after a block or comment is removed.
  public var trimsBlocks: Bool
  /// Whether spaces between the start of a line and a block or comment are removed.
  public var stripsLines: Bool

  /// Options; the defaults are those of chat templates in transformers.
  public init(trimsBlocks: Bool = true, stripsLines: Bool = true) {
    self.trimsBlocks = trimsBlocks
    self.stripsLines = stripsLines
  }
}
