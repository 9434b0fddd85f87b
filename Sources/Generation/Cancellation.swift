/// A question that long loops ask between their steps: whether to stop.
public struct Cancellation {
  private let isRequested: () -> Bool

  /// A cancellation that is requested when `isRequested` says so.
  public init(_ isRequested: @escaping () -> Bool) { self.isRequested = isRequested }

  /// Never.
  public static var never: Cancellation { Cancellation { false } }

  /// - Throws: ``GenerationError/cancelled`` if it is requested.
  public func check() throws(GenerationError) {
    if isRequested() { throw .cancelled }
  }
}
