extension Tensor {
  /// The given rows in the given order; rows may repeat.
  public func gatherRows(_ indices: [Int]) -> Tensor {
    let width = width
    precondition(indices.allSatisfy { $0 >= 0 && $0 < rowCount }, "a row beyond \(rowCount)")
    return Tensor(uninitialized: shape.withFirst(indices.count)) { out in
      withUnsafeScalars { x in
        guard let base = x.baseAddress else { return }
        ThreadTeam.parallel(indices.count, grain: rowsOfPiece(width)) { range in
          for i in range { (out + i * width).update(from: base + indices[i] * width, count: width) }
        }
      }
    }
  }

  /// A run of the columns of `[rows, columns]`, copied.
  public func columns(_ range: Range<Int>) -> Tensor {
    let view = TensorColumns(self, range)
    return Tensor(uninitialized: Shape(rowCount, range.count)) { out in
      withExtendedLifetime(self) {
        for row in 0..<rowCount {
          (out + row * range.count).update(from: view.pointer + row * width, count: range.count)
        }
      }
    }
  }

  /// The same numbers in memory of their own, outside of the pool: for what is kept long.
  public func detached() -> Tensor {
    let memory = PooledMemory(capacity: max(1, count) * MemoryLayout<Float>.stride)
    withUnsafeScalars { if let base = $0.baseAddress { memory.pointer.update(from: base, count: $0.count) } }
    return Tensor(sharing: memory, offset: 0, shape: shape)
  }

  /// Tensors of the same width one below the other.
  public static func stackingRows(_ parts: [Tensor]) -> Tensor {
    if parts.count == 1 { return parts[0] }
    let shape = parts.first?.shape ?? [0]
    precondition(
      parts.allSatisfy { $0.shape.withFirst(0) == shape.withFirst(0) }, "rows of different shapes")
    let rows = parts.reduce(0) { $0 + $1.rowCount }
    return Tensor(uninitialized: shape.withFirst(rows)) { out in
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
