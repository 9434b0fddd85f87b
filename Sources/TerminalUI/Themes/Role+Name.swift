extension Role {
  /// The names of roles in theme files. The heat scale has its own key.
  static let named: [String: Role] = [
    "text": .text, "dim": .dim, "accent": .accent, "border": .border, "focused-border": .focusedBorder,
    "title": .title, "heading": .heading, "key": .key, "selection": .selection, "cursor": .cursor, "error": .error,
    "warning": .warning, "success": .success, "token-shade": .tokenShade, "panel": .panel,
    "background": .background, "stream-a": .streamA, "stream-b": .streamB, "stream-c": .streamC,
    "stream-d": .streamD,
  ]
}
