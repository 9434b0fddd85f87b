import Foundation

/// The test data in `Tests/Fixtures`, located by this file's path.
public enum Fixtures {
  /// Tests hold this while they change the kernels or the number of threads of the process, so that each finds the
  /// defaults and restores them.
  public static let kernelLock = NSLock()

  /// The folder `Tests/Fixtures`.
  public static let folder: String = {
    let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return here.appendingPathComponent("Fixtures").path
  }()

  /// The path of a file or folder in `Tests/Fixtures`.
  public static func path(_ name: String) -> String { folder + "/" + name }

  /// A folder of test data that is too large for the repository, in the folder `shared` beside the repository or in the
  /// folder given by `TRIPTYCH_SHARED`. `nil` if it does not exist; tests that need it are then skipped.
  public static func shared(_ name: String) -> String? {
    let beside = URL(fileURLWithPath: folder + "/../../../shared").standardizedFileURL.path
    let path = (ProcessInfo.processInfo.environment["TRIPTYCH_SHARED"] ?? beside) + "/" + name
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }

  /// The bytes of a file in `Tests/Fixtures`.
  public static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  /// Calls `body` with a new empty folder, which is removed afterwards.
  public static func withScratchFolder<R>(_ body: (String) throws -> R) throws -> R {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("triptych-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path)
  }

  /// Calls `body` with a new empty folder, which is removed afterwards.
  public static func withScratchFolder<R>(_ body: (String) async throws -> R) async throws -> R {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("triptych-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder.path)
  }
}

/// SplitMix64, the seeded random number generator of the tests (Steele, Lea, Flood 2014).
public struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  /// A generator with the given seed.
  public init(seed: UInt64) { state = seed }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
