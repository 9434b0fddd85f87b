import JSONText
import TestSupport

/// A file of `Tests/Fixtures/metrics`.
func metricFixture(_ name: String) throws -> JSONValue {
  try JSONValue(parsing: Fixtures.bytes("metrics/\(name).json"))
}

extension JSONValue {
  var items: [JSONValue] { if case .array(let items) = self { items } else { [] } }
  var word: String { if case .string(let text) = self { text.description } else { "" } }
  var words: [String] { items.map(\.word) }
  var flag: Bool { self == .bool(true) }
  var whole: Int { if case .integer(let number) = self { number } else { -1 } }
  var numbers: [Double] { items.map(\.real) }
  var real: Double {
    switch self {
    case .integer(let number): Double(number)
    case .double(let number): number
    default: .nan
    }
  }
}

/// Whether two figures agree to 12 digits.
func agree(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-12 * max(1, abs(b)) }

/// Whether all figures agree to 12 digits.
func agree(_ a: [Double], _ b: [Double]) -> Bool { a.count == b.count && zip(a, b).allSatisfy { agree($0, $1) } }
