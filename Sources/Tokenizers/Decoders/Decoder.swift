/// How ids become text: the stages, and what the stages make of a single token's bytes.
struct Decoder: Sendable {
  var stages: [any DecodingStage]

  /// Pieces are bytes as printable characters.
  var isByteLevel: Bool { stages.contains { $0 is ByteLevelStage } }

  /// `<0x..>` pieces are bytes.
  var hasByteTokens: Bool { stages.contains { $0 is ByteFallbackStage } }

  /// What stands for a space in pieces, if anything does.
  var visibleSpace: [UInt8]? {
    for stage in stages {
      if let metaspace = stage as? MetaspaceStage { return metaspace.replacement }
      if let replace = stage as? ReplaceStage, replace.content == [0x20],
        let needle = (replace.pattern as? StringCutter)?.needle
      {
        return needle
      }
    }
    return nil
  }
}
