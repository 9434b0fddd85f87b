/// A change of text that can be taken back.
struct TextEdit: Hashable, Sendable {
  /// The byte where the change is.
  var offset: Int
  /// What stood there before.
  var removed: String
  /// What stands there after.
  var inserted: String
  /// The cursor before and after.
  var cursorBefore: Int
  var cursorAfter: Int

  /// The bytes that it holds on to.
  var byteCount: Int { removed.utf8.count + inserted.utf8.count }
}
