import Foundation
import TestSupport
import Testing

/// Every reader of files and bytes from elsewhere, fed with seeded mutations of valid inputs. `Tests/README.md` says how
/// to run more of them, and how to run the same targets under libFuzzer.
@Suite("Fuzzed readers neither trap nor hang", .serialized, .timeLimit(.minutes(60)))
struct FuzzTests {
  private static let environment = ProcessInfo.processInfo.environment
  /// Inputs of each target: few in the suite, more by the environment.
  private static let count = environment["TRIPTYCH_FUZZ_INPUTS"].flatMap(Int.init)
  private static let first = environment["TRIPTYCH_FUZZ_FIRST"].flatMap(Int.init) ?? 0
  private static let inSuite = 150

  /// Seconds that one input may take in a long run, before the alarm ends the process.
  private static let patience: UInt32 = 5

  /// The targets of a run: all, or the one that the environment names.
  private static let names = FuzzTarget.all.map(\.name).filter {
    environment["TRIPTYCH_FUZZ_TARGET"].map([$0].contains) ?? true
  }

  @Test("targets", arguments: names)
  func target(name: String) throws {
    let target = try #require(FuzzTarget.all.first { $0.name == name })
    let mutator = try Mutator(target)
    let kept = Self.environment["TRIPTYCH_FUZZ_KEEP"].map { URL(fileURLWithPath: $0 + "/" + name) }
    for number in Self.first..<Self.first + (Self.count ?? Self.inSuite) {
      let input = mutator.input(number)
      try kept.map { try Data(input).write(to: $0) }
      if Self.count != nil { alarm(Self.patience) }
      target.run(input)
    }
    alarm(0)
  }

  @Test("the same number is the same input, and most inputs differ", arguments: names)
  func inputs(name: String) throws {
    let target = try #require(FuzzTarget.all.first { $0.name == name })
    let mutator = try Mutator(target)
    let again = try Mutator(target)
    let inputs = (0..<60).map(mutator.input)
    #expect(inputs == (0..<60).map(again.input))
    #expect(Set(inputs).count > 40)
  }
}
