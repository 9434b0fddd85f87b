import ArgumentParser
import EngineAPI
import JSONText

/// Changes of a model's activations. They belong to the model of a request, so everything that keeps results, and a
/// session, keeps them apart from those of the unchanged model.
struct ChangeOptions: ParsableArguments, Sendable {
  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Switch a part off: L.H is a head, L.ffn a feed-forward layer, L a layer, all from 0; may be repeated.",
      valueName: "part"),
    transform: OptionValue.part)
  var ablate: [ModelPart] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Multiply what a part adds by X; may be repeated.", valueName: "part=x"),
    transform: OptionValue.scaledPart)
  var scale: [ScaledPart] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "After layer L, take the activation at a position from another text; may be repeated.",
      valueName: "L:position=text"),
    transform: OptionValue.patch)
  var patch: [ActivationPatch] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Add a control vector, a safetensors or GGUF file; may be repeated.", valueName: "file"),
    completion: .file(), transform: OptionValue.text("--control-vector"))
  var controlVector: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Add a control vector with a factor; may be repeated.", valueName: "file:x"),
    completion: .file(), transform: OptionValue.scaledVector)
  var controlVectorScaled: [ControlVector] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The layers that control vectors change (default: all).", valueName: "first-last"),
    transform: OptionValue.layers)
  var controlVectorLayerRange: ClosedRange<Int>?

  /// The changes in the order of their kinds.
  var changes: [ModelChange] {
    var vectors = controlVector.map { ControlVector(path: $0) } + controlVectorScaled
    for index in vectors.indices { vectors[index].layers = controlVectorLayerRange }
    return ablate.map { .scale($0, by: 0) } + scale.map { .scale($0.part, by: $0.factor) } + vectors.map { .steer($0) }
      + patch.map { .patch($0) }
  }

  /// Refuses a range of layers without a control vector.
  func check() throws(CommandError) {
    guard controlVectorLayerRange != nil, controlVector.isEmpty, controlVectorScaled.isEmpty else { return }
    throw .badValue(
      option: "--control-vector-layer-range", expected: "--control-vector or --control-vector-scaled beside it",
      found: "neither", hint: "name the file of a control vector")
  }
}

extension ModelReference {
  /// `{"changes": ["--ablate 3.1"]}`; nothing without changes.
  var changesJSON: JSONObject {
    changes.isEmpty ? [:] : ["changes": .array(changes.map { .text($0.option) })]
  }
}

/// A part of a model and a factor.
struct ScaledPart: Sendable, Hashable {
  let part: ModelPart
  let factor: Double
}

extension ModelOptions {
  /// The model to use, with changes.
  func reference(default name: String, _ options: ChangeOptions) throws(CommandError) -> ModelReference {
    try changed(reference(default: name), options)
  }

  /// The model to use, with changes, for a family of which no model is bundled.
  func reference(
    for command: String, _ family: ModelFamily, _ options: ChangeOptions
  ) throws(CommandError) -> ModelReference {
    try changed(reference(for: command, family), options)
  }

  private func changed(_ reference: ModelReference, _ options: ChangeOptions) throws(CommandError) -> ModelReference {
    try options.check()
    var reference = reference
    reference.changes = options.changes
    return reference
  }
}

extension OptionValue {
  private static let parts = "L.H, L.ffn or L, such as 3.0, where encoder., decoder. or cross. may come before it"

  /// A part of a model.
  static func part(_ text: String) throws(CommandError) -> ModelPart {
    guard let part = ModelPart(parsing: text) else { throw .wrongValue(text, of: "--ablate", expected: parts) }
    return part
  }

  /// `PART=X`.
  static func scaledPart(_ text: String) throws(CommandError) -> ScaledPart {
    let pieces = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard pieces.count == 2, let part = ModelPart(parsing: pieces[0]), let factor = factor(pieces[1]) else {
      throw .wrongValue(text, of: "--scale", expected: "PART=X with a finite number; PART is " + parts)
    }
    return ScaledPart(part: part, factor: factor)
  }

  /// `L:POSITION=TEXT`.
  static func patch(_ text: String) throws(CommandError) -> ActivationPatch {
    guard let patch = ActivationPatch(parsing: text) else {
      throw .wrongValue(
        text, of: "--patch", expected: "LAYER:POSITION=TEXT, where encoder. or decoder. may come before the layer")
    }
    return patch
  }

  /// `FILE:X`.
  static func scaledVector(_ text: String) throws(CommandError) -> ControlVector {
    guard let colon = text.lastIndex(of: ":"), colon > text.startIndex,
      let factor = factor(text[text.index(after: colon)...])
    else { throw .wrongValue(text, of: "--control-vector-scaled", expected: "FILE:X with a finite number") }
    return ControlVector(path: String(text[..<colon]), scale: factor)
  }

  /// `FIRST-LAST`.
  static func layers(_ text: String) throws(CommandError) -> ClosedRange<Int> {
    let numbers = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let first = numbers[0], let last = numbers[1], first >= 0, first <= last else {
      throw .wrongValue(text, of: "--control-vector-layer-range", expected: "FIRST-LAST with layers from 0")
    }
    return first...last
  }

  /// A finite factor; single precision must hold it.
  private static func factor(_ text: Substring) -> Double? {
    Double(text).flatMap { Float($0).isFinite ? $0 : nil }
  }
}
