import JSONText

/// Makes post-processors from their description in tokenizer.json.
enum PostProcessorLoading {
  /// The post-processor of a field, `nil` when there is none.
  static func load(_ field: Field) throws(TokenizerError) -> (any PostProcessor)? {
    guard field.exists else { return nil }
    let type = try field["type"].string()
    switch type {
    case "Sequence":
      var parts: [any PostProcessor] = []
      for part in try field["processors"].array() {
        if let processor = try load(part) { parts.append(processor) }
      }
      return PostProcessorSequence(parts: parts)
    case "ByteLevel":
      guard try field["trim_offsets"].bool(default: true) else { return PostProcessorSequence(parts: []) }
      return TrimmingProcessor(addPrefixSpace: try field["add_prefix_space"].bool(default: true))
    case "TemplateProcessing": return try template(field)
    case "BertProcessing":
      return around(try pairID(field["cls"]), try pairID(field["sep"]))
    case "RobertaProcessing":
      return roberta(
        classID: try pairID(field["cls"]), separatorID: try pairID(field["sep"]),
        trimOffsets: try field["trim_offsets"].bool(default: true),
        addPrefixSpace: try field["add_prefix_space"].bool(default: true))
    default: throw .unsupported(part: "post-processor", name: type, path: field.path)
    }
  }

  /// One token before the text and one after.
  static func around(_ first: Int, _ last: Int) -> TemplateProcessor {
    TemplateProcessor(parts: [.tokens([first]), .text, .tokens([last])])
  }

  static func roberta(
    classID: Int, separatorID: Int, trimOffsets: Bool, addPrefixSpace: Bool
  ) -> any PostProcessor {
    let frame = around(classID, separatorID)
    guard trimOffsets else { return frame }
    return PostProcessorSequence(parts: [TrimmingProcessor(addPrefixSpace: addPrefixSpace), frame])
  }

  /// The id in `["[SEP]", 102]`.
  private static func pairID(_ field: Field) throws(TokenizerError) -> Int {
    let pair = try field.array()
    guard pair.count == 2 else { throw field.invalid("a token and its id") }
    _ = try pair[0].bytes()
    return try pair[1].int(in: 0...Vocabulary.largestID)
  }

  private static func template(_ field: Field) throws(TokenizerError) -> TemplateProcessor {
    var parts: [TemplateProcessor.Part] = []
    for piece in try field["single"].array() {
      if piece["Sequence"].exists {
        parts.append(.text)
      } else {
        let name = try piece["SpecialToken"]["id"].string()
        let special = field["special_tokens"][name]
        guard special.exists else { throw .missingToken(token: name, path: field["special_tokens"].path) }
        var ids: [Int] = []
        for id in try special["ids"].array() { ids.append(try id.int(in: 0...Vocabulary.largestID)) }
        parts.append(.tokens(ids))
      }
    }
    return TemplateProcessor(parts: parts)
  }
}
