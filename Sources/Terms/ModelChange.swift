/// A part of a model that can be switched off or scaled: a head, a feed-forward layer or a whole layer.
///
/// Its text form is `L.H`, `L.ffn` or `L`, with layers and heads counted from 0. Of encoder-decoder models `encoder.`,
/// `decoder.` or `cross.` may come before it; without such a word the decoder is meant.
public struct ModelPart: Sendable, Hashable, CustomStringConvertible {
  /// The stack of layers, or the cross-attention of the decoder.
  public enum Word: String, Sendable, Hashable, CaseIterable {
    /// The encoder.
    case encoder
    /// The decoder; of its attentions the self-attention.
    case decoder
    /// The decoder's cross-attention.
    case cross
  }

  /// What of the layer is meant.
  public enum Piece: Sendable, Hashable {
    /// One head of the attention.
    case head(Int)
    /// The feed-forward layer.
    case feedForward
    /// Everything that the layer adds to the residual stream; of ``Word/cross`` all heads.
    case whole
  }

  /// The word before the numbers, if there is one.
  public var word: Word?
  /// The layer, from 0.
  public var layer: Int
  /// What of the layer is meant.
  public var piece: Piece

  /// A part of a layer.
  public init(_ word: Word? = nil, layer: Int, _ piece: Piece) {
    self.word = word
    self.layer = layer
    self.piece = piece
  }

  /// Parses the text form; `nil` if the text does not describe a change.
  public init?(parsing text: some StringProtocol) {
    guard let (word, numbers) = Word.split(text), let layer = numbers.first.flatMap(Self.number) else { return nil }
    switch numbers.count {
    case 1: self.init(word, layer: layer, .whole)
    case 2 where numbers[1] == "ffn" && word != .cross: self.init(word, layer: layer, .feedForward)
    case 2:
      guard let head = Self.number(numbers[1]) else { return nil }
      self.init(word, layer: layer, .head(head))
    default: return nil
    }
  }

  /// A number of at most six digits, without a sign.
  static func number(_ text: String) -> Int? {
    (1...6).contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
  }

  /// The text form.
  public var description: String {
    let start = word.map { "\($0.rawValue).\(layer)" } ?? "\(layer)"
    switch piece {
    case .head(let head): return "\(start).\(head)"
    case .feedForward: return "\(start).ffn"
    case .whole: return start
    }
  }
}

extension ModelPart.Word {
  /// The word before the numbers, if there is one, and the pieces between the dots.
  fileprivate static func split(_ text: some StringProtocol) -> (word: Self?, numbers: [String])? {
    var pieces = text.split(separator: "." as Character, omittingEmptySubsequences: false).map { String($0) }
    guard let first = pieces.first, !first.isEmpty else { return nil }
    guard let word = Self(rawValue: first) else { return (nil, pieces) }
    pieces.removeFirst()
    return (word, pieces)
  }
}

/// A change of a model's activations, applied in every forward pass. It belongs to the name of a model in a request, so
/// that changed and unchanged models never share results.
public enum ModelChange: Sendable, Hashable {
  /// What the part adds to the residual stream is multiplied by the factor; 0 switches it off. Its output bias is kept.
  case scale(ModelPart, by: Double)
  /// The residual stream after a layer, at a position, is that of another text.
  case patch(ActivationPatch)
  /// A control vector: a direction for each layer, added to the residual stream after the layer, at all positions.
  case steer(ControlVector)

  /// The option and value that cause it, as in `--ablate 3.1`.
  public var option: String {
    switch self {
    case .scale(let part, by: 0): "--ablate \(part)"
    case .scale(let part, let factor): "--scale \(part)=\(factor)"
    case .patch(let patch): "--patch \(patch.description)"
    case .steer(let vector) where vector.scale == 1: "--control-vector \(vector.path)"
    case .steer(let vector): "--control-vector-scaled \(vector.path):\(vector.scale)"
    }
  }
}

extension ModelChange {
  /// The names of the kinds of changes, as options without dashes.
  public static let names = ["ablate", "scale", "patch", "control-vector", "control-vector-scaled"]

  /// Reads a change from the name of its option, without dashes, and the value; `nil` if it is not one.
  public init?(name: String, value: String) {
    switch name {
    case "ablate":
      guard let part = ModelPart(parsing: value) else { return nil }
      self = .scale(part, by: 0)
    case "scale":
      let pieces = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard pieces.count == 2, let part = ModelPart(parsing: pieces[0]), let factor = Self.factor(pieces[1]) else {
        return nil
      }
      self = .scale(part, by: factor)
    case "patch":
      guard let patch = ActivationPatch(parsing: value) else { return nil }
      self = .patch(patch)
    case "control-vector":
      guard !value.isEmpty else { return nil }
      self = .steer(ControlVector(path: value))
    case "control-vector-scaled":
      guard let colon = value.lastIndex(of: ":"), colon > value.startIndex,
        let factor = Self.factor(value[value.index(after: colon)...])
      else { return nil }
      self = .steer(ControlVector(path: String(value[..<colon]), scale: factor))
    default: return nil
    }
  }

  /// Reads an option with its value, such as `--ablate 3.1`; the dashes may be missing.
  public init?(parsing text: String) {
    let trimmed = text.drop { $0 == " " || $0 == "-" }
    guard let space = trimmed.firstIndex(of: " ") else { return nil }
    self.init(name: String(trimmed[..<space]), value: String(trimmed[space...].drop { $0 == " " }))
  }

  /// A finite factor; single precision must hold it.
  private static func factor(_ text: some StringProtocol) -> Double? {
    Double(String(text)).flatMap { Float($0).isFinite ? $0 : nil }
  }
}

/// The residual stream after a layer, at a position, taken from another text. The text form is `L:POSITION=TEXT`.
public struct ActivationPatch: Sendable, Hashable, CustomStringConvertible {
  /// `encoder` or `decoder`, if one of them is named.
  public var word: ModelPart.Word?
  /// The layer, from 0; the stream after it is replaced.
  public var layer: Int
  /// The position in both texts, from 0.
  public var position: Int
  /// The text that the activation comes from. Of an encoder-decoder model's encoder a source, of its decoder a target
  /// for the same source.
  public var text: String

  /// A patch of these values.
  public init(_ word: ModelPart.Word? = nil, layer: Int, position: Int, text: String) {
    self.word = word
    self.layer = layer
    self.position = position
    self.text = text
  }

  /// Parses the text form; `nil` if the text is not one.
  public init?(parsing text: String) {
    guard let equals = text.firstIndex(of: "="), let colon = text[..<equals].firstIndex(of: ":"),
      let (word, numbers) = ModelPart.Word.split(text[..<colon]), word != .cross, numbers.count == 1,
      let layer = ModelPart.number(numbers[0]),
      let position = ModelPart.number(String(text[text.index(after: colon)..<equals]))
    else { return nil }
    self.init(word, layer: layer, position: position, text: String(text[text.index(after: equals)...]))
  }

  /// The layer's text form, such as `encoder.3`.
  public var place: String { word.map { "\($0.rawValue).\(layer)" } ?? "\(layer)" }

  /// The text form.
  public var description: String { "\(place):\(position)=\(text)" }
}

/// A control vector of a file: a safetensors file or a GGUF file of llama.cpp, whose tensor `direction.L` is added
/// after layer L.
public struct ControlVector: Sendable, Hashable {
  /// The path of the file.
  public var path: String
  /// The factor of the directions.
  public var scale: Double
  /// The layers that are changed; `nil` for all that the file has.
  public var layers: ClosedRange<Int>?

  /// A control vector of a file.
  public init(path: String, scale: Double = 1, layers: ClosedRange<Int>? = nil) {
    self.path = path
    self.scale = scale
    self.layers = layers
  }
}
