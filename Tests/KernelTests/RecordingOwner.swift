import Synchronization
import Tensors

/// Zeros that count how many of their bytes have been discarded.
final class RecordingOwner: StoredBytesOwner, @unchecked Sendable {
  // The buffer is never written after its making.
  private let buffer: UnsafeMutableRawBufferPointer
  private let count = Mutex(0)

  init(count: Int) {
    buffer = .allocate(byteCount: count, alignment: 64)
    buffer.initializeMemory(as: UInt8.self, repeating: 0)
  }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(buffer) }
  var discarded: Int { count.withLock { $0 } }

  func discard(_ bytes: UnsafeRawBufferPointer) { count.withLock { $0 += bytes.count } }

  deinit { buffer.deallocate() }
}
