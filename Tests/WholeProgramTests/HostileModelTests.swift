import Foundation
import JSONText
import TestSupport
import Testing

/// A model with escape sequences in its tokens, names and card.
enum HostileModel {
  /// Tokens that would erase the screen, ring the bell or set the clipboard; C1 controls, direction marks, invisible
  /// characters and invalid UTF-8.
  static let pieces = [
    "\u{1B}[2J", "\u{7}", "\u{1B}]52;c;ZXZpbA==\u{7}", "\u{9B}31m", "\u{90}", "\u{202E}", "\u{2066}", "\u{200B}",
    "\u{FEFF}",
    "\u{8}", "\r", "\u{1B}c", "\u{2028}", "\u{E0041}", "<0xFF>", "<0x9B>", "<0x1B>", "\u{0}", "\u{7F}", "\u{1B}[?1049l",
  ]

  /// Writes the model to a folder: the fixture's weights with a vocabulary of such pieces.
  static func make(in folder: String) throws -> String {
    let manager = FileManager.default
    try manager.copyItem(atPath: Program.model("causal"), toPath: folder)
    let configuration = try JSONValue(contentsOfFile: folder + "/config.json")
    let size = configuration["vocab_size"]?.int ?? 0
    var vocabulary = JSONObject()
    vocabulary["a"] = 0
    for id in 1..<size {
      let piece = pieces[id % pieces.count]
      // Each piece is a token by itself first; later tokens contain it between letters.
      vocabulary[id < pieces.count ? piece : "x\(id)\(piece)y"] = .integer(id)
    }
    let tokenizer: JSONValue = [
      "model": ["type": "WordLevel", "vocab": .object(vocabulary), "unk_token": "a"],
      "decoder": ["type": "Sequence", "decoders": [["type": "ByteFallback"], ["type": "Fuse"]]],
    ]
    try Data(tokenizer.serialized().utf8).write(to: URL(fileURLWithPath: folder + "/tokenizer.json"))
    try manager.removeItem(atPath: folder + "/tokenizer_config.json")
    let card = "---\nlicense: mit\n---\n# Card \u{1B}[31m\u{7}\u{9B}2J\u{202E}\n\(pieces.joined(separator: " "))\n"
    try Data(card.utf8).write(to: URL(fileURLWithPath: folder + "/README.md"))
    return folder
  }
}

@Suite struct HostileModelTests {
  private static func withModel<R>(_ body: (_ home: String, _ model: String) throws -> R) throws -> R {
    try Fixtures.withScratchFolder { home in
      try body(home, try HostileModel.make(in: home + "/m\u{1B}[2J\u{202E}\u{7}"))
    }
  }

  private static let calls: [[String]] = [
    ["generate", "a", "-n", "40", "--ignore-eos", "--seed", "1"],
    ["generate", "a", "-n", "10", "--ignore-eos", "--seed", "1", "--jsonl"],
    ["generate", "a", "-n", "10", "--ignore-eos", "--num-beams", "3", "--color", "always"],
    ["next", "a", "--top-logprobs", "60"], ["score", "a", "--top-logprobs", "20"], ["tokenize", "a\u{1B}[2J"],
    ["detokenize", "1", "2", "3", "4", "5", "6", "7", "8", "9", "14", "15"], ["generate", "a", "--no\u{1B}[2J"],
    ["fill-mask", "a\u{1B}[2J"], ["generate", "-f", "/nowhere/\u{1B}[2J\u{202E}"],
    ["bench", "--prompt-tokens", "4", "-n", "2", "--runs", "1"],
  ]

  @Test("on a terminal, commands show escape sequences visibly and never send them", arguments: calls)
  func commands(arguments: [String]) throws {
    try Self.withModel { home, model in
      let terminal = try Pseudoterminal([arguments[0], "-m", model] + arguments.dropFirst(), home: home)
      #expect(terminal.end(within: 60_000) ?? -1 >= 0)
      let bytes = TerminalBytes(terminal.output, isPlain: true)
      #expect(bytes.forbidden.isEmpty, "\(bytes.forbidden.prefix(5))")
      #expect(!terminal.output.isEmpty)
    }
  }

  @Test("a pipe receives the unchanged text")
  func pipe() throws {
    try Self.withModel { _, model in
      let found = try Program.run("detokenize", "-m", model, "1", "7")
      #expect(found.exitCode == 0)
      #expect(found.output.starts(with: Array((HostileModel.pieces[1] + HostileModel.pieces[7]).utf8)))
    }
  }

  @Test("the playground shows escape sequences visibly and restores the terminal")
  func playground() throws {
    try Self.withModel { home, model in
      let terminal = try Pseudoterminal(["play", "-m", model], home: home)
      #expect(terminal.read(until: "Generate"))
      terminal.type(Array("a\r".utf8))
      #expect(terminal.read(until: "\\x1b"))
      terminal.program.send(SIGTERM)
      #expect(terminal.end(within: 20_000) == 143)
      let bytes = TerminalBytes(terminal.output, isPlain: false)
      #expect(bytes.forbidden.isEmpty, "\(bytes.forbidden.prefix(5))")
      #expect(bytes.isRestored && terminal.isRestored)
    }
  }
}
