import JSONText

/// Makes decoders from their description in tokenizer.json.
enum DecoderLoading {
  /// The decoder of a field; without one tokens are joined by spaces.
  static func load(_ field: Field) throws(TokenizerError) -> Decoder {
    Decoder(stages: field.exists ? try stages(field) : [SpaceJoiningStage()])
  }

  private static func stages(_ field: Field) throws(TokenizerError) -> [any DecodingStage] {
    let type = try field["type"].string()
    switch type {
    case "Sequence":
      var stages: [any DecodingStage] = []
      for part in try field["decoders"].array() { stages += try self.stages(part) }
      return stages
    case "ByteLevel": return [ByteLevelStage()]
    case "Fuse": return [FuseStage()]
    case "ByteFallback": return [ByteFallbackStage()]
    case "WordPiece":
      let prefix = field["prefix"]
      return [
        WordPieceStage(
          prefix: prefix.exists ? try prefix.bytes() : Array("##".utf8),
          cleansUp: try field["cleanup"].bool(default: true))
      ]
    case "Metaspace":
      let replacement = Array(String(try field["replacement"].scalar()).utf8)
      let scheme = try PreTokenizerLoading.prependScheme(field)
      return [MetaspaceStage(replacement: replacement, keepsFirst: scheme == .never)]
    case "BPEDecoder":
      return [SuffixStage(suffix: field["suffix"].exists ? try field["suffix"].bytes() : Array("</w>".utf8))]
    case "CTC":
      return [
        CTCStage(
          padding: try field["pad_token"].bytes(), wordDelimiter: try field["word_delimiter_token"].bytes(),
          cleansUp: try field["cleanup"].bool(default: true))
      ]
    case "Strip":
      return [
        StripStage(
          content: Array(String(try field["content"].scalar()).utf8),
          start: try field["start"].int(in: 0...Int(Int32.max)), stop: try field["stop"].int(in: 0...Int(Int32.max)))
      ]
    case "Replace":
      return [
        ReplaceStage(pattern: try PatternLoading.load(field["pattern"]), content: try field["content"].bytes())
      ]
    default: throw .unsupported(part: "decoder", name: type, path: field.path)
    }
  }
}
