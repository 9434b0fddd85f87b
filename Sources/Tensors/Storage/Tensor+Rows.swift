extension Tensor {
  /// The given rows in the given order; rows may repeat.
  public func gatherRows(_ indices: [Int]) -> Tensor {
    let width = width
    precondition(indices.allSatisfy { $0 >= 0 && $0 < rowCount }, "a row beyond \(rowCount)")
    return Tensor(uninitialized: [indices.count] + shape.dropFirst()) { out in
      withUnsafeScalars { x in
        guard let base = x.baseAddress else { return }
        ThreadTeam.parallel(indices.count, grain: rowsOfPiece(width)) { range in
          for i in range { (out + i * width).update(from: base + indices[i] * width, count: width) }
        }
      }
    }
  }

  /// A run of the columns of `[rows, columns]`, copied: the parts of stacked projections.
  public func columns(_ range: Range<Int>) -> Tensor {
    precondition(
      shape.count == 2 && range.lowerBound >= 0 && range.upperBound <= shape[1], "columns \(range) of \(shape)")
    let (rows, width) = (shape[0], shape[1])
    return Tensor(uninitialized: [rows, range.count]) { out in
      withUnsafeScalars { x in
        guard let base = x.baseAddress else { return }
        ThreadTeam.parallel(rows, grain: rowsOfPiece(range.count)) { piece in
          for row in piece {
            (out + row * range.count).update(from: base + row * width + range.lowerBound, count: range.count)
          }
        }
      }
    }
  }

  /// Tensors of the same width one below the other.
  public static func stackingRows(_ parts: [Tensor]) -> Tensor {
    precondition(Set(parts.map { Array($0.shape.dropFirst()) }).count <= 1, "rows of different shapes")
    let rows = parts.reduce(0) { $0 + $1.rowCount }
    return Tensor(uninitialized: [rows] + (parts.first?.shape.dropFirst() ?? [])) { out in
      var next = out
      for part in parts {
        part.withUnsafeScalars { x in
          if let base = x.baseAddress { next.update(from: base, count: x.count) }
          next += x.count
        }
      }
    }
  }
}

/// Rows that one thread copies at a time.
private func rowsOfPiece(_ width: Int) -> Int { max(1, 32768 / max(1, width)) }

extension Tensor: Equatable {
  /// Same shape and equal numbers (NaN equals nothing).
  public static func == (a: Tensor, b: Tensor) -> Bool {
    guard a.shape == b.shape else { return false }
    return a.withUnsafeScalars { x in b.withUnsafeScalars { y in x.elementsEqual(y) } }
  }
}
