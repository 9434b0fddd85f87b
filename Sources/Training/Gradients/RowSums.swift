import Tensors

/// The sums of those rows of a table that a step has read: a batch reads few rows of a large vocabulary.
final class RowSums {
  private let width: Int
  /// The place of each row in `sums`.
  private var places: [Int: Int] = [:]
  /// Row after row, in the order of their first use.
  private var sums: [Float] = []

  /// No rows of this width yet.
  init(width: Int) { self.width = width }

  /// Adds row i of `dy` to row `rows[i]`, in the order of i. Rows below 0 are left out.
  func add(_ dy: UnsafePointer<Float>, to rows: [Int]) {
    let targets = rows.map { row -> Int? in
      guard row >= 0 else { return nil }
      if let known = places[row] { return known }
      let place = places.count
      places[row] = place
      return place
    }
    sums += [Float](repeating: 0, count: places.count * width - sums.count)
    sums.withUnsafeMutableBufferPointer { sums in
      guard let base = sums.baseAddress else { return }
      columnWise(width, rows: rows.count) { columns in
        for (row, place) in targets.enumerated() {
          guard let place else { continue }
          let target = base + place * width + columns.lowerBound
          kernels.add(target, dy + row * width + columns.lowerBound, target, columns.count)
        }
      }
    }
  }

  /// Adds the sums to the rows of a table.
  func add(to table: UnsafeMutablePointer<Float>) {
    sums.withUnsafeBufferPointer { sums in
      guard let base = sums.baseAddress else { return }
      for (row, place) in places {
        kernels.add(table + row * width, base + place * width, table + row * width, width)
      }
    }
  }
}
