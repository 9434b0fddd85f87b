/// A token of an encoding on its way through the post-processors.
struct EncodedToken: Equatable {
  var id: Int
  /// The bytes of the original that it stands for; `0..<0` for none.
  var range: Range<Int>
  /// Whether it was found in the text as an added token.
  var isAdded = false
}
