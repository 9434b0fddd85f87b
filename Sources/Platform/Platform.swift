// The system's C library under one module name: `import Platform` instead of `Glibc`, `Musl` or `Darwin`. Write
// `Platform.read` to call a library function that a method of the same name hides.
//
// `@_exported` is not an official attribute, but no official one re-exports an overlay module such as `Glibc`.
// Foundation and SwiftNIO depend on it too.

#if canImport(Glibc)
  @_exported import Glibc
#elseif canImport(Musl)
  @_exported import Musl
#elseif canImport(Darwin)
  @_exported import Darwin
#endif
