// The system's C library under one name: `import Platform` instead of `Glibc`, `Musl` or `Darwin`. `Platform.read` names
// a function of the library where a method of the same name hides it.
//
// `@_exported` is not an official attribute. No official one exports a module of Swift overlays such as `Glibc`, and
// Foundation and SwiftNIO depend on it.

#if canImport(Glibc)
  @_exported import Glibc
#elseif canImport(Musl)
  @_exported import Musl
#elseif canImport(Darwin)
  @_exported import Darwin
#endif
