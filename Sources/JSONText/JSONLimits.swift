/// What a JSON text may cost its reader.
public struct JSONLimits: Sendable, Equatable {
  /// How deep arrays and objects may nest. The reader calls itself once a level, so never above ``deepest``.
  public var depth: Int

  /// How many bytes the text may have.
  public var bytes: Int

  /// The depth that the reader never goes beyond, whatever was asked.
  public static let deepest = 512

  /// Limits that hold every file that models come with (the largest known tokenizer has 35 MB) and refuse bombs.
  public init(depth: Int = 128, bytes: Int = 512 << 20) {
    self.depth = min(max(depth, 0), Self.deepest)
    self.bytes = max(bytes, 0)
  }
}
