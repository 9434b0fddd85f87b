/// The required form of everything that the program writes to standard error if it is not a terminal: any number of
/// lines `note: …`, then at most one line `error: WHAT, WHERE: expected EXPECTED, found FOUND`, then at most one line
/// `hint: …`.
public enum ErrorForm {
  /// The maximum length of an error line in bytes, including `error: `.
  public static let longestLine = 600

  /// Checks the form of `errors`: a description of the first problem, or `nil` if there is none.
  /// - Parameter exitCode: 0 allows only notes; any other code requires an error line.
  public static func fault(in errors: String, exitCode: Int32) -> String? {
    guard errors.isEmpty || errors.utf8.last == UInt8(ascii: "\n") else { return "the last line has no end" }
    let control = errors.unicodeScalars.first {
      $0 != "\n" && ($0.properties.generalCategory == .control || (0x2028...0x202E).contains($0.value))
    }
    if let control { return "a control character: U+\(String(control.value, radix: 16))" }
    var lines = errors.split(separator: "\n" as Character, omittingEmptySubsequences: false).dropLast()[...]
    lines = lines.drop { $0.hasPrefix("note: ") && $0.utf8.count <= 2100 }
    if exitCode == 0 { return lines.isEmpty ? nil : "no notice: \(lines.first ?? "")" }
    guard let error = lines.popFirst() else { return "no error" }
    let form = /error: (\S.*?), (\S.*?): expected (\S.*?), found (\S.*)/
    guard error.wholeMatch(of: form) != nil else { return "not in the form of errors: \(error.prefix(700))" }
    guard error.utf8.count <= longestLine else { return "an error of \(error.utf8.count) bytes" }
    for raw in ["NSCocoaErrorDomain", "Error Domain=", "Optional("] where error.contains(raw) {
      return "raw words: \(error)"
    }
    guard let hint = lines.popFirst() else { return nil }
    guard hint.hasPrefix("hint: "), hint.count > 6, hint.utf8.count <= longestLine else { return "no hint: \(hint)" }
    return lines.isEmpty ? nil : "more lines: \(lines.joined(separator: " / "))"
  }
}
