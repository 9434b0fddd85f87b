/// How tokens are guessed ahead so that several are checked in one pass. A guess changes no token, only the time.
public struct Speculation: Sendable, Hashable {
  /// Whether the text's own repetitions are guessed from.
  public var looksUpPrompt: Bool
  /// A smaller model with the same vocabulary that guesses where the text does not repeat itself.
  public var draft: ModelReference?
  /// How many tokens are guessed at a time at the most.
  public var most: Int

  /// A way of guessing.
  public init(looksUpPrompt: Bool = false, draft: ModelReference? = nil, most: Int = 7) {
    self.looksUpPrompt = looksUpPrompt
    self.draft = draft
    self.most = most
  }

  /// No guesses.
  public static let off = Speculation()

  /// Whether anything is guessed.
  public var isOn: Bool { most > 0 && (looksUpPrompt || draft != nil) }
}
