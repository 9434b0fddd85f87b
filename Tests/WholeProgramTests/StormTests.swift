import Foundation
import TestSupport
import Testing

/// Random input in a real terminal: only allowed sequences reach the terminal, and SIGTERM ends the program in every
/// state. `TRIPTYCH_STORMS` sets the number or range of the runs; then the program must also end within a second.
@Suite(.serialized) struct StormTests {
  /// `300` means the runs 0 to 299, `233-240` only these.
  private static let asked: Range<Int>? = ProcessInfo.processInfo.environment["TRIPTYCH_STORMS"].flatMap { text in
    let numbers = text.split(separator: "-").compactMap { Int($0) }
    return numbers.count == 2 ? numbers[0]..<max(numbers[0], numbers[1]) + 1 : numbers.first.map { 0..<max(0, $0) }
  }
  /// The time limit for ending after SIGTERM, in milliseconds. It is long in the full test suite, because the machine
  /// may be busy.
  private static let patience = asked == nil ? 20_000 : 1000

  @Test(arguments: asked ?? 0..<3)
  func randomInputNeverBreaksTheTerminal(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed) &+ 1)
    try Fixtures.withScratchFolder { home in
      let hostile = try HostileModel.make(in: home + "/mod\u{1B}[2Jel\u{202E}x")
      let models = [hostile, Program.model("causal"), Program.model("masked"), Program.model("encoder-decoder")]
      let arguments = ["play"] + models.flatMap { ["-m", $0] }
      let terminal = try Pseudoterminal(
        arguments, home: home, columns: UInt16.random(in: 20...160, using: &random),
        rows: UInt16.random(in: 5...50, using: &random))
      // Input before the alternate screen would go to the shell.
      #expect(terminal.read(until: "\u{1B}[?1049h"))
      for _ in 0..<Int.random(in: 20...120, using: &random) where terminal.program.process.isRunning {
        if Int.random(in: 0..<12, using: &random) == 0 {
          terminal.resize(
            columns: UInt16.random(in: 1...200, using: &random), rows: UInt16.random(in: 1...60, using: &random))
        } else {
          terminal.type(Self.input(&random))
        }
        terminal.read(patience: Int32.random(in: 0...5, using: &random))
      }
      let wasRunning = terminal.program.process.isRunning
      terminal.program.send(SIGTERM)
      let code = terminal.end(within: Self.patience)
      // 0 if the keys quit the program. Never 130, because the random keys do not include Ctrl-C, and pasted text is
      // not typed.
      #expect(code == 143 || code == 0, "ended with \(String(describing: code)), told to: \(wasRunning)")
      let bytes = TerminalBytes(terminal.output, isPlain: false)
      #expect(bytes.forbidden.isEmpty, "\(bytes.forbidden.prefix(5))")
      #expect(bytes.isRestored, "modes left: \(bytes.modes)")
      #expect(terminal.isRestored)
    }
  }

  /// A random key, paste, terminal report, or invalid sequence.
  private static func input(_ random: inout SplitMix64) -> [UInt8] {
    let keys = [
      "\r", "\t", "\u{1B}", "\u{1B}[A", "\u{1B}[B", "\u{1B}[C", "\u{1B}[D", "\u{1B}[Z", "\u{1B}[5~", "\u{1B}[6~",
      "\u{1B}OP", "\u{1B}OQ", "\u{1B}OR", "\u{1B}OS", "\u{1B}[15~", "\u{1B}[17~", "\u{1B}[18~", "\u{1B}[3~", "\u{7F}",
      "\u{1B}[1;5C", "\u{10}", "\u{12}", "\u{7}", "\u{E}", "\u{F}", "\u{18}", "\u{C}", "\u{1A}", "\u{1B}[200~",
      "\u{1B}[I",
      "?", "/", ":", "+", "-", "n", "y", "s", "l", "b", "m", "t", "h", " ", "0", "9",
    ]
    switch Int.random(in: 0..<10, using: &random) {
    case 0..<5: return Array((keys.randomElement(using: &random) ?? "").utf8)
    case 5:
      return (0..<Int.random(in: 1...40, using: &random)).map { _ in UInt8.random(in: 0x20...0x7E, using: &random) }
    case 6:
      let pasted = (0..<Int.random(in: 1...300, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      return Array("\u{1B}[200~".utf8) + pasted + Array("\u{1B}[201~".utf8)
    case 7:
      let place = (0..<3).map { _ in String(Int.random(in: -1...300, using: &random)) }.joined(separator: ";")
      return Array("\u{1B}[<\(place)\(Bool.random(using: &random) ? "M" : "m")".utf8)
    case 8:
      let pieces = [
        "\u{1B}[", "\u{1B}]", "\u{1B}P", "\u{1B}O", ";", "99999", "<", "?", "M", "\u{7}", "\u{9B}", "u", "~",
      ]
      return (0..<4).flatMap { _ in Array((pieces.randomElement(using: &random) ?? "").utf8) }
    default:
      return (0..<Int.random(in: 1...12, using: &random)).map { _ in UInt8.random(in: 0x80...255, using: &random) }
    }
  }
}
