import EngineAPI
import Models
import Tensors
import Terms

/// Turns the changes of a request into those of a forward pass: finds the parts that they name, and the activations of
/// other texts.
public struct ChangeResolver {
  private let model: AnyLanguageModel
  private let anatomy: ModelAnatomy
  private let name: String
  private let tokenize: (_ text: String, _ isTarget: Bool) throws(EngineError) -> [Int]

  /// A resolver for an unchanged model.
  /// - Parameters:
  ///   - name: the model's name, for errors.
  ///   - tokenize: the ids of a text as the model reads it; of a target those that the decoder reads, with its start
  ///     token.
  /// - Throws: ``EngineError`` if the model cannot read a single token.
  public init(
    _ model: AnyLanguageModel, name: String,
    tokenize: @escaping (_ text: String, _ isTarget: Bool) throws(EngineError) -> [Int]
  ) throws(EngineError) {
    self.model = model
    self.name = name
    self.tokenize = tokenize
    do throws(ModelError) { anatomy = try ModelAnatomy(model) } catch { throw EngineError(.model, error) }
  }

  /// The changes of a pass.
  /// - Throws: ``EngineError`` of kind `.usage` for a part that the model does not have; it says what there is.
  public func resolve(_ changes: [ModelChange]) throws(EngineError) -> PassChanges {
    var result = PassChanges()
    for change in changes {
      switch change {
      case .scale(let part, let factor): try scale(part, by: Float(factor), in: &result)
      case .patch(let patch): try self.patch(patch, in: &result)
      case .steer(let vector): try steer(vector, in: &result)
      }
    }
    return result
  }

  // MARK: - Parts

  private func scale(_ part: ModelPart, by factor: Float, in result: inout PassChanges) throws(EngineError) {
    let stack = try stack(part.word, of: part.description)
    let layer = try layer(part.layer, stack, of: part.description)
    switch part.piece {
    case .head(let head):
      let kind: SublayerPlace.Kind = part.word == .cross ? .cross : .attention
      guard let sublayer = layer.first(where: { $0.kind == kind }), head < sublayer.heads else {
        throw missing(part.description)
      }
      let place = SublayerPlace(stack, part.layer, kind)
      result.factors[place, default: PassChanges.Factors()].heads[head, default: 1] *= factor
    case .feedForward:
      result.factors[SublayerPlace(stack, part.layer, .feedForward), default: PassChanges.Factors()].whole *= factor
    case .whole:
      for sublayer in layer where part.word != .cross || sublayer.kind == .cross {
        result.factors[SublayerPlace(stack, part.layer, sublayer.kind), default: PassChanges.Factors()].whole *= factor
      }
    }
  }

  private func stack(_ word: ModelPart.Word?, of text: String) throws(EngineError) -> LayerStack {
    let stack: LayerStack =
      switch word {
      case nil: anatomy.main
      case .encoder: .encoder
      case .decoder, .cross: .decoder
      }
    guard anatomy.layers[stack] != nil, word != .cross || anatomy.hasCross else { throw missing(text) }
    return stack
  }

  private func layer(_ index: Int, _ stack: LayerStack, of text: String) throws(EngineError) -> [ModelAnatomy.Sublayer]
  {
    guard let layers = anatomy.layers[stack], layers.indices.contains(index) else { throw missing(text) }
    return layers[index]
  }

  private func missing(_ text: String) -> EngineError {
    EngineError(
      .usage, "no such part", at: "model '\(name)'", expected: anatomy.description, found: text,
      hint: "layers and heads count from 0: L.H is a head, L.ffn a feed-forward layer, L a whole layer",
      settings: [.changes])
  }

  // MARK: - Patches

  private func patch(_ patch: ActivationPatch, in result: inout PassChanges) throws(EngineError) {
    let stack = try stack(patch.word, of: patch.place)
    _ = try layer(patch.layer, stack, of: patch.place)
    let place = LayerPlace(stack, patch.layer)
    let isTarget = stack == .decoder && anatomy.layers[.encoder] != nil
    let ids = try tokenize(patch.text, isTarget)
    guard patch.position < ids.count else {
      throw EngineError(
        .usage, "the patch is beyond its text", at: "\(patch.place):\(patch.position)",
        expected: "a position from 0 to \(ids.count - 1), the tokens of the text", found: "\(patch.position)",
        settings: [.changes])
    }
    let row: PassChanges.Row
    do throws(ModelError) {
      if isTarget, case .seq2seq(let model) = model {
        let row = Self.targetRow(model, ids, place, patch.position)
        // A wrong id or a text that is too long must fail here and not in a pass.
        _ = try row(try model.encode([0]))
        result.rows[place, default: [:]][patch.position] = PassChanges.Row(row)
        return
      }
      row = PassChanges.Row(try Self.row(model, ids, place, patch.position, isEncoder: stack == .encoder))
    } catch {
      throw EngineError(.input, error)
    }
    result.rows[place, default: [:]][patch.position] = row
  }

  /// The stream after a layer at a position of a text. `[1, width]`
  private static func row(
    _ model: AnyLanguageModel, _ ids: [Int], _ place: LayerPlace, _ position: Int, isEncoder: Bool
  ) throws(ModelError) -> Tensor {
    let log = PassLog(weights: .none)
    switch model {
    case .seq2seq(let model): _ = try model.encode(ids, probe: log.probe)
    case .causal(let model): _ = try model.forward([Segment(ids: ids, state: model.makeState())], probe: log.probe)
    case .masked(let model): _ = try model.forward([MaskedSequence(ids: ids)], probe: log.probe)
    case .labeling(let model): _ = try model.forward([MaskedSequence(ids: ids)], probe: log.probe)
    }
    return log.row(after: place, at: position)
  }

  /// The same for a decoder that reads a target; the row depends on the source.
  private static func targetRow(
    _ model: any Seq2SeqModel, _ ids: [Int], _ place: LayerPlace, _ position: Int
  ) -> PassChanges.Row.Computation {
    { encoder throws(ModelError) in
      guard let encoder else { throw .emptyInput }
      let log = PassLog(weights: .none)
      _ = try model.forward([Segment(ids: ids, state: model.makeState(encoder))], probe: log.probe)
      return log.row(after: place, at: position)
    }
  }

  // MARK: - Control vectors

  private func steer(_ vector: ControlVector, in result: inout PassChanges) throws(EngineError) {
    let directions = try ControlVectorFile(path: vector.path).directions
    let count = anatomy.layers[anatomy.main]?.count ?? 0
    let wanted = vector.layers.map { range in directions.filter { range.contains($0.key) } } ?? directions
    guard !wanted.isEmpty, let last = wanted.keys.max(), last < count else {
      let found = directions.keys.sorted().map(String.init).joined(separator: ", ")
      throw EngineError(
        .usage, "the control vector does not fit the model", at: vector.path,
        expected: "directions for layers from \(vector.layers?.lowerBound ?? 0) to "
          + "\(min(vector.layers?.upperBound ?? count - 1, count - 1)) of model '\(name)'",
        found: "directions for layers \(found)", settings: [.changes])
    }
    for (layer, direction) in wanted {
      guard direction.count == anatomy.width else {
        throw EngineError(
          .usage, "the control vector does not fit the model", at: "\(vector.path), direction.\(layer)",
          expected: "\(anatomy.width) numbers, the width of model '\(name)'", found: "\(direction.count)",
          settings: [.changes])
      }
      let scaled = direction.map { $0 * Float(vector.scale) }
      let place = LayerPlace(anatomy.main, layer)
      result.directions[place] = result.directions[place].map { zip($0, scaled).map { $0 + $1 } } ?? scaled
    }
  }
}

extension PassLog {
  /// The residual stream after a layer. The position must have been read. `[1, width]`
  fileprivate func row(after place: LayerPlace, at position: Int) -> Tensor {
    guard let row = residual(LayerPlace(place.stack, place.layer + 1), at: position) else {
      preconditionFailure("position \(position) was not read")
    }
    return row.detached()
  }
}

extension ModelAnatomy: CustomStringConvertible {
  /// Whether the decoder attends to a source.
  var hasCross: Bool { layers[.decoder]?.contains { $0.contains { $0.kind == .cross } } ?? false }

  /// What there is: `layers 0 to 5 with heads 0 to 4`.
  public var description: String {
    let isPair = layers.count > 1
    return LayerStack.allCases.compactMap { stack in
      guard let found = layers[stack], let first = found.first else { return nil }
      let word = isPair ? "\(stack.rawValue)." : ""
      func heads(_ kind: SublayerPlace.Kind) -> Int { first.first { $0.kind == kind }?.heads ?? 0 }
      let last = found.count - 1
      let own = "layers \(word)0 to \(word)\(last) with heads 0 to \(heads(.attention) - 1)"
      guard heads(.cross) > 0 else { return own }
      return own + ", cross.0 to cross.\(last) with heads 0 to \(heads(.cross) - 1)"
    }.joined(separator: ", ")
  }
}
