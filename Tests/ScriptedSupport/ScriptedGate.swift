/// Holds the tokens of streams back until a test lets them through, so that a story can act in the middle of a stream
/// without a clock.
public actor ScriptedGate {
  private var open: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  /// A gate through which `open` tokens may pass at once.
  public init(open: Int = 0) { self.open = open }

  /// Lets `count` more tokens through.
  public func letThrough(_ count: Int) {
    open += count
    while open > 0, !waiting.isEmpty {
      open -= 1
      waiting.removeFirst().resume()
    }
  }

  /// How many tokens wait before the gate.
  public var held: Int { waiting.count }

  /// Waits to be let through. A stream that is left meanwhile is let through with the next token.
  func pass() async {
    if open > 0 {
      open -= 1
      return
    }
    await withCheckedContinuation { waiting.append($0) }
  }
}
