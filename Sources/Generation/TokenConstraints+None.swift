import Models

extension TokenConstraints {
  /// Nothing is forced or forbidden.
  public static var none: TokenConstraints { GenerationConfiguration().constraints }
}
