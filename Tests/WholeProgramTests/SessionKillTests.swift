import Foundation
import JSONText
import TestSupport
import Testing

/// A program that is killed while it writes a session.
struct SessionKillTests {
  /// `kill -9` after a number of tokens: what was printed is in the file, but for the token being made, and the session
  /// opens and goes on.
  @Test(arguments: [1, 7, 40]) func aKilledProgramLosesAtMostTheTokenBeingMade(count: Int) throws {
    try Fixtures.withScratchFolder { folder in
      let path = folder + "/killed.session"
      let arguments = [
        "generate", "-m", Program.model("encoder-decoder"), "How are you?", "--num-beams", "1", "--ignore-eos",
        "--seed",
        "3", "--session", path, "-q",
      ]
      let program = RunningProgram(arguments + ["-n", "1000000000", "--jsonl"])
      let output = Pipe()
      program.process.standardOutput = output
      try program.start()
      var lines = LineReader(output.fileHandleForReading)
      for _ in 0..<count { #expect(lines.next()?.hasPrefix("{\"type\":\"token\"") == true) }
      program.send(SIGKILL)
      program.process.waitUntilExit()
      #expect(try made(path).last ?? 0 >= count - 1)
      // The next command goes on with the file, and what was made is a text of it.
      let next = RunningProgram(arguments + ["-n", "2"])
      next.process.standardOutput = Pipe()
      try next.start()
      #expect(next.exitCode() == 0)
      #expect(try made(path).last == 2)
    }
  }

  /// The number of tokens of each node that a request made, in the order of the file. A last line without its end is
  /// left out.
  private func made(_ path: String) throws -> [Int] {
    let bytes = try FileBytes.read(path)
    let end = bytes.lastIndex(of: 0x0A) ?? -1
    var counts: [Int: Int] = [:]
    var sampled: Set<Int> = []
    for line in bytes[...end].split(separator: 0x0A) {
      let record = try JSONValue(parsing: Array(line))
      if record["type"]?.string == "origin", record["kind"]?.string == "sampled" {
        sampled.insert(record["origin"]?.int ?? -1)
      }
      guard let node = record["node"]?.int else { continue }
      let isMade = record["origin"]?.int.map(sampled.contains) ?? (counts[node] != nil)
      if isMade, ["node", "tokens"].contains(record["type"]?.string) {
        counts[node, default: 0] += record["ids"]?.array?.count ?? 0
      }
    }
    return counts.sorted { $0.key < $1.key }.map(\.value)
  }
}
