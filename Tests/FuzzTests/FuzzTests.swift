import Foundation
import TestSupport
import Testing

/// Runs every parser of untrusted files and bytes on mutated valid inputs from fixed seeds. `Tests/README.md` describes
/// how to run more inputs, and how to run the same targets under libFuzzer.
@Suite("Fuzzed parsers neither trap nor hang", .serialized, .timeLimit(.minutes(60)))
struct FuzzTests {
  private static let environment = ProcessInfo.processInfo.environment
  /// The number of inputs per target; small by default, set by an environment variable for long runs.
  private static let count = environment["TRIPTYCH_FUZZ_INPUTS"].flatMap(Int.init)
  private static let first = environment["TRIPTYCH_FUZZ_FIRST"].flatMap(Int.init) ?? 0
  private static let inSuite = 150

  /// The time limit for one input in a long run, in seconds; after it SIGALRM ends the process.
  private static let patience: UInt32 = 5

  /// The targets to run: all, or the one given by the environment.
  private static let names = FuzzTarget.all.map(\.name).filter {
    environment["TRIPTYCH_FUZZ_TARGET"].map([$0].contains) ?? true
  }

  @Test("every target accepts or rejects mutated inputs", arguments: names)
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

  @Test("a number always generates the same input, and most numbers generate different inputs", arguments: names)
  func inputs(name: String) throws {
    let target = try #require(FuzzTarget.all.first { $0.name == name })
    let mutator = try Mutator(target)
    let again = try Mutator(target)
    let inputs = (0..<60).map(mutator.input)
    #expect(inputs == (0..<60).map(again.input))
    #expect(Set(inputs).count > 40)
  }
}
