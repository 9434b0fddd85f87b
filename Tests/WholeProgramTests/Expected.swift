import JSONText
import TestSupport
import Testing

/// What transformers says about the tiny models (`Tests/Fixtures/make_program_fixtures.py`).
enum Expected {
  /// How far a log-probability in f32 may lie from the reference's.
  static let logprobTolerance = 0.002

  static func of(_ model: String) throws -> JSONValue {
    let all = try JSONValue(contentsOfFile: Fixtures.path("program/expected.json"))
    return try #require(all[model])
  }
}

extension Program.Outcome {
  /// The one object on standard output.
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

  /// The whole numbers of a list.
  var wholes: [Int] { (array ?? []).compactMap(\.int) }
}

/// Whether numbers agree one by one.
func agree(_ found: [Double], _ expected: [Double], within tolerance: Double) -> Bool {
  found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) <= tolerance }
}
