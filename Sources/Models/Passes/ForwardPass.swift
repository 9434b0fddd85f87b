import Layers
import Tensors

/// One forward pass of new ids through a stack of layers: the sequences with their caches and positions, the probe, the
/// recorder, and the requested rows.
///
/// A block is written as in its paper: it projects its rows to queries, keys and values, and ``attend(_:_:_:_:_:)``
/// does the work that depends on the sequences. In the last layer, after the keys and values of all rows are stored,
/// only the requested rows are computed further (unless a probe records all rows). A block therefore passes the
/// residual of its attention through ``narrow(_:)``. Each sublayer ends with ``leave(_:_:by:norm:residual:)``. In the
/// shapes of the architectures, `rows or wanted` means all rows, or the requested rows in the last layer.
struct ForwardPass {
  private let batch: BatchLayout
  /// The sequences of a decoder, each with its cache. Empty for whole sequences, which attend to themselves without a
  /// cache.
  private let segments: [Segment]
  private let probe: Probe?
  /// Notes the operations for gradients.
  private var recorder: Recorder?
  /// Whether the pass is recorded, now or when the backward pass computes a layer again. It then appends to no state.
  private let isRecorded: Bool
  /// What a recorded pass drops; `nil` if nothing.
  private let dropout: PassDropout?
  /// The sentence that each new id belongs to, from 0. `[rows]`
  let types: [Int]
  /// The stack whose layers are computed.
  private var stack: LayerStack
  /// The index of the current layer.
  private var layer = 0
  /// Whether the current layer returns only the requested rows.
  private var narrows = false

  /// A pass over new ids of decoder sequences.
  /// - Throws: ``ModelError`` if an id or a position is outside the model's range.
  init(
    _ segments: [Segment], _ facts: ModelFacts, probe: Probe?, recorder: Recorder?
  ) throws(ModelError) {
    precondition(
      recorder == nil || segments.allSatisfy { $0.state.count == 0 }, "a recorded pass of sequences with a past")
    batch = try BatchLayout(segments, facts)
    self.segments = segments
    self.probe = probe
    self.recorder = recorder
    isRecorded = recorder != nil
    dropout = PassDropout(recorder, facts.dropout, batch) { segments.map(\.text) }
    stack = .decoder
    types = []
  }

  /// A pass over whole sequences with bidirectional attention.
  /// - Throws: ``ModelError`` if an id or a position is outside the model's range.
  init(
    _ sequences: [MaskedSequence], _ facts: ModelFacts, probe: Probe?, recorder: Recorder?
  ) throws(ModelError) {
    batch = try BatchLayout(sequences, facts)
    segments = []
    self.probe = probe
    self.recorder = recorder
    isRecorded = recorder != nil
    dropout = PassDropout(recorder, facts.dropout, batch) { sequences.map(\.text) }
    stack = .encoder
    types = sequences.flatMap { $0.types.isEmpty ? $0.ids.map { _ in 0 } : $0.types }
  }

  /// All new ids, one sequence after the other. `[rows]`
  var ids: [Int] { batch.ids }

  /// The position of each row within its sequence. `[rows]`
  var positions: [Int] { batch.positions }

  // MARK: - Tables

  /// The rows of a table that belong to the new ids. `[rows, width]`
  func embed(_ table: Embedding) -> Tensor { table(ids, recorder: recorder) }

  /// Rows of a learned table. `[indices, width]`
  func rows(of table: Tensor, _ indices: [Int]) -> Tensor { table.recorded(by: recorder).gatherRows(indices) }

  // MARK: - Layers

  /// Runs rows through a stack of blocks. A probe receives the input of each block and the output of the last one.
  /// - Parameters:
  ///   - stack: the stack that the blocks are; `nil` for the only one of a model.
  ///   - name: the name that the probe receives, followed by the layer's number.
  ///   - context: what all blocks read.
  func layers<Block: StackLayer>(
    _ blocks: [Block], _ x: Tensor, of stack: LayerStack? = nil, named name: String = "hidden_states",
    with context: Block.Context
  ) -> Tensor {
    var x = x
    var pass = self
    pass.stack = stack ?? self.stack
    for index in blocks.indices {
      probe?.observe("\(name).\(index)", x)
      pass.layer = index
      pass.narrows = index == blocks.count - 1 && probe == nil
      pass.report(x, before: index)
      if let recorder, recorder.recomputesLayers {
        x = pass.recomputed(x, recorder, blocks[index], context)
      } else {
        x = pass.changed(blocks[index].output(of: x, context, pass))
      }
    }
    pass.report(x, before: blocks.count)
    return x
  }

  /// Runs rows through a stack of blocks that read nothing else.
  func layers<Block: PlainLayer>(
    _ blocks: [Block], _ x: Tensor, of stack: LayerStack? = nil, named name: String = "hidden_states"
  ) -> Tensor {
    layers(blocks, x, of: stack, named: name, with: ())
  }

  /// Computes a layer that is recorded when its gradient is computed.
  private func recomputed<Block: StackLayer>(
    _ x: Tensor, _ recorder: Recorder, _ block: Block, _ context: Block.Context
  ) -> Tensor {
    RecordedLayer.output(of: x, recorder) { x, recorder in
      var pass = self
      pass.recorder = recorder
      dropout?.note(in: recorder)
      return block.output(of: x, context, pass)
    }
  }

  /// Reports the residual stream to a probe.
  private func report(_ x: Tensor, before layer: Int) {
    probe?.report?(.residual(LayerPlace(stack, layer), start: positions.first ?? 0, x))
  }

  /// The output of the current layer with the changes that a probe has for it.
  private func changed(_ x: Tensor) -> Tensor {
    guard let changes = probe?.changes else { return x }
    return changes.stream(x, after: LayerPlace(stack, layer), batch, segments)
  }

  /// Ends a sublayer: projects its inner values to the width of the residual stream and adds the residual.
  ///
  /// All sublayers of all architectures end here, so this is where a probe sees what a part adds to the stream, and
  /// where parts are switched off.
  /// - Parameters:
  ///   - part: the kind of sublayer.
  ///   - inner: the outputs of the heads side by side, or the hidden values of a feed-forward layer. `[rows, inner]`
  ///   - norm: applied to the projected values before the residual is added, if the architecture has it.
  ///   - residual: `[rows, width]`
  /// - Returns: `[rows, width]`
  func leave(
    _ part: SublayerKind, _ inner: Tensor, by projection: Linear, norm: RMSNorm? = nil, residual: Tensor
  ) -> Tensor {
    var inner = inner
    if let probe {
      let place = SublayerPlace(stack, layer, part.name)
      if let factors = probe.changes?.factors[place] { inner = factors.applied(to: inner, heads: part.heads) }
      probe.report?(
        .sublayer(
          PassedSublayer(
            place: place, heads: part.heads, start: positions.first ?? 0, inner: inner, projection: projection,
            norm: norm, residual: residual)))
    }
    if part.name == .feedForward, let mask = mask(.activation) { inner = Tensors.dropout(inner, mask) }
    if let mask = mask(part.output) {
      let projected = projection(inner)
      return Tensors.dropout(norm?(projected) ?? projected, mask, residual: residual)
    }
    guard let norm else { return projection(inner, residual: residual) }
    return add(residual, norm(projection(inner)))
  }

  // MARK: - Dropout

  /// Dropout of rows outside of the layers, in a recorded pass: of all rows before the layers, of the requested ones
  /// after them. `[rows or wanted, width]` → `[rows or wanted, width]`
  func dropped(_ x: Tensor, at place: DropoutPlace) -> Tensor {
    let isNarrow = place != .embedding && probe == nil
    guard let mask = dropout?.mask(place, LayerPlace(stack, layer), isNarrow: isNarrow) else { return x }
    return Tensors.dropout(x, mask)
  }

  /// The mask of a place in the current layer, after its attention.
  private func mask(_ place: DropoutPlace) -> DropoutMask? {
    dropout?.mask(place, LayerPlace(stack, layer), isNarrow: narrows)
  }

  /// The mask of the probabilities of an attention.
  /// - Parameter rows: the rows that attend; `nil` for all.
  private func mask(
    _ place: DropoutPlace, _ shape: AttentionShape, isNarrow: Bool, _ rows: Range<Int>? = nil
  ) -> DropoutMask? {
    dropout?.mask(place, LayerPlace(stack, layer), heads: shape.queryHeads, isNarrow: isNarrow, rows)
  }

  /// The result of a pass through `depth` layers, after the final norm if the architecture has one.
  func result(_ x: Tensor, depth: Int, named name: String = "hidden_states") -> HiddenRows {
    probe?.observe("\(name).\(depth)", x)
    return HiddenRows(tensor: probe == nil ? x : batch.narrow(x), ranges: batch.wantedRanges)
  }

  /// The rows to continue with: the requested rows in the last layer, all rows before it.
  func narrow(_ x: Tensor) -> Tensor { narrows ? batch.narrow(x) : x }

  // MARK: - Positions

  /// A position encoding prepared for this pass, computed once for all layers.
  enum Positions {
    /// No effect on attention: positions are already added to the rows, or not used.
    case none
    /// Queries and keys are rotated by these angles. `[rows, 2 × pairs]`
    case rotation(RotaryEmbedding, angles: Tensor)
    /// A bias on the scores of each decoder sequence. `[heads, rows, keys]`
    case bias([Tensor])
    /// A bias on the scores of each whole sequence, computed for one slice of its queries at a time.
    case sourceBias([SourceBias])
    /// ALiBi: the slope of each head, by which scores fall with distance.
    case slopes([Float])

    fileprivate var slopes: [Float] { if case .slopes(let slopes) = self { slopes } else { [] } }
    fileprivate var bias: [Tensor] { if case .bias(let bias) = self { bias } else { [] } }
  }

  /// Prepares a position encoding for this pass.
  /// - Parameter queriesAtOnce: the number of queries of a whole sequence whose bias is in memory at once.
  func prepare(_ encoding: PositionEncoding, queriesAtOnce: Int = SourceBias.queriesAtOnce) -> Positions {
    switch encoding {
    case .none, .table, .sinusoids: return .none
    case .rotary(let rotary): return .rotation(rotary, angles: rotary.angles(positions))
    case .alibi(let slopes): return .slopes(slopes)
    case .relativeBias(let bias) where segments.isEmpty:
      return .sourceBias(
        batch.ranges.map { SourceBias(bias, count: $0.count, queriesAtOnce: queriesAtOnce, recorder: recorder) })
    case .relativeBias(let unrecorded):
      let bias = unrecorded.recorded(by: recorder)
      return .bias(
        segments.map { segment in
          let end = segment.state.count + segment.ids.count
          return bias(queries: segment.state.count..<end, keyCount: end)
        })
    }
  }

  /// Adds the position vectors to rows, if the encoding has any. `[rows, width]` → `[rows, width]`
  func place(_ x: Tensor, _ encoding: PositionEncoding) -> Tensor {
    switch encoding {
    case .table(let table): add(x, rows(of: table, positions))
    case .sinusoids(let sinusoids): add(x, sinusoids(numbers(of: sinusoids)))
    case .none, .rotary, .relativeBias, .alibi: x
    }
  }

  /// The number of each row's position. `[rows]`
  private func numbers(of sinusoids: SinusoidalPositions) -> [Int] {
    zip(batch.ranges.indices, batch.ranges).flatMap { index, rows in
      sinusoids.numbers(
        Array(ids[rows]), start: segments.isEmpty ? 0 : segments[index].state.count, isWhole: segments.isEmpty)
    }
  }

  // MARK: - Attention

  /// Self-attention: appends the rows' keys and values to their sequences, then attends. A decoder row attends to the
  /// positions up to its own, a row of a whole sequence to all positions.
  /// - Returns: `[rows, queryWidth]`, in the last layer only the requested rows.
  func attend(
    _ q: TensorColumns, _ k: TensorColumns, _ v: TensorColumns, _ shape: AttentionShape, _ positions: Positions = .none
  ) -> Tensor {
    if case .rotation(let rotary, let angles) = positions {
      return attendPlaced(
        TensorColumns(rotary(q, angles)), TensorColumns(rotary(k, angles)), v, shape, positions)
    }
    return attendPlaced(q, k, v, shape, positions)
  }

  /// Cross-attention: decoder rows attend to the encoded source of their sequence. `[rows, queryWidth]` →
  /// `[rows, queryWidth]`
  func attendAcross(_ q: Tensor, _ shape: AttentionShape) -> Tensor {
    let ranges = narrows ? batch.wantedRanges : batch.ranges
    for (segment, rows) in zip(segments, ranges) {
      guard let encoder = segment.state.encoder else { continue }
      batch.runs.add(
        AttentionSegment(
          rows: rows, cache: encoder.cache, layer: layer, isCausal: false,
          source: recorder == nil ? nil : encoder.source(layer)))
    }
    return batch.runs.attend(
      TensorColumns(q), shape, dropout: mask(.cross, shape, isNarrow: narrows), weights: reporting(.cross, shape))
  }

  private func attendPlaced(
    _ q: TensorColumns, _ k: TensorColumns, _ v: TensorColumns, _ shape: AttentionShape, _ positions: Positions
  ) -> Tensor {
    if case .sourceBias(let bias) = positions { return attendInSlices(q, k, v, shape, bias) }
    // The causal mask is aligned to the end of the cache, so a subset of queries must be the last rows of its sequence.
    let isNarrow = narrows && positions.bias.isEmpty && (segments.isEmpty ? shape.window == nil : batch.wantsEnds)
    let ranges = isNarrow ? batch.wantedRanges : batch.ranges
    if segments.isEmpty {
      for (rows, looking) in zip(batch.ranges, ranges) {
        batch.runs.add(
          AttentionSegment(
            rows: looking, cache: wholeCache(k.rows(rows), v.rows(rows), shape), layer: 0, isCausal: false,
            source: source(k, v, rows)))
      }
    } else if isRecorded {
      let bias = positions.bias
      for (index, rows) in batch.ranges.enumerated() {
        batch.runs.add(
          AttentionSegment(
            rows: ranges[index], cache: wholeCache(k.rows(rows), v.rows(rows), shape), layer: 0, isCausal: true,
            bias: bias.isEmpty ? nil : bias[index], source: source(k, v, rows)))
      }
    } else {
      for (segment, rows) in zip(segments, batch.ranges) {
        segment.state.cache.append(layer: layer, keys: k.rows(rows), values: v.rows(rows))
      }
      let bias = positions.bias
      for index in segments.indices {
        batch.runs.add(
          AttentionSegment(
            rows: ranges[index], cache: segments[index].state.cache, layer: layer, isCausal: true,
            bias: bias.isEmpty ? nil : bias[index]))
      }
    }
    let seen = batch.runs.attend(
      isNarrow ? batch.narrow(q) : q, shape, slopes: positions.slopes,
      dropout: mask(.attention, shape, isNarrow: isNarrow), weights: reporting(.attention, shape))
    return isNarrow ? seen : narrow(seen)
  }

  private func attendInSlices(
    _ q: TensorColumns, _ k: TensorColumns, _ v: TensorColumns, _ shape: AttentionShape, _ bias: [SourceBias]
  ) -> Tensor {
    var parts: [Tensor] = []
    for (rows, bias) in zip(batch.ranges, bias) {
      let cache = wholeCache(k.rows(rows), v.rows(rows), shape)
      for slice in bias.slices {
        batch.runs.add(
          AttentionSegment(
            rows: 0..<slice.count, cache: cache, layer: 0, isCausal: false, bias: bias(slice, recorder: recorder),
            source: source(k, v, rows)))
        parts.append(
          batch.runs.attend(
            q.rows(rows).rows(slice), shape,
            dropout: mask(
              .attention, shape, isNarrow: false,
              rows.lowerBound + slice.lowerBound..<rows.lowerBound + slice.upperBound),
            weights: reporting(.attention, shape, from: slice.lowerBound)))
      }
    }
    return narrow(parts.count == 1 ? parts[0] : Tensor.stackingRows(parts))
  }

  /// Passes attention weights on to a probe; `nil` if it does not receive them.
  /// - Parameter first: the first row, counted from the first new row of the sequence.
  private func reporting(
    _ kind: SublayerPlace.Kind, _ shape: AttentionShape, from first: Int = 0
  ) -> ((_ run: Int, _ weights: Tensor) -> Void)? {
    guard let probe, probe.wantsWeights, let report = probe.report else { return nil }
    let place = SublayerPlace(stack, layer, kind)
    let start = (positions.first ?? 0) + first
    return { run, weights in
      report(.attention(place, sequence: run, start: start, keyHeads: shape.keyHeads, weights: weights))
    }
  }

  /// The keys and values of a sequence before caching, if a recorder needs them; otherwise `nil`.
  private func source(_ k: TensorColumns, _ v: TensorColumns, _ rows: Range<Int>) -> KeyValueSource? {
    recorder == nil ? nil : KeyValueSource(keys: k.rows(rows), values: v.rows(rows))
  }

  private func wholeCache(_ k: TensorColumns, _ v: TensorColumns, _ shape: AttentionShape) -> KeyValueCache {
    KeyValueCache(
      keys: k, values: v, heads: shape.keyHeads, headWidth: shape.headWidth,
      format: segments.first?.state.cache.geometry.format ?? .f32)
  }
}
