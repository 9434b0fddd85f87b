#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Which bucket a relative position falls into.
struct RelativePositionBuckets: Sendable {
  /// Whether what lies ahead has buckets of its own; otherwise it all counts as distance 0.
  let bidirectional: Bool
  let count: Int
  let maxDistance: Int

  /// The bucket of a relative position: the key's minus the query's.
  func bucket(of position: Int) -> Int {
    let perDirection = bidirectional ? count / 2 : count
    let first = bidirectional && position > 0 ? perDirection : 0
    let distance = bidirectional ? abs(position) : max(-position, 0)
    let exact = perDirection / 2
    guard distance >= exact else { return first + distance }
    // In single precision and in this order, for a distance on the edge between two buckets must fall where the
    // reference puts it.
    let ratio = Float(log(Double(Float(distance) / Float(exact)))) / Float(log(Double(maxDistance) / Double(exact)))
    let wide = exact + Int(ratio * Float(perDirection - exact))
    return first + min(wide, perDirection - 1)
  }
}
