/// A piece of text between two stages of a decoder. Some stages join all tokens to one, which then passes in
/// fragments, so that text can leave before the last token is known.
struct DecodedFragment: Sendable, Equatable {
  var bytes: [UInt8]
  /// Whether the token ends here.
  var endsToken: Bool
}
