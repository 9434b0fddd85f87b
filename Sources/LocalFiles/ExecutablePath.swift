#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where the running program lies.
enum ExecutablePath {
  /// The program's path with symbolic links resolved; `nil` where the system does not tell.
  static func resolved() -> String? {
    #if canImport(Darwin)
      var size: UInt32 = 0
      _ = _NSGetExecutablePath(nil, &size)
      guard size > 0, size < 1 << 20 else { return nil }
      var buffer = [CChar](repeating: 0, count: Int(size))
      guard _NSGetExecutablePath(&buffer, &size) == 0 else { return nil }
      return buffer.withUnsafeBufferPointer { $0.baseAddress.flatMap { FilePaths.resolvingLinks(String(cString: $0)) } }
    #else
      return FilePaths.resolvingLinks("/proc/self/exe")
    #endif
  }
}
