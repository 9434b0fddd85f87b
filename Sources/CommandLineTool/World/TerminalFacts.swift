/// Which of the three standard streams are terminals, and how wide the terminal is.
public struct TerminalFacts: Sendable, Hashable {
  /// Whether standard input is a terminal.
  public var input: Bool
  /// Whether standard output is a terminal.
  public var output: Bool
  /// Whether standard error is a terminal.
  public var error: Bool
  /// Columns of the terminal; 80 where there is none.
  public var columns: Int

  /// Facts; by default nothing is a terminal.
  public init(input: Bool = false, output: Bool = false, error: Bool = false, columns: Int = 80) {
    self.input = input
    self.output = output
    self.error = error
    self.columns = columns
  }
}
