import Terms

/// The argument of `-m`: a bundled model's name or a folder, optionally with a number format.
public struct ModelReference: Sendable, Hashable, CustomStringConvertible {
  /// A bundled name (`storyteller`), the path of a model folder in Hugging Face layout, or a name with the ``scheme``
  /// of a store or another engine.
  public var name: String
  /// The number format of the weights in memory; `nil`: the file's own. That is the format of packed weights, `stored`
  /// for a GGUF file with types that are multiplied as they are, otherwise f32.
  public var format: NumberFormat?
  /// Changes of the model's activations in every forward pass. A changed model is another model to everything that
  /// keeps results; it shares the weights.
  public var changes: [ModelChange]

  /// The model `name` in a number format.
  public init(_ name: String, format: NumberFormat? = nil, changes: [ModelChange] = []) {
    self.name = name
    self.format = format
    self.changes = changes
  }

  /// The same model without changes.
  public var unchanged: ModelReference { ModelReference(name, format: format) }

  /// Parses `NAME` or `NAME@FORMAT`. A suffix after `@` that is not a format is part of the name.
  public init(parsing text: String) {
    if let at = text.lastIndex(of: "@"), let format = NumberFormat(rawValue: String(text[text.index(after: at)...])) {
      self.init(String(text[..<at]), format: format)
    } else {
      self.init(text)
    }
  }

  /// `NAME`, or `NAME@FORMAT` if the format is not f32.
  public var description: String {
    guard let format, format != .f32 else { return name }
    return "\(name)@\(format.rawValue)"
  }

  /// The scheme that selects the engine: `ollama` in `ollama:llama3`, in lower case; `nil` for a plain name or path.
  ///
  /// A scheme has at least two characters before the first colon: ASCII letters, digits, `+`, `-` or `.`, the first a
  /// letter. So `./a:b`, `/a:b` and `C:` have no scheme.
  public var scheme: String? {
    let parts = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].utf8.count >= 2, let first = parts[0].first, first.isASCII, first.isLetter,
      parts[0].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) })
    else { return nil }
    return parts[0].lowercased()
  }

  /// The name without its scheme: `llama3` in `ollama:llama3`.
  public var nameInScheme: String {
    scheme == nil ? name : String(name.drop { $0 != ":" }.dropFirst())
  }

  /// The last path component of the name, for titles.
  public var shortName: String {
    let parts = name.split(separator: "/", omittingEmptySubsequences: true)
    return parts.last.map(String.init) ?? name
  }
}

/// A change of a model's activations.
public typealias ModelChange = Terms.ModelChange

/// A part of a model that can be switched off or scaled.
public typealias ModelPart = Terms.ModelPart

/// The residual stream after a layer, at a position, taken from another text.
public typealias ActivationPatch = Terms.ActivationPatch

/// A control vector of a file.
public typealias ControlVector = Terms.ControlVector

/// The number format of weights.
public typealias NumberFormat = Terms.NumberFormat

/// The number format of the KV cache.
public typealias CacheFormat = Terms.CacheFormat

/// The memory that a model takes.
public typealias MemoryEstimate = Terms.MemoryEstimate

/// The family of a model's architecture.
public typealias ModelFamily = Terms.ModelFamily
