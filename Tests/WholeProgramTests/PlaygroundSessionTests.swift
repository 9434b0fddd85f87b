import Foundation
import JSONText
import TestSupport
import Testing

/// The playground in a real terminal: it opens, accepts text, shows numbers, follows the terminal's size, and restores
/// the terminal.
struct PlaygroundSessionTests {
  private static let isHere = Tmux.path != nil
  private static let missing: Comment = "tmux is not installed"

  /// A shell command that writes the program's process id, runs it, and then prints its exit code and the terminal's
  /// settings.
  private static func command(_ arguments: String) -> String {
    "stty -g > \"$HOME/before\"; sh -c 'echo $$ > \"$HOME/pid\"; exec \"$0\" \"$@\"' '\(Program.path)' \(arguments); "
      + "code=$?; stty -g > \"$HOME/after\"; "
      + "cmp -s \"$HOME/before\" \"$HOME/after\" && echo terminal restored; echo \"exit code $code\"; exec cat"
  }

  private func session(
    _ arguments: String, columns: Int = 80, rows: Int = 24, term: String = "screen-256color",
    _ body: (Tmux, _ home: String) throws -> Void
  ) throws {
    try Fixtures.withScratchFolder { home in
      let command = "export HOME='\(home)' TERM=\(term) LANG=C.UTF-8; " + Self.command(arguments)
      let tmux = try Tmux(command, in: home, columns: columns, rows: rows)
      defer { tmux.close() }
      try body(tmux, home)
    }
  }

  /// With and without an alternate screen, with and without colors: nothing of the last frame stays on the terminal.
  @Test(.enabled(if: isHere, missing), arguments: ["linux", "vt100", "vt220", "screen-256color"])
  func nothingIsLeftOnTheTerminal(term: String) throws {
    try session("play -m '\(Program.model("causal"))'", term: term) { tmux, _ in
      _ = try tmux.screen { $0.contains { $0.contains("Prompt") } }
      try tmux.type("C-q")
      let left = try tmux.screen { $0.contains { $0.hasPrefix("exit code") } }
      #expect(left.filter { !$0.isEmpty } == ["terminal restored", "exit code 0"])
      #expect(left.first == "terminal restored")
    }
  }

  @Test(.enabled(if: isHere, missing))
  func aSessionFromStartToExit() throws {
    let model = Program.model("causal")
    let next = try Program.run("next", "-m", model, "Once upon", "--json").json()
    let best = exp(try #require(next["top"]?[0]?["logprob"]?.double))
    let percent = String(format: "%.2f %%", best * 100)
    try session("play -m '\(model)'") { tmux, _ in
      let opened = try tmux.screen { lines in lines[0].contains("Generate") && lines.contains { $0.contains("Prompt") }
      }
      for tab in ["Generate", "Fill mask", "Translate"] { #expect(opened[0].contains(tab)) }
      try tmux.write("Once upon")
      // Six tokens of a context of 64; the screen and the command line show the same probability.
      let typed = try tmux.screen { lines in
        lines.contains { $0.contains("Once upon") && !$0.contains("time") } && lines.contains { $0.contains("6/64") }
          && lines.contains { $0.contains(percent) } && isWhole(lines)
      }
      checkFrame(typed, columns: 80)
      try tmux.resize(columns: 40, rows: 12)
      let small = try tmux.screen { lines in
        lines.count <= 13 && lines.contains { $0.contains("6/64") } && lines.contains { $0.contains(percent) }
          && isWhole(lines)
      }
      checkFrame(small, columns: 40)
      try tmux.resize(columns: 120, rows: 36)
      try tmux.type("Enter")
      let made = try tmux.screen { lines in
        lines.count >= 36 && lines.contains { $0.contains("58 tok") && $0.contains("length") } && isWhole(lines)
      }
      checkFrame(made, columns: 120)
      try tmux.type("C-q")
      let left = try tmux.screen { $0.contains { $0.hasPrefix("exit code") } }
      #expect(left.contains("exit code 0"))
      #expect(left.contains("terminal restored"))
    }
  }

  /// No collection of terminfo entries has `screen-direct`.
  @Test(.enabled(if: isHere, missing))
  func trueColorThatTerminfoLacksIsTold() throws {
    let model = Program.model("causal")
    for (variables, isTold) in [("COLORTERM=truecolor", true), ("COLORTERM=truecolor NO_COLOR=1", false)] {
      try session("play -m '\(model)'", term: "screen-256color \(variables)") { tmux, _ in
        let lines = try tmux.screen { lines in
          lines.contains { $0.contains("ready") }
            && (!isTold || lines.last { !$0.isEmpty }?.contains("terminfo") == true)
        }
        #expect(lines.contains { $0.contains("256 colors: terminfo lacks screen-direct") } == isTold)
        try tmux.type("C-q")
        _ = try tmux.screen { $0.contains("exit code 0") }
      }
    }
  }

  /// Whether every box is closed: equal numbers of left and right, and of top and bottom corners.
  private func isWhole(_ lines: [String]) -> Bool {
    let corners = lines.joined().reduce(into: [:]) { $0[$1, default: 0] += 1 }
    let count = corners["╭"] ?? 0
    return count > 1 && ["╮", "╰", "╯"].allSatisfy { corners[$0] == count }
  }

  /// Checks that every box is closed and within the screen.
  private func checkFrame(_ lines: [String], columns: Int) {
    #expect(lines.allSatisfy { $0.count <= columns })
    #expect(isWhole(lines), "\(lines.joined(separator: "\n"))")
  }

  @Test(.enabled(if: isHere, missing), arguments: [(SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129)])
  func signalsRestoreTheTerminal(signal: Int32, code: Int) throws {
    try session("play -m '\(Program.model("causal"))'") { tmux, home in
      _ = try tmux.screen { lines in lines[0].contains("Generate") && lines.contains { $0.contains("Prompt") } }
      let text = try String(contentsOfFile: home + "/pid", encoding: .utf8)
      let program = try #require(Int32(text.filter(\.isNumber)))
      #expect(kill(program, signal) == 0)
      let left = try tmux.screen { $0.contains { $0.hasPrefix("exit code") } }
      #expect(left.contains("exit code \(code)"))
      #expect(left.contains("terminal restored"))
    }
  }

  @Test(.enabled(if: isHere, missing))
  func aStoppedPlaygroundRestoresTheTerminalAndContinues() throws {
    try Fixtures.withScratchFolder { home in
      // With job control (-m) the shell continues when its child stops, and waits for a line before it resumes the
      // child.
      let command =
        "export HOME='\(home)' TERM=screen-256color LANG=C.UTF-8; set -m; stty -g > \"$HOME/before\"; "
        + "sh -c 'echo $$ > \"$HOME/pid\"; exec \"$0\" \"$@\"' '\(Program.path)' play -m '\(Program.model("causal"))'; "
        + "stty -g > \"$HOME/after\"; cmp -s \"$HOME/before\" \"$HOME/after\" && echo terminal restored; "
        + "echo stopped; read line; fg > /dev/null; echo \"exit code $?\"; exec cat"
      let tmux = try Tmux(command, in: home, columns: 80, rows: 24)
      defer { tmux.close() }
      func isOpen(_ lines: [String]) -> Bool {
        lines[0].contains("Generate") && lines.contains { $0.contains("Prompt") }
      }
      _ = try tmux.screen(where: isOpen)
      try tmux.write("Once upon")
      _ = try tmux.screen { $0.contains { $0.contains("Once upon") && $0.contains("│") } }
      let text = try String(contentsOfFile: home + "/pid", encoding: .utf8)
      #expect(kill(try #require(Int32(text.filter(\.isNumber))), SIGTSTP) == 0)
      let stopped = try tmux.screen { $0.contains("stopped") }
      #expect(stopped.contains("terminal restored"))
      try tmux.type("Enter")
      let back = try tmux.screen { isOpen($0) && $0.contains { $0.contains("Once upon") } && isWhole($0) }
      checkFrame(back, columns: 80)
      try tmux.type("C-q")
      #expect(try tmux.screen { $0.contains { $0.hasPrefix("exit code") } }.contains("exit code 0"))
    }
  }

  @Test(.enabled(if: isHere, missing))
  func modelTextNeverReachesTheTerminalRaw() throws {
    // At temperature 0 the tiny model also generates control characters.
    try session("generate -m '\(Program.model("causal"))' 'Once upon a time' --temperature 0 -n 12 --color never") {
      tmux, _ in
      let lines = try tmux.screen { $0.contains { $0.hasPrefix("exit code") } }
      #expect(lines.contains { $0.hasPrefix("Once upon a time\\x06e\u{FFFD}hejg\\x06te\\x06s\\x15#") })
      #expect(lines.contains("exit code 0"))
    }
  }
}
