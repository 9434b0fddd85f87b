import CKernels

/// Which elements of a head form the pairs that are rotated.
public enum RotationPairs: Sendable, Hashable {
  /// Element i and element i + pairs: GPT-NeoX, Llama in Hugging Face's layout.
  case halves
  /// Element 2 i and element 2 i + 1: GPT-J, Llama as published.
  case interleaved
}

/// Cosines and sines of rotation angles: `[rows, 2 × pairs]`, the cosines first.
///
/// Angle i of a row is `position · frequencies[i]`, rounded to single precision as in the reference. Cosine and sine
/// are our own polynomials in double precision, rounded and multiplied by `factor`, so the bits are the same on every
/// machine.
public func rotations(_ positions: [Int], frequencies: [Float], factor: Float = 1) -> Tensor {
  let pairs = frequencies.count
  return Tensor(uninitialized: Shape(positions.count, 2 * pairs)) { out in
    ThreadTeam.parallel(positions.count, grain: max(1, 256 / max(1, pairs))) { range in
      for row in range {
        let (cosines, sines) = (out + row * 2 * pairs, out + row * 2 * pairs + pairs)
        for pair in 0..<pairs {
          let angle = Double(Float(positions[row]) * frequencies[pair])
          cosines[pair] = Float(ck_cos(angle)) * factor
          sines[pair] = Float(ck_sin(angle)) * factor
        }
      }
    }
  }
}

/// For each position a row with the sines, then the cosines of the angles `position · frequencies[i]`: `[rows, width]`.
///
/// Computed with our own polynomials in double precision and rounded, so the bits are the same on every machine.
/// - Parameters:
///   - positions: one per row; a negative position gives zeros.
///   - cosines: the number of frequencies that have a cosine. Elements beyond the last cosine are zero.
///   - roundsAngles: whether angles are computed in single precision, as some references do.
public func sinusoids(
  _ positions: [Int], frequencies: [Double], cosines: Int, width: Int, roundsAngles: Bool
) -> Tensor {
  precondition(
    cosines <= frequencies.count && frequencies.count + cosines <= width,
    "\(frequencies.count) sines and \(cosines) cosines in \(width) numbers")
  return Tensor(uninitialized: Shape(positions.count, width)) { out in
    ThreadTeam.parallel(positions.count, grain: max(1, 256 / max(1, width))) { range in
      for row in range {
        let target = out + row * width
        target.update(repeating: 0, count: width)
        guard positions[row] >= 0 else { continue }
        for (index, frequency) in frequencies.enumerated() {
          let angle =
            roundsAngles
            ? Double(Float(positions[row]) * Float(frequency)) : Double(positions[row]) * frequency
          target[index] = Float(ck_sin(angle))
          if index < cosines { target[frequencies.count + index] = Float(ck_cos(angle)) }
        }
      }
    }
  }
}

/// Rotates the pairs of each head by its row's angles (Su et al. 2021, arXiv:2104.09864).
///
/// - Parameters:
///   - x: `[rows, heads * headWidth]`.
///   - angles: the result of ``rotations(_:frequencies:factor:)``, one row for each row of `x`. Elements of a head
///     beyond the pairs are copied unchanged.
/// - Returns: `[rows, heads * headWidth]`. A pair (x, y) becomes (x cos − y sin, y cos + x sin), each product rounded.
public func rotate(_ x: TensorColumns, angles: Tensor, headWidth: Int, pairs layout: RotationPairs) -> Tensor {
  let pairs = angles.width / 2
  precondition(angles.rowCount == x.rowCount, "angles of \(angles.rowCount) rows for \(x.rowCount)")
  precondition(x.width % headWidth == 0 && 2 * pairs <= headWidth, "\(pairs) pairs in heads of \(headWidth)")
  let rotated = withExtendedLifetime((x, angles)) {
    Tensor(uninitialized: Shape(x.rowCount, x.width)) { out in
      ThreadTeam.parallel(x.rowCount, grain: max(1, 16384 / max(1, x.width))) { range in
        for row in range {
          let (source, target) = (x.pointer + row * x.stride, out + row * x.width)
          let cosines = angles.pointer + row * 2 * pairs
          for start in stride(from: 0, to: x.width, by: headWidth) {
            kernels.rotate(
              source + start, cosines, cosines + pairs, pairs, layout == .interleaved, target + start)
            (target + start + 2 * pairs).update(from: source + start + 2 * pairs, count: headWidth - 2 * pairs)
          }
        }
      }
    }
  }
  return rotated.noted(by: x.tensor.recorder) {
    .rotation(
      input: x.unrecorded, angles: angles.unrecorded, headWidth: headWidth, pairs: layout, output: $0)
  }
}

/// `base^(−exponent)`, computed as e^(−exponent · log base) in double precision with our own exp and log, so the bits
/// are the same on every machine. Rounded to single precision. Used for rotary frequencies.
public func inversePower(_ base: Double, _ exponent: Double) -> Float { Float(inversePower(base, exponent) as Double) }

/// eˣ, computed in double precision and rounded: the same bits on every machine.
public func exponential(_ x: Float) -> Float { Float(ck_exp(Double(x))) }

/// The same in double precision.
public func inversePower(_ base: Double, _ exponent: Double) -> Double { ck_exp(-exponent * ck_log(base)) }

/// The natural logarithm in double precision: the same bits on every machine.
public func logarithm(_ x: Double) -> Double { ck_log(x) }

/// Expands a learned bias for each head and distance bucket to the layout that attention adds to scores (Raffel et al.
/// 2020, section 2.1).
///
/// - Parameters:
///   - weight: `[buckets, heads]`.
///   - buckets: the bucket of each relative position (key minus query), in order from `-(queries.upperBound - 1)` to
///     `keyCount - 1 - queries.lowerBound`.
///   - queries: the positions of the queries.
///   - keyCount: the number of keys, from position 0 on.
/// - Returns: `[heads, queries, keys]`.
public func positionBias(_ weight: Tensor, buckets: [Int], queries: Range<Int>, keyCount: Int) -> Tensor {
  let heads = weight.width
  precondition(
    buckets.count == keyCount + queries.count - 1 || keyCount * queries.count == 0, "buckets of \(buckets.count)")
  precondition(buckets.allSatisfy { $0 >= 0 && $0 < weight.rowCount }, "a bucket beyond \(weight.rowCount)")
  let bias = Tensor(uninitialized: [heads, queries.count, keyCount]) { out in
    weight.withUnsafeScalars { weight in
      for head in 0..<heads where !buckets.isEmpty {
        let byDistance = buckets.map { weight[$0 * heads + head] }
        for row in 0..<queries.count {
          // The row starts at the relative position of key 0 and continues through consecutive ones.
          let (target, first) = (out + (head * queries.count + row) * keyCount, queries.count - 1 - row)
          for key in 0..<keyCount { target[key] = byDistance[first + key] }
        }
      }
    }
  }
  return bias.noted(by: weight.recorder) {
    .positionBias(
      weight: weight.unrecorded, buckets: buckets, queries: queries, keyCount: keyCount, output: $0)
  }
}
