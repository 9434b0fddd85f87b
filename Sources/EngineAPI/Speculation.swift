/// Settings of speculative decoding: several tokens are proposed and verified in one pass. It does not change the
/// generated tokens.
public struct Speculation: Sendable, Hashable {
  /// True to propose continuations of earlier occurrences of the last tokens in the text (prompt lookup).
  public var looksUpPrompt: Bool
  /// A smaller draft model with the same vocabulary; it proposes tokens when the lookup finds nothing.
  public var draft: ModelReference?
  /// The maximum number of tokens proposed at a time.
  public var most: Int

  /// Settings with these values.
  public init(looksUpPrompt: Bool = false, draft: ModelReference? = nil, most: Int = Limits.defaultGuesses) {
    self.looksUpPrompt = looksUpPrompt
    self.draft = draft
    self.most = most
  }

  /// No speculative decoding.
  public static let off = Speculation()

  /// True if tokens are proposed.
  public var isOn: Bool { most > 0 && (looksUpPrompt || draft != nil) }
}
