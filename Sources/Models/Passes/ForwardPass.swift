import Layers
import Tensors

/// One reading of new ids by a stack of layers: the sequences and their caches, the positions, who looks on, and which
/// rows are asked for.
///
/// A block is written as in its paper: it projects its rows to queries, keys and values, and ``attend(_:_:_:_:_:)`` does
/// what depends on the sequences. In the last layer only the rows that are asked for go on (unless a probe looks at
/// all), once every row's keys and values have been made; what is added to an attention's output goes through
/// ``narrow(_:)`` for that.
struct ForwardPass {
  private let batch: BatchLayout
  /// The sequences of a decoder, each with its cache; none where whole sequences look at themselves.
  private let segments: [Segment]
  private let probe: Probe?
  /// The layer that runs.
  private var layer = 0
  /// Whether the layer that runs gives only the rows that are asked for.
  private var narrows = false

  /// New ids of sequences that are read from left to right.
  /// - Throws: ``ModelError`` where an id or a position is not one of the model's.
  init(_ segments: [Segment], _ facts: ModelFacts, probe: Probe?) throws(ModelError) {
    batch = try BatchLayout(segments, facts)
    self.segments = segments
    self.probe = probe
  }

  /// Whole sequences, each of which looks at all of itself.
  /// - Throws: ``ModelError`` where an id or a position is not one of the model's.
  init(_ sequences: [MaskedSequence], _ facts: ModelFacts, probe: Probe?) throws(ModelError) {
    batch = try BatchLayout(sequences, facts)
    segments = []
    self.probe = probe
  }

  /// All new ids, one sequence after the other. `[rows]`
  var ids: [Int] { batch.ids }

  /// The position of each row within its sequence. `[rows]`
  var positions: [Int] { batch.positions }

  // MARK: - Layers

  /// Sends rows through a stack of blocks; a probe sees what enters each.
  /// - Parameter name: what the probe is told, with the layer's number after it.
  func layers<Block>(
    _ blocks: [Block], _ x: Tensor, named name: String = "hidden_states",
    apply: (_ block: Block, _ x: Tensor, _ pass: ForwardPass) -> Tensor
  ) -> Tensor {
    var x = x
    var pass = self
    for index in blocks.indices {
      probe?.observe("\(name).\(index)", x)
      pass.layer = index
      pass.narrows = index == blocks.count - 1 && probe == nil
      x = apply(blocks[index], x, pass)
    }
    return x
  }

  /// The answer: what left a stack of `depth` layers, normed where the architecture norms it.
  func result(_ x: Tensor, depth: Int, named name: String = "hidden_states") -> HiddenRows {
    probe?.observe("\(name).\(depth)", x)
    return HiddenRows(tensor: probe == nil ? x : batch.narrow(x), ranges: batch.wantedRanges)
  }

  /// The rows to continue with: the requested rows in the last layer, all rows before it.
  func narrow(_ x: Tensor) -> Tensor { narrows ? batch.narrow(x) : x }

  // MARK: - Positions

  /// What an encoding of positions does to this pass's attention, made once for all layers.
  enum Positions {
    /// Nothing: positions are in the rows already, or nowhere.
    case none
    /// Queries and keys turn by these angles. `[rows, 2 × pairs]`
    case rotation(RotaryEmbedding, angles: Tensor)
    /// Added to the scores of each sequence of a decoder. `[heads, rows, keys]`
    case bias([Tensor])
    /// Added to the scores of each whole sequence, a slice of its queries at a time.
    case sourceBias([SourceBias])
    /// How scores fall with the distance, for each head.
    case slopes([Float])

    fileprivate var slopes: [Float] { if case .slopes(let slopes) = self { slopes } else { [] } }
    fileprivate var bias: [Tensor] { if case .bias(let bias) = self { bias } else { [] } }
  }

  /// Prepares an encoding for this pass.
  /// - Parameter queriesAtOnce: how many queries of a whole sequence have their bias in memory at once.
  func prepare(_ encoding: PositionEncoding, queriesAtOnce: Int = SourceBias.queriesAtOnce) -> Positions {
    switch encoding {
    case .none, .table: return .none
    case .rotary(let rotary): return .rotation(rotary, angles: rotary.angles(positions))
    case .alibi(let slopes): return .slopes(slopes)
    case .relativeBias(let bias) where segments.isEmpty:
      return .sourceBias(batch.ranges.map { SourceBias(bias, count: $0.count, queriesAtOnce: queriesAtOnce) })
    case .relativeBias(let bias):
      return .bias(
        segments.map { segment in
          let end = segment.state.count + segment.ids.count
          return bias(queries: segment.state.count..<end, keyCount: end)
        })
    }
  }

  /// Rows with their positions' vectors added, where positions are a table. `[rows, width]` → `[rows, width]`
  func place(_ x: Tensor, _ encoding: PositionEncoding) -> Tensor {
    guard case .table(let table) = encoding else { return x }
    return add(x, table.gatherRows(positions))
  }

  // MARK: - Attention

  /// Self-attention: the rows' keys and values join their sequences, and the rows look at all that they may see. A row
  /// of a decoder sees the positions up to its own, a row of a whole sequence all.
  /// - Returns: `[rows, queryWidth]`, in the last layer only the rows that are asked for.
  func attend(
    _ q: TensorColumns, _ k: TensorColumns, _ v: TensorColumns, _ shape: AttentionShape, _ positions: Positions = .none
  ) -> Tensor {
    if case .rotation(let rotary, let angles) = positions {
      return attendPlaced(
        TensorColumns(rotary(q, angles)), TensorColumns(rotary(k, angles)), v, shape, positions)
    }
    return attendPlaced(q, k, v, shape, positions)
  }

  /// Cross-attention: decoder rows look at their sequence's source. `[rows, queryWidth]` → `[rows, queryWidth]`
  func attendAcross(_ q: Tensor, _ shape: AttentionShape) -> Tensor {
    let ranges = narrows ? batch.wantedRanges : batch.ranges
    for (segment, rows) in zip(segments, ranges) {
      guard let encoder = segment.state.encoder else { continue }
      batch.runs.add(AttentionSegment(rows: rows, cache: encoder.cache, layer: layer, isCausal: false))
    }
    return batch.runs.attend(TensorColumns(q), shape)
  }

  private func attendPlaced(
    _ q: TensorColumns, _ k: TensorColumns, _ v: TensorColumns, _ shape: AttentionShape, _ positions: Positions
  ) -> Tensor {
    if case .sourceBias(let bias) = positions { return attendInSlices(q, k, v, shape, bias) }
    // Causal rows look back from a cache's last positions, so only those can look alone.
    let isNarrow = narrows && positions.bias.isEmpty && (segments.isEmpty ? shape.window == nil : batch.wantsEnds)
    let ranges = isNarrow ? batch.wantedRanges : batch.ranges
    if segments.isEmpty {
      for (rows, looking) in zip(batch.ranges, ranges) {
        batch.runs.add(
          AttentionSegment(
            rows: looking, cache: wholeCache(k.rows(rows), v.rows(rows), shape), layer: 0, isCausal: false))
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
    let seen = batch.runs.attend(isNarrow ? batch.narrow(q) : q, shape, slopes: positions.slopes)
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
          AttentionSegment(rows: 0..<slice.count, cache: cache, layer: 0, isCausal: false, bias: bias(slice)))
        parts.append(batch.runs.attend(q.rows(rows).rows(slice), shape))
      }
    }
    return narrow(parts.count == 1 ? parts[0] : Tensor.stackingRows(parts))
  }

  private func wholeCache(_ k: TensorColumns, _ v: TensorColumns, _ shape: AttentionShape) -> KeyValueCache {
    KeyValueCache(keys: k, values: v, heads: shape.keyHeads, headWidth: shape.headWidth)
  }
}

/// Looks into a forward pass: it is handed named activations as they are made.
///
/// The names are those of transformers' outputs: `hidden_states.0` is what enters the first layer, `hidden_states.i`
/// what leaves layer i, and the last one has gone through the final norm where the architecture has one.
/// Encoder-decoder models say `encoder_hidden_states.i` and `decoder_hidden_states.i`. The rows are those of the pass:
/// all segments' new positions, one after the other. `[rows, width]`
///
/// A pass without a probe computes nothing for it; a probe changes no bit of the result.
public struct Probe {
  private let receive: (String, Tensor) -> Void

  /// A probe that calls `receive` with the name and value of every activation.
  public init(_ receive: @escaping (_ name: String, _ activation: Tensor) -> Void) { self.receive = receive }

  /// Hands over one activation.
  func observe(_ name: @autoclosure () -> String, _ activation: Tensor) { receive(name(), activation) }
}
