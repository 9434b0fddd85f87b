/// What a person names after `-m`: a bundled model's name or a folder, and the number format.
public struct ModelReference: Sendable, Hashable, CustomStringConvertible {
  /// A bundled name (`storyteller`) or the path of a folder in Hugging Face layout.
  public var name: String
  /// The format in which weights are kept and multiplied; `nil`: the folder's own where its weights lie packed, else
  /// f32.
  public var format: NumberFormatName?

  /// The model `name` in a number format.
  public init(_ name: String, format: NumberFormatName? = nil) {
    self.name = name
    self.format = format
  }

  /// Reads `NAME` or `NAME@FORMAT`; a suffix after `@` that is no format belongs to the name.
  public init(parsing text: String) {
    if let at = text.lastIndex(of: "@"), let format = NumberFormatName(rawValue: String(text[text.index(after: at)...]))
    {
      self.init(String(text[..<at]), format: format)
    } else {
      self.init(text)
    }
  }

  /// `NAME`, or `NAME@FORMAT` where a format other than f32 is given.
  public var description: String {
    guard let format, format != .f32 else { return name }
    return "\(name)@\(format.rawValue)"
  }

  /// The last component of the name: what a pane's title shows.
  public var shortName: String {
    let parts = name.split(separator: "/", omittingEmptySubsequences: true)
    return parts.last.map(String.init) ?? name
  }
}

/// The number formats of weights, by the names of the command line.
public enum NumberFormatName: String, Sendable, Hashable, CaseIterable {
  /// 32-bit floating point.
  case f32
  /// 16-bit brain floating point, sums in 32 bits.
  case bf16
  /// Blocks of 8-bit integers.
  case q8
  /// Blocks of 4-bit integers.
  case q4
}

/// What a sequence's keys and values are kept as, by the names of the command line.
public enum CacheFormatName: String, Sendable, Hashable, CaseIterable {
  /// 32-bit floating point: exactly what was computed.
  case f32
  /// 16-bit brain floating point: half the memory.
  case bf16
}

/// The three families of models.
public enum ModelFamily: String, Sendable, Hashable, CaseIterable {
  /// Predicts the next token: GPT-style.
  case causal
  /// Predicts masked tokens: BERT-style.
  case masked
  /// Encoder and decoder: T5-style.
  case seq2seq
}
