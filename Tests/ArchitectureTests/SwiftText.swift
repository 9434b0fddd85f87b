/// Swift source split into code and string literals, for searching.
struct SwiftText {
  /// The code without comments. Of each string literal only the quotes and interpolations are left.
  var code: String { String(decoding: kept, as: UTF8.self) }
  /// The texts of the string literals, without interpolations.
  private(set) var literals: [String] = []

  private let bytes: [UInt8]
  private var kept: [UInt8] = []
  private var index = 0

  init(_ text: String) {
    bytes = Array(text.utf8)
    while index < bytes.count { step() }
  }

  private func starts(_ word: StaticString) -> Bool {
    starts(Array(UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)))
  }

  private func starts(_ word: [UInt8]) -> Bool {
    index + word.count <= bytes.count && bytes[index] == word[0]
      && bytes[index..<index + word.count].elementsEqual(word)
  }

  private mutating func step() {
    let byte = bytes[index]
    if byte == UInt8(ascii: "/"), starts("//") {
      while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index += 1 }
    } else if byte == UInt8(ascii: "/"), starts("/*") {
      skipComment()
    } else if let pounds = openingPounds() {
      readLiteral(pounds: pounds)
    } else {
      kept.append(byte)
      index += 1
    }
  }

  private mutating func skipComment() {
    var depth = 0
    repeat {
      if starts("/*") {
        depth += 1
        index += 2
      } else if starts("*/") {
        depth -= 1
        index += 2
      } else {
        index += 1
      }
    } while depth > 0 && index < bytes.count
  }

  /// The number of `#` before the quote at this position; `nil` if no literal begins here.
  private func openingPounds() -> Int? {
    guard bytes[index] == UInt8(ascii: "#") || bytes[index] == UInt8(ascii: "\"") else { return nil }
    let pounds = bytes[index...].prefix { $0 == UInt8(ascii: "#") }.count
    return index + pounds < bytes.count && bytes[index + pounds] == UInt8(ascii: "\"") ? pounds : nil
  }

  private mutating func readLiteral(pounds: Int) {
    index += pounds
    let hashes = [UInt8](repeating: UInt8(ascii: "#"), count: pounds)
    let quote = [UInt8](repeating: UInt8(ascii: "\""), count: starts("\"\"\"") ? 3 : 1)
    let escape = [UInt8(ascii: "\\")] + hashes
    index += quote.count
    kept.append(UInt8(ascii: "\""))
    var text: [UInt8] = []
    while index < bytes.count, !starts(quote + hashes) {
      if starts(escape + [UInt8(ascii: "(")]) {
        readInterpolation(skipping: escape.count + 1)
      } else {
        // A quote after a backslash does not end the literal.
        let end = min(index + (starts(escape) ? escape.count + 1 : 1), bytes.count)
        text += bytes[index..<end]
        index = end
      }
    }
    index += quote.count + pounds
    kept.append(UInt8(ascii: "\""))
    literals.append(String(decoding: text, as: UTF8.self))
  }

  /// An interpolation is code, which may contain literals itself.
  private mutating func readInterpolation(skipping width: Int) {
    index += width
    kept.append(UInt8(ascii: "("))
    var depth = 1
    while index < bytes.count, depth > 0 {
      if bytes[index] == UInt8(ascii: "(") { depth += 1 }
      if bytes[index] == UInt8(ascii: ")") { depth -= 1 }
      step()
    }
  }
}
