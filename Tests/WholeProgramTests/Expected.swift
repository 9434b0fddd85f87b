import JSONText
import TestSupport
import Testing

/// Reference values of transformers for the tiny models (`Tests/Fixtures/make_program_fixtures.py`).
enum Expected {
  /// The tolerance of a log-probability in f32 against the reference.
  static let logprobTolerance = 0.002

  static func of(_ model: String) throws -> JSONValue {
    let all = try JSONValue(contentsOfFile: Fixtures.path("program/expected.json"))
    return try #require(all[model])
  }
}

extension Program.Outcome {
  /// The single JSON object on standard output.
  func json() throws -> JSONValue {
    #expect(errors == "")
    #expect(exitCode == 0)
    return try JSONValue(parsing: output)
  }
}

extension JSONValue {
  /// The ids of a list of tokens.
  var ids: [Int] { (array ?? []).compactMap { $0["id"]?.int } }

  /// The numbers of a list.
  var numbers: [Double] { (array ?? []).compactMap(\.double) }

  /// The numbers under one key of a list of objects.
  func numbers(_ key: String) -> [Double] { (array ?? []).compactMap { $0[key]?.double } }

  /// The integers of a list.
  var wholes: [Int] { (array ?? []).compactMap(\.int) }
}

/// Whether two lists of numbers agree within a tolerance.
func agree(_ found: [Double], _ expected: [Double], within tolerance: Double) -> Bool {
  found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) <= tolerance }
}
