import Dispatch
import JSONText
import Platform
import Synchronization

/// A sink of bytes: standard output, standard error, or a test's memory.
public protocol OutputSink: Sendable {
  /// Writes all bytes, in order, before it returns.
  func write(_ bytes: [UInt8]) throws(OutputError)
}

/// Why bytes could not be written.
public enum OutputError: Error, Sendable, Hashable {
  /// The other end of the pipe is closed.
  case closed
  /// Another reason; the system's message.
  case failed(SystemReason)
}

/// Writes to a file descriptor, unbuffered.
///
/// SIGPIPE must be ignored, so that a closed pipe is an error instead of ending the program.
struct FileDescriptorSink: OutputSink {
  let descriptor: Int32

  func write(_ bytes: [UInt8]) throws(OutputError) {
    var start = 0
    while start < bytes.count {
      let written = bytes.withUnsafeBytes { writeSome($0[start...]) }
      if written >= 0 {
        start += written
        continue
      }
      switch errno {
      case EINTR: continue
      case EAGAIN: waitUntilWritable()
      case EPIPE: throw .closed
      default: throw .failed(.last)
      }
    }
  }

  private func writeSome(_ bytes: Slice<UnsafeRawBufferPointer>) -> Int {
    let bytes = UnsafeRawBufferPointer(rebasing: bytes)
    return Platform.write(descriptor, bytes.baseAddress, bytes.count)
  }

  /// Waits until the descriptor is writable: a shell may have left the terminal in non-blocking mode.
  private func waitUntilWritable() {
    var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    _ = poll(&request, 1, -1)
  }
}

/// Why the bytes of a text could not be read.
public enum ReadingError: Error, Sendable, Hashable {
  /// The system's reason: no such file, a folder, not allowed.
  case unreadable(SystemReason)
  /// There are more bytes than the limit.
  case tooLarge
  /// A signal interrupted the read.
  case interrupted
}

/// Reads files and pipes to their end on a thread of its own, so that the program can end while a pipe blocks.
enum DescriptorReading {
  /// All bytes of standard input.
  static func standardInput(limit: Int) async throws(ReadingError) -> [UInt8] {
    try await read(limit: limit) { .success(0) }
  }

  /// All bytes of the file at `path`, which may be a pipe.
  static func file(_ path: String, limit: Int) async throws(ReadingError) -> [UInt8] {
    try await read(limit: limit) {
      let descriptor = open(path, O_RDONLY | O_CLOEXEC)
      return descriptor < 0 ? .failure(.unreadable(.last)) : .success(descriptor)
    }
  }

  private static func read(
    limit: Int, opening: @escaping @Sendable () -> Result<Int32, ReadingError>
  ) async throws(ReadingError) -> [UInt8] {
    let answer = OneShot<Result<[UInt8], ReadingError>>()
    let result = await withTaskCancellationHandler {
      DispatchQueue.global().async {
        answer.give(
          opening().flatMap { descriptor in
            defer { if descriptor != 0 { close(descriptor) } }
            return bytes(of: descriptor, limit: limit)
          })
      }
      return await answer.take()
    } onCancel: {
      answer.give(.failure(.interrupted))
    }
    return try result.get()
  }

  private static func bytes(of descriptor: Int32, limit: Int) -> Result<[UInt8], ReadingError> {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = readSome(descriptor, into: &buffer)
      if count > 0 {
        bytes += buffer[..<count]
        if bytes.count > limit { return .failure(.tooLarge) }
      } else if count == 0 {
        return .success(bytes)
      } else if errno == EAGAIN {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&request, 1, -1)
      } else if errno != EINTR {
        return .failure(.unreadable(.last))
      }
    }
  }

  fileprivate static func readSome(_ descriptor: Int32, into buffer: inout [UInt8]) -> Int {
    return Platform.read(descriptor, &buffer, buffer.count)
  }
}

/// Reads the lines of a descriptor one after the other, each on a thread of its own, so that the program can end while
/// a terminal or pipe blocks.
final class DescriptorLines: Sendable {
  private let descriptor: Int32
  /// The bytes read after the last line.
  private let rest = Mutex<[UInt8]>([])

  init(descriptor: Int32) { self.descriptor = descriptor }

  /// The next line without its newline; `nil` at the end. Not called again before it has returned.
  func next(limit: Int) async throws(ReadingError) -> [UInt8]? {
    let answer = OneShot<Result<[UInt8]?, ReadingError>>()
    DispatchQueue.global().async { answer.give(self.read(limit)) }
    return try await answer.take().get()
  }

  private func read(_ limit: Int) -> Result<[UInt8]?, ReadingError> {
    var bytes = rest.withLock { rest in
      defer { rest = [] }
      return rest
    }
    var buffer = [UInt8](repeating: 0, count: 1 << 12)
    var searched = 0
    while true {
      if let end = bytes[searched...].firstIndex(of: 0x0A) {
        rest.withLock { $0 = Array(bytes[(end + 1)...]) }
        return .success(Array(bytes[..<end]))
      }
      searched = bytes.count
      guard bytes.count <= limit else { return .failure(.tooLarge) }
      let count = DescriptorReading.readSome(descriptor, into: &buffer)
      if count > 0 {
        bytes += buffer[..<count]
      } else if count == 0 {
        return .success(bytes.isEmpty ? nil : bytes)
      } else if errno == EAGAIN {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&request, 1, -1)
      } else if errno != EINTR {
        return .failure(.unreadable(.last))
      }
    }
  }
}
