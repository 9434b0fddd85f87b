import Terms

/// What a person names after `-m`: a bundled model's name or a folder, and the number format.
public struct ModelReference: Sendable, Hashable, CustomStringConvertible {
  /// A bundled name (`storyteller`), the path of a folder in Hugging Face layout, or a name with the ``scheme`` of another
  /// engine.
  public var name: String
  /// The format in which weights are kept and multiplied; `nil`: the folder's own where its weights lie packed, else
  /// f32.
  public var format: NumberFormat?

  /// The model `name` in a number format.
  public init(_ name: String, format: NumberFormat? = nil) {
    self.name = name
    self.format = format
  }

  /// Reads `NAME` or `NAME@FORMAT`; a suffix after `@` that is no format belongs to the name.
  public init(parsing text: String) {
    if let at = text.lastIndex(of: "@"), let format = NumberFormat(rawValue: String(text[text.index(after: at)...])) {
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

  /// The scheme that names the engine: `ollama` of `ollama:llama3`, in lower case; `nil` for a plain name or path.
  ///
  /// A scheme is at least two ASCII letters, digits, `+`, `-` or `.`, the first a letter, before the first colon. So
  /// `./a:b`, `/a:b` and `C:` have none.
  public var scheme: String? {
    let parts = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].utf8.count >= 2, let first = parts[0].first, first.isASCII, first.isLetter,
      parts[0].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) })
    else { return nil }
    return parts[0].lowercased()
  }

  /// The name without its scheme: `llama3` of `ollama:llama3`.
  public var nameInScheme: String {
    scheme == nil ? name : String(name.drop { $0 != ":" }.dropFirst())
  }

  /// The last component of the name: what a pane's title shows.
  public var shortName: String {
    let parts = name.split(separator: "/", omittingEmptySubsequences: true)
    return parts.last.map(String.init) ?? name
  }
}

/// The number format of weights.
public typealias NumberFormat = Terms.NumberFormat

/// What a sequence's keys and values are kept as.
public typealias CacheFormat = Terms.CacheFormat

/// What a model is for.
public typealias ModelFamily = Terms.ModelFamily
