/// Holds back the tokens of streams until a test releases them, so that a test can act in the middle of a stream
/// without a clock.
public actor ScriptedGate {
  private var open: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  /// A gate that lets the first `open` tokens through.
  public init(open: Int = 0) { self.open = open }

  /// Releases `count` more tokens.
  public func letThrough(_ count: Int) {
    open += count
    while open > 0, !waiting.isEmpty {
      open -= 1
      waiting.removeFirst().resume()
    }
  }

  /// The number of tokens held back.
  public var held: Int { waiting.count }

  /// Waits until the token is released. If the stream is left meanwhile, the next release resumes it.
  func pass() async {
    if open > 0 {
      open -= 1
      return
    }
    await withCheckedContinuation { waiting.append($0) }
  }
}
