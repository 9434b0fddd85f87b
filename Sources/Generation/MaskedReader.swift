import Models

/// Single distributions of a model that fills gaps.
public struct MaskedReader {
  private let model: any MaskedModel

  /// A reader.
  public init(_ model: any MaskedModel) { self.model = model }

  /// The raw logits at one position of a text. `[vocabulary]`
  ///
  /// - Parameters:
  ///   - ids: the whole text.
  ///   - position: one of its positions.
  ///   - maskID: put there first, so that the model does not see what stands there; `nil` leaves it.
  /// - Throws: ``GenerationError/model(_:)``
  public func logits(at position: Int, of ids: [Int], maskID: Int? = nil) throws(GenerationError) -> [Float] {
    precondition(ids.indices.contains(position), "position \(position) of \(ids.count)")
    var ids = ids
    if let maskID { ids[position] = maskID }
    return model.logits(try model.read([MaskedSequence(ids: ids, wanted: .positions([position]))]).tensor).row(0)
  }
}
