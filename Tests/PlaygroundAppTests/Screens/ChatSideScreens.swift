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
        Generate   Fill mask   Translate   Classify ┃ Chat ┃ Tree   Compare   Inside   Train   talker · 32/512 · f32  ● ready
      ╭─ Chat ─────────────────────────────────────────────────────────────╮╭─ Answer B, its end ──────── model · 0.15 bits ─╮
      │   you Why is the sea salty?                                        ││    #  token                     prob.     nats │
      │       ‹ 1/2 ›                                                      ││    1  <|end|>   ███████████▉  98.49 %    -0.02 │
      │                                                                    ││    2  ·from     ▏              0.57 %    -5.16 │
      │                                                                    ││    3  ·comes                   0.37 %    -5.61 │
      │                                                                    ││    4  ·Salt                    0.35 %    -5.65 │
      │                                                                    ││    5  ·rocks.                  0.17 %    -6.36 │
      │                                                                    ││    6  \\xbb                    <0.01 %   -12.45 │
      │                                                                    ││    7  \\xfb                    <0.01 %   -12.46 │
      │                                                                    ││                                                │
      │                                                                    ││ 1–7 of 262 · >99.9 % covered                   │
      ╰────────────────────────────────────────────────────────────────────╯╰────────────────────────────────────────────────╯
      ╭─ A  talker · greedy · seed 7 ── 17 tok · perplexity 1.1 ─╮╭─ B  terse · seed 7 ───────────── 4 tok · perplexity 1.0 ─╮
      │ Rain washes tiny bits of salt out of the rocks, and      ││ Salt comes from rocks.                                   │
      │ rivers carry them to the sea.                            ││                                                          │
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
       …  Translate   Classify ┃ Chat ┃ Tree   Compare   Inside   …   talker  ● ready
      ╭─ Chat ────────────────────────────────────────────────────────────── 32/512 ─╮
      │   you Why is the sea salty?                                                  │
      │       ‹ 1/2 ›                                                                │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯
      ╭─ A  talker · greedy ──────── 17 tok ─╮╭─ B  terse ── 4 tok · perplexity 1.0 ─╮
      │ Rain washes tiny bits of salt out of ││ Salt comes from rocks.               │
      │ the rocks, and rivers carry them to  ││                                      │
      │ the sea.                             ││                                      │
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
      ╭─ B of 2  terse · seed 7 ───── 4 tok ─╮
      │ Salt comes from rocks.               │
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
        Generate   Fill mask   Translate   Classify ┃ Chat ┃ Tree   Compare   Inside   Train   talker · 32/512 · f32  ● ready
      ╭─ Chat ─────────────────────────────────────────────────────────────╮╭─ Answer D, its end ──────── model · 0.15 bits ─╮
      │   you Why is the sea salty?                                        ││    #  token                     prob.     nats │
      │       ‹ 1/2 ›                                                      ││    1  <|end|>   ███████████▉  98.49 %    -0.02 │
      │                                                                    ││    2  ·from     ▏              0.57 %    -5.16 │
      │                                                                    ││    3  ·comes                   0.37 %    -5.61 │
      │                                                                    ││    4  ·Salt                    0.35 %    -5.65 │
      │                                                                    ││    5  ·rocks.                  0.17 %    -6.36 │
      │                                                                    ││    6  \\xbb                    <0.01 %   -12.45 │
      │                                                                    ││    7  \\xfb                    <0.01 %   -12.46 │
      │                                                                    ││                                                │
      │                                                                    ││ 1–7 of 262 · >99.9 % covered                   │
      ╰────────────────────────────────────────────────────────────────────╯╰────────────────────────────────────────────────╯
      ╭─ A  talker ─────── 17 tok ─╮╭─ B  terse · seed 7 ────────╮╭─ C  terse · seed 8 ────────╮╭─ D  terse · seed 9 ────────╮
      │ Rain washes tiny bits of   ││ Salt comes from rocks.     ││ Salt comes from rocks.     ││ Salt comes from rocks.     │
      │ salt out of the rocks, and ││                            ││                            ││                            │
      │ rivers carry them to the   ││                            ││                            ││                            │
      │ sea.                       ││                            ││                            ││                            │
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
