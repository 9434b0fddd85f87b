import Tensors

/// The dropout of one recorded pass.
///
/// A mask is a function of the recorder's key (the run's seed and step), the number of the text in the step, the
/// position, and the place in the model. So it does not depend on threads, on how a step is cut into passes, or on
/// whether a layer is computed a second time.
struct PassDropout {
  private let rates: DropoutRates
  /// A key for each row, and for each requested row.
  private let rows: [RandomKey]
  private let wanted: [RandomKey]

  /// The dropout of a pass; `nil` if nothing is dropped.
  /// - Parameter texts: the number of each sequence's text in the step.
  init?(_ recorder: Recorder?, _ rates: DropoutRates, _ batch: BatchLayout, texts: () -> [Int]) {
    guard let recorder, let key = recorder.dropout, !rates.isZero || recorder.branches != nil else { return nil }
    self.rates = rates
    var rows: [RandomKey] = []
    for (range, text) in zip(batch.ranges, texts()) {
      let textKey = key.ofText(text)
      rows += range.map { textKey.with(UInt64(batch.positions[$0])) }
    }
    self.rows = rows
    wanted = batch.wanted.map { rows[$0] }
    note(in: recorder)
  }

  /// Notes the rows' keys in the recorder of the pass, or of a layer of it.
  func note(in recorder: Recorder?) {
    guard let recorder, recorder.branches != nil else { return }
    recorder.noteRows(all: rows, wanted: wanted)
  }

  /// The mask of rows at a place; `nil` if nothing is dropped there.
  /// - Parameter isNarrow: whether the rows are the requested ones.
  func mask(_ place: DropoutPlace, _ layer: LayerPlace, isNarrow: Bool) -> DropoutMask? {
    guard rates[place] > 0 else { return nil }
    let number = Self.number(place, layer)
    return DropoutMask(keys: (isNarrow ? wanted : rows).map { $0.with(number) }, probability: rates[place])
  }

  /// The mask of attention probabilities; `nil` if nothing is dropped.
  /// - Parameter range: the rows; `nil` for all of them.
  func mask(
    _ place: DropoutPlace, _ layer: LayerPlace, heads: Int, isNarrow: Bool, _ range: Range<Int>? = nil
  ) -> DropoutMask? {
    guard rates[place] > 0 else { return nil }
    let number = Self.number(place, layer)
    let all = isNarrow ? wanted : rows
    let keys = all[range ?? all.indices].flatMap { row in
      let key = row.with(number)
      return (0..<heads).map { key.with(UInt64($0)) }
    }
    return DropoutMask(keys: keys, probability: rates[place])
  }

  private static func number(_ place: DropoutPlace, _ layer: LayerPlace) -> UInt64 {
    (UInt64(layer.layer) * 2 + (layer.stack == .encoder ? 0 : 1)) << 8 | place.rawValue
  }
}

extension RandomKey {
  /// The key of a text of a step.
  func ofText(_ number: Int) -> RandomKey { with(UInt64(number)) }
}

extension Tensor {
  /// Dropout of the rows that a head reads, in a recorded pass. `[rows, width]` → `[rows, width]`
  func dropped(at place: DropoutPlace, _ rates: DropoutRates) -> Tensor {
    guard rates[place] > 0, let recorder, recorder.dropout != nil else { return self }
    return dropout(
      self, DropoutMask(keys: recorder.outputKeys.map { $0.with(place.rawValue) }, probability: rates[place]))
  }
}
