/// When colors are used, by the names of the command line and the configuration file.
public enum ColorChoice: String, Sendable, Hashable, CaseIterable {
  /// If the terminal supports them and `NO_COLOR` is not set.
  case auto
  /// Always.
  case always
  /// Never.
  case never
}
