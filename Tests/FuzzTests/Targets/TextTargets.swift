import JSONText
import TestSupport

@testable import LocalFiles
@testable import TerminalUI

extension FuzzTarget {
  static let textTargets = [json, configurationFile, theme, terminalInput, visibleText]

  static let jsonWords = [
    "null", "true", "-1", "1e400", "NaN", "-Infinity", "9223372036854775808", "\"\\ud800\"", "\"\\u0000\"", "[[[[",
    "{}",
    "\u{FEFF}",
  ]

  /// JSON: an accepted text must be equal after writing and parsing again.
  static let json = FuzzTarget(
    name: "json",
    seeds: {
      [
        Array(
          #"{"a": [1, -2.5e3, "é\n\ud83d\ude00", null, true, {"b": []}], "c": 18446744073709551616, "a": 2, "": NaN}"#
            .utf8),
        try Fixtures.bytes("program/causal/config.json"),
      ]
    },
    words: jsonWords,
    run: { bytes in
      guard let value = try? JSONValue(parsing: bytes) else { return }
      let written = value.serialized()
      guard let again = try? JSONValue(parsing: Array(written.utf8), limits: JSONLimits(depth: JSONLimits.deepest))
      else { return law(false, "what was written is not read") }
      // NaN is not equal to itself, so compare the texts.
      law(again.serialized() == written, "what was written is read as something else")
    })

  /// The configuration file: each problem must fit on one line.
  static let configurationFile = FuzzTarget(
    name: "configuration-file",
    seeds: {
      [
        Array(
          """
          # A comment
          theme: ember
          color: "256"
          mouse: off
          keys: {quit: [q, ctrl-q], palette: ":"}
          models:
            generate: storyteller@q8
          sampling:
            temperature: 0.8
            top-p: .9
          max-tokens: 40
          seed: 18446744073709551615

          """.utf8)
      ]
    },
    words: yamlWords,
    run: { bytes in
      let (_, problems) = ConfigurationFile.parse(text(bytes), path: "config.yaml", tabs: ["generate"])
      for problem in problems { law(!problem.description.contains("\n"), "a problem of two lines") }
    })

  static let yamlWords = [
    "? ", "- ", ": ", "!!binary ", "!!int ", "&a ", "*a", "<<: *a", "|2-\n", ">\n", "---\n", "...\n", "%YAML 1.1\n",
    "\"\\x1b\"", "{", "[", "\t", "\u{85}", "\u{2028}", "\u{FEFF}", "[[[[[[[[[[", "{? {? {? ", "# ",
  ]

  /// A theme: all roles must have colors, and errors must fit on one line.
  static let theme = FuzzTarget(
    name: "theme",
    seeds: {
      try ["ember", "color-blind", "high-contrast"].map { try Fixtures.bytes("../../themes/\($0).yaml") }
    },
    words: yamlWords + ["base0A: ", "triptych:", "roles: {", "bold: [", "heat: [", "\"ffffff\""],
    run: { bytes in
      do throws(ThemeError) {
        _ = try Theme(yaml: bytes, name: "fuzz", file: "fuzz.yaml")
      } catch {
        law(!error.description.contains("\n"), "an error of two lines")
      }
    })

  /// Terminal input: the events must not depend on how the bytes are split.
  static let terminalInput = FuzzTarget(
    name: "terminal-input",
    seeds: {
      [
        "hé🙂\u{1B}[A\u{1B}OP\u{1B}[1;5C\u{1B}[15~\u{1B}[<0;12;4M\u{1B}[<0;12;4m\u{1B}[I",
        "\u{1B}[200~pasted\ntext\u{1B}[201~\u{1B}\u{1B}[Z\u{1B}]11;rgb:0/0/0\u{7}\u{1B}P1$r\u{1B}\\\u{1B}[97;5u",
      ].map { Array($0.utf8) }
    },
    words: [
      "\u{1B}", "\u{1B}[", "\u{1B}O", "\u{1B}[200~", "\u{1B}[201~", "\u{1B}[<", "\u{1B}[M", "\u{1B}]", "\u{1B}P", "~",
    ],
    run: { bytes in
      var whole = InputDecoder()
      var parts = InputDecoder()
      let first = whole.feed(bytes) + whole.flush()
      let second = bytes.flatMap { parts.feed([$0]) } + parts.flush()
      law(first == second, "what is read depends on how reads are cut")
    })

  /// Any bytes shown on the screen: the visible form must have no control characters, and each piece must have its
  /// columns.
  static let visibleText = FuzzTarget(
    name: "visible-text",
    seeds: {
      [Array("a\u{1B}[2J\u{7}\u{9B}31m\u{202E}b\u{200B}e\u{301}👩‍👩‍👧🇫🇷中\u{AD}\t\n\u{E000}\u{FE0F}".utf8) + [0xFF, 0xC3]]
    },
    words: [
      "\u{1B}]52;c;YQ==\u{7}", "\u{85}", "\u{2028}", "\u{200D}", "\u{20E3}", "\u{1F3FD}", "\u{E0067}", "\u{115F}",
    ],
    run: { bytes in
      for glyphs in [Glyphs.unicode, .ascii] {
        for shown in [visible(bytes: bytes, glyphs: glyphs), visible(text(bytes), glyphs: glyphs, keepsSpaces: true)] {
          for scalar in shown.unicodeScalars { law(!scalar.isTerminalControl, "a control character is shown") }
        }
      }
      for piece in text(bytes).flatMap(\.columnPieces) {
        for isASCII in [false, true] {
          let pieces = settledText(piece.text, width: piece.width, isASCII: isASCII) { Int($0.value % 4) - 1 }
          law(pieces.count == piece.width, "\(pieces.count) pieces for \(piece.width) columns")
          for scalar in pieces.joined().unicodeScalars {
            law(!scalar.isTerminalControl, "a control character is shown")
          }
        }
      }
      _ = text(bytes).fitted(to: 7)
      _ = WrappedText(text(bytes), width: 5)
    })
}
