/// Counts what has been loaded, and tells how far it is.
final class LoadTally {
  /// Bytes of the weights as packed in memory.
  private(set) var packedBytes = 0
  private var readBytes = 0
  private let totalBytes: Int
  private let progress: (Double) -> Void

  /// A tally of `totalBytes` in the files; `progress` hears the share that is done.
  init(totalBytes: Int, progress: @escaping (Double) -> Void = { _ in }) {
    self.totalBytes = max(totalBytes, 1)
    self.progress = progress
  }

  func add(read: Int, packed: Int) {
    readBytes += read
    packedBytes += packed
    progress(min(1, Double(readBytes) / Double(totalBytes)))
  }
}
