import Foundation

/// Conditions that every run of the program must satisfy, for any arguments.
public enum OutcomeForm {
  /// Checks the outcome of a generated command line: a description of the first problem, or `nil` if there is none.
  public static func fault(
    _ line: CommandLineGenerator.Line, exitCode: Int32, output: [UInt8], errors: String
  ) -> String? {
    guard (0...2).contains(exitCode) else { return "exit code \(exitCode)" }
    if let fault = ErrorForm.fault(in: errors, exitCode: exitCode) { return fault }
    if exitCode == 2, !output.isEmpty { return "an error in usage with \(output.count) bytes of output" }
    guard line.isJSON == true else { return nil }
    if exitCode != 0 { return output.isEmpty ? nil : "an error with \(output.count) bytes of output" }
    // JSONSerialization rejects NaN and infinity.
    let object = try? JSONSerialization.jsonObject(with: Data(output)) as? [String: Any]
    guard object != nil else { return "no JSON object: \(String(decoding: output.prefix(200), as: UTF8.self))" }
    guard output.starts(with: Array(#"{"schema":1"#.utf8)) else { return "the schema is not first" }
    return output.filter { $0 == UInt8(ascii: "\n") }.count == 1 ? nil : "more than one line"
  }

  /// The arguments of a command line, shortened, for messages.
  public static func words(_ line: CommandLineGenerator.Line) -> String {
    line.arguments.map { "‹\(String(decoding: $0.prefix(60), as: UTF8.self).debugDescription)›\($0.count)" }
      .joined(separator: " ")
  }
}

/// The number of generated cases to run: `TRIPTYCH_FUZZ_CASES` if it is set, otherwise `count`.
public func generatedCases(default count: Int) -> Int {
  ProcessInfo.processInfo.environment["TRIPTYCH_FUZZ_CASES"].flatMap { Int($0) } ?? count
}
