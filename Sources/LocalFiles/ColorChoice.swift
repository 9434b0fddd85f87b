/// When colours are used.
public enum ColorChoice: String, Sendable, Hashable, CaseIterable {
  /// Where the terminal has them and `NO_COLOR` is not set.
  case auto
  /// Always.
  case always
  /// Never.
  case never
}
