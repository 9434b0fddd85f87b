import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// Answers side by side in the Chat tab, drawn.
@Suite struct ChatSideScreens {
  private func player(_ width: Int, _ height: Int) -> Player {
    var player = ChatSideStories.twoModels(Size(width, height))
    player.type("Why is the sea salty?")
    player.press("enter tab 2")
    return player
  }

  @Test func twoAnswersAt120() {
    expectScreen(
      player(120, 36).screen,
      """
       TRIPTYCH    Generate   Fill mask   Translate   Classify ┃ Chat ┃ Tree          talker · 32/512 · f32 · 21.3 M  ● ready
      ╭─ Chat ─────────────────────────────────────────────────────────────╮╭─ Answer B, its end ──────── model · 0.33 bits ─╮
      │   you Why is the sea salty?                                        ││    #  token                     prob.     nats │
      │       ‹ 1/2 ›                                                      ││    1  <|end|>   ███████████▌  96.02 %    -0.04 │
      │                                                                    ││    2  ·from     ▏              1.28 %    -4.36 │
      │                                                                    ││    3  ·Salt     ▏              1.22 %    -4.41 │
      │                                                                    ││    4  ·comes    ▏              0.99 %    -4.62 │
      │                                                                    ││    5  ·rocks.                  0.44 %    -5.44 │
      │                                                                    ││    6  e                       <0.01 %   -12.04 │
      │                                                                    ││    7  \\x19                    <0.01 %   -12.06 │
      │                                                                    ││                                                │
      │                                                                    ││ 1–7 of 262 · 99.9 % covered                    │
      ╰────────────────────────────────────────────────────────────────────╯╰────────────────────────────────────────────────╯
      ╭─ A  talker · greedy · seed 7 ── 18 tok · perplexity 1.1 ─╮╭─ B  terse · seed 7 ───────────── 5 tok · perplexity 1.0 ─╮
      │ Rain washes tiny bits of salt out of the rocks, and      ││ Salt comes from rocks. <|end|>                           │
      │ rivers carry them to the sea. <|end|>                    ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      ╰──────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
      ╭─ You ────────────────────────────────────────────────────────────────────────────────────────────── 0 of 512 tokens ─╮
      │                                                                                                                      │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
       p colors the answers
       Enter go on with it · Tab pane · ←→ token · c color · 1 answer · n surprise                       ? help · Ctrl-Q quit
      """)
  }

  @Test func twoAnswersAt80() {
    expectScreen(
      player(80, 24).screen,
      """
        Generate   Fill mask   Translate   Classify ┃ Chat ┃ Tree     talker  ● ready
      ╭─ Chat ────────────────────────────────────────────────────────────── 32/512 ─╮
      │   you Why is the sea salty?                                                  │
      │       ‹ 1/2 ›                                                                │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯
      ╭─ A  talker · greedy ──────── 18 tok ─╮╭─ B  terse ── 5 tok · perplexity 1.0 ─╮
      │ Rain washes tiny bits of salt out of ││ Salt comes from rocks. <|end|>       │
      │ the rocks, and rivers carry them to  ││                                      │
      │ the sea. <|end|>                     ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
      ╭─ You ────────────────────────────────────────────────────── 0 of 512 tokens ─╮
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯
       p colors the answers
       Enter go on with it · Tab pane · ←→ token · c color       ? help · Ctrl-Q quit
      """)
  }

  @Test func oneOfTwoAnswersAt40() {
    expectScreen(
      player(40, 12).screen,
      """
       Chat                          talker ●
      ╭─ B  terse ── 5 tok · perplexity 1.0 ─╮
      │ Salt comes from rocks. <|end|>       │
      │                                      │
      │                                      │
      │                                      │
      │                                      │
      ╰──────────────────────────────────────╯
      ╭─ You ──────────────────────── 0/512 ─╮
      │                                      │
      ╰──────────────────────────────────────╯
       Enter go on with it · Tab pane  ? help
      """)
  }

  @Test func fourAnswersAt120() {
    var player = ChatSideStories.twoModels(Size(120, 36))
    player.press("tab + + esc")
    player.type("Why is the sea salty?")
    player.press("enter")
    expectScreen(
      player.screen,
      """
       TRIPTYCH    Generate   Fill mask   Translate   Classify ┃ Chat ┃ Tree          talker · 32/512 · f32 · 21.3 M  ● ready
      ╭─ Chat ─────────────────────────────────────────────────────────────╮╭─ Answer D, its end ──────── model · 0.33 bits ─╮
      │   you Why is the sea salty?                                        ││    #  token                     prob.     nats │
      │       ‹ 1/2 ›                                                      ││    1  <|end|>   ███████████▌  96.02 %    -0.04 │
      │                                                                    ││    2  ·from     ▏              1.28 %    -4.36 │
      │                                                                    ││    3  ·Salt     ▏              1.22 %    -4.41 │
      │                                                                    ││    4  ·comes    ▏              0.99 %    -4.62 │
      │                                                                    ││    5  ·rocks.                  0.44 %    -5.44 │
      │                                                                    ││    6  e                       <0.01 %   -12.04 │
      │                                                                    ││    7  \\x19                    <0.01 %   -12.06 │
      │                                                                    ││                                                │
      │                                                                    ││ 1–7 of 262 · 99.9 % covered                    │
      ╰────────────────────────────────────────────────────────────────────╯╰────────────────────────────────────────────────╯
      ╭─ A  talker ─────── 18 tok ─╮╭─ B  terse · seed 7 ────────╮╭─ C  terse · seed 8 ────────╮╭─ D  terse · seed 9 ────────╮
      │ Rain washes tiny bits of   ││ Salt comes from rocks.     ││ Salt comes from rocks.     ││ Salt comes from rocks.     │
      │ salt out of the rocks, and ││ <|end|>                    ││ <|end|>                    ││ <|end|>                    │
      │ rivers carry them to the   ││                            ││                            ││                            │
      │ sea. <|end|>               ││                            ││                            ││                            │
      │                            ││                            ││                            ││                            │
      │                            ││                            ││                            ││                            │
      │                            ││                            ││                            ││                            │
      │                            ││                            ││                            ││                            │
      │                            ││                            ││                            ││                            │
      │                            ││                            ││                            ││                            │
      │                            ││                            ││                            ││                            │
      │                            ││                            ││                            ││                            │
      │                            ││                            ││                            ││                            │
      │                            ││                            ││                            ││                            │
      │                            ││                            ││                            ││                            │
      │                            ││                            ││                            ││                            │
      ╰────────────────────────────╯╰────────────────────────────╯╰────────────────────────────╯╰────────────────────────────╯
      ╭─ You ────────────────────────────────────────────────────────────────────────────────────────────── 0 of 512 tokens ─╮
      │                                                                                                                      │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
       p colors the answers
       Enter on an answer goes on with it; the others stay branches
      """)
  }
}
