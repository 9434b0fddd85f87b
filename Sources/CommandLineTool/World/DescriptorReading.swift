import Dispatch

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reads files and pipes to their end, on a thread of its own: a pipe that nobody writes to must not keep the program
/// from ending when it is asked to.
enum DescriptorReading {
  /// All bytes of standard input.
  static func standardInput(limit: Int) async throws(ReadingError) -> [UInt8] {
    try await read(limit: limit) { .success(0) }
  }

  /// All bytes of the file at `path`, which may be a pipe.
  static func file(_ path: String, limit: Int) async throws(ReadingError) -> [UInt8] {
    try await read(limit: limit) {
      let descriptor = open(path, O_RDONLY | O_CLOEXEC)
      return descriptor < 0 ? .failure(.unreadable(SystemFailure.last())) : .success(descriptor)
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
        return .failure(.unreadable(SystemFailure.last()))
      }
    }
  }

  private static func readSome(_ descriptor: Int32, into buffer: inout [UInt8]) -> Int {
    #if canImport(Glibc)
      return Glibc.read(descriptor, &buffer, buffer.count)
    #elseif canImport(Musl)
      return Musl.read(descriptor, &buffer, buffer.count)
    #else
      return Darwin.read(descriptor, &buffer, buffer.count)
    #endif
  }
}
