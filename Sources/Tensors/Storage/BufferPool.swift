import CKernels
import Synchronization

/// Memory that operations write their results into, kept for the next operation instead of given back: a decoding step
/// asks for the same sizes again and again.
///
/// Sizes are rounded up to four classes an octave, so that at most a fifth of a buffer is unused. Thread-safe.
enum BufferPool {
  /// Bytes that may wait in the pool; beyond, buffers go back to the system.
  private static let limit = 64 << 20
  private static let smallest = 256

  private struct State: @unchecked Sendable {
    // Raw pointers are not Sendable by themselves; these are reached under the lock alone.
    var free: [[UnsafeMutableRawPointer]] = []
    var retained = 0
  }

  private static let state = Mutex(State())

  /// The class of a size, and the bytes that all of the class have.
  static func sizeClass(_ bytes: Int) -> (index: Int, bytes: Int) {
    guard bytes > smallest else { return (0, smallest) }
    let octave = Int.bitWidth - 1 - (bytes - 1).leadingZeroBitCount
    let step = 1 << (octave - 2)
    let steps = (bytes - (1 << octave) + step - 1) / step
    return ((octave - 8) * 4 + steps, (1 << octave) + steps * step)
  }

  /// Memory for at least `bytes`, aligned to 64 bytes, with whatever it held before.
  static func acquire(_ bytes: Int) -> UnsafeMutableRawPointer {
    let (index, size) = sizeClass(bytes)
    let waiting = state.withLock { state -> UncheckedPointer? in
      guard index < state.free.count, let pointer = state.free[index].popLast() else { return nil }
      state.retained -= size
      return UncheckedPointer(pointer)
    }
    return waiting?.pointer ?? allocate(size)
  }

  /// Takes back what `acquire(bytes)` gave.
  static func release(_ pointer: UnsafeMutableRawPointer, _ bytes: Int) {
    let (index, size) = sizeClass(bytes)
    let returned = UncheckedPointer(pointer)
    let isKept = state.withLock { state -> Bool in
      guard state.retained + size <= limit else { return false }
      while state.free.count <= index { state.free.append([]) }
      state.free[index].append(returned.pointer)
      state.retained += size
      return true
    }
    if !isKept { ck_free(pointer, size) }
  }

  /// Memory outside of the pool; running out of it ends the program, as it does for Swift's own arrays.
  static func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
    guard let pointer = ck_allocate(bytes) else { preconditionFailure("out of memory: \(bytes) bytes") }
    return pointer
  }
}

/// A pointer on its way across the pool's lock: whoever holds it owns the memory.
private struct UncheckedPointer: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer

  init(_ pointer: UnsafeMutableRawPointer) { self.pointer = pointer }
}
