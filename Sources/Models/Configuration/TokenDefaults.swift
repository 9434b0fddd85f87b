/// The ids of special tokens to use if no file names them.
struct TokenDefaults: Sendable {
  /// The first id of a text.
  var bos: Int?
  /// The padding id.
  var pad: Int?
  /// Whether the decoder's text starts with `pad` if no file names a start id.
  var startsDecoderWithPad = false
  /// The first id of the decoder's text, for a folder without `generation_config.json`.
  var decoderStart: Int?
}
