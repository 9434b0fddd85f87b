/// Incremental tokenization. A stretch is the text between two cuts; after an edit, only the stretches that changed are
/// tokenized again.
extension Tokenizer {
  /// The special tokens around a text.
  public struct Frame: Sendable {
    /// The ids before the text.
    public var leading: [Int] = []
    /// The ids after the text.
    public var trailing: [Int] = []
    var trimming: [TrimmingProcessor] = []
  }

  /// The tokens of a stretch: the bytes between two cuts or ends of the text, without the special tokens around the
  /// text. The tokens' ranges refer to the whole text.
  public func encodeStretch(_ text: ValidText, _ range: Range<Int>) -> Encoding {
    var tokens = tokenize(text.bytes, range)
    var context = PostProcessingContext(text: text.bytes, vocabulary: model.vocabulary)
    context.startsText = range.lowerBound == 0
    for processor in stretching?.frame.trimming ?? [] {
      processor.process(&tokens, addSpecialTokens: true, context)
    }
    return Encoding(ids: tokens.map(\.id), ranges: tokens.map(\.range), special: tokens.map { isSpecial($0.id) })
  }

  /// How to tokenize a text in stretches.
  public struct Stretching: Sendable {
    let cuts: TextCuts
    /// The special tokens around the text.
    public let frame: Frame

    /// Whether the text before `index` and the text from `index` on can be tokenized independently.
    public func isCut(_ text: ValidText, at index: Int) -> Bool { cuts.isCut(text.bytes, at: index) }

    /// The first cut in a range of bytes.
    public func firstCut(_ text: ValidText, in range: Range<Int>) -> Int? {
      cuts.first(text.bytes, in: range)
    }
  }

  /// How to tokenize a text in stretches; `nil` if the text can only be tokenized as a whole. Computed on first use.
  public var stretching: Stretching? {
    knownStretching.withLock { known in
      if let known { return known.value }
      let value = makeFrame().flatMap { frame in TextCuts(self).map { Stretching(cuts: $0, frame: frame) } }
      known = Known(value: value)
      return value
    }
  }

  struct Known: Sendable {
    var value: Stretching?
  }

  /// The special tokens around the text. `nil` if such a text must be tokenized as a whole: if it can begin with a
  /// language code (Marian's `>>fra<<`), or if the post-processors are not trimming steps followed by templates.
  private func makeFrame() -> Frame? {
    guard !readsLeadingCode else { return nil }
    var frame = Frame()
    var isFramed = false
    for processor in flat(postProcessor) {
      switch processor {
      case let trimming as TrimmingProcessor where !isFramed: frame.trimming.append(trimming)
      case let template as TemplateProcessor:
        let texts = template.parts.indices.filter { template.parts[$0] == .text }
        guard texts.count == 1, let text = texts.first, !template.addsLastOnce else { return nil }
        let ids = { (parts: ArraySlice<TemplateProcessor.Part>) -> [Int] in
          parts.flatMap { part -> [Int] in if case .tokens(let ids) = part { ids } else { [] } }
        }
        frame.leading = ids(template.parts[..<text]) + frame.leading
        frame.trailing += ids(template.parts[(text + 1)...])
        isFramed = true
      default: return nil
      }
    }
    return frame
  }

  private func flat(_ processor: (any PostProcessor)?) -> [any PostProcessor] {
    guard let sequence = processor as? PostProcessorSequence else { return processor.map { [$0] } ?? [] }
    return sequence.parts.flatMap { flat($0) }
  }
}
