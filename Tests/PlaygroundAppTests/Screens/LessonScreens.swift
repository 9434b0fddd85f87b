import TerminalUI
import Testing

@testable import PlaygroundApp

/// A lesson at the four sizes, drawn.
@Suite struct LessonScreens {
  private func screen(_ width: Int, _ height: Int) -> String {
    var player = Player(width, height)
    player.press("f7 down down enter alt-right")
    return player.screen
  }

  @Test func lessonAt160() {
    expectScreen(
      screen(160, 50),
      """
       TRIPTYCH  ┃ Generate ┃ Fill mask   Translate                                                                      storyteller · f32 · 21.3 M · seed 7  ● ready
      ╭─ Prompt ─────────────────────────────────────────────────── 3 of 512 tokens ─╮╭─ Candidates ───────────────────────────────────── model · entropy 2.16 bits ─╮
      │                                                                              ││    #  token                                     prob.  log p, nats   covered │
      │ Once upon a                                                                  ││▸   1  ·little          ███████████████▊       74.79 %        -0.29   74.79 % │
      │                                                                              ││    2  ·a               ▎                       1.23 %        -4.40   76.01 % │
      │                                                                              ││    3  ·boy             ▎                       1.19 %        -4.43   77.20 % │
      │                                                                              ││    4  ·man             ▎                       1.18 %        -4.44   78.38 % │
      │                                                                              ││    5  ·end             ▎                       1.01 %        -4.59   79.40 % │
      │                                                                              ││    6  Once             ▎                       0.99 %        -4.62   80.38 % │
      │                                                                              ││    7  ·sea             ▎                       0.98 %        -4.62   81.36 % │
      │                                                                              ││    8  ·fisher          ▎                       0.96 %        -4.65   82.32 % │
      │                                                                              ││    9  ·with            ▎                       0.95 %        -4.66   83.27 % │
      │                                                                              ││   10  ·morning         ▎                       0.93 %        -4.68   84.21 % │
      │                                                                              ││   11  ·down            ▎                       0.90 %        -4.71   85.10 % │
      │                                                                              ││   12  ·woman           ▏                       0.84 %        -4.78   85.95 % │
      │                                                                              ││   13  ·certain         ▏                       0.84 %        -4.78   86.79 % │
      │                                                                              ││   14  ·great           ▏                       0.83 %        -4.79   87.62 % │
      │                                                                              ││   15  ·time            ▏                       0.75 %        -4.89   88.37 % │
      │                                                                              ││   16  ·lived           ▏                       0.74 %        -4.91   89.11 % │
      │                                                                              ││   17  ·the             ▏                       0.67 %        -5.01   89.78 % │
      │                                                                              ││   18  ·her             ▏                       0.58 %        -5.15   90.36 % │
      │                                                                              ││                                                                              │
      │                                                                              ││ 1–18 of 306 · 90.4 % covered                                                 │
      ╰──────────────────────────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────────────────────────╯
      ╭─ A  storyteller ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────── seed 7 ─╮
      │ Enter in the prompt begins                                                                                                                                   │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
       colour: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       Lesson 3 of 10  Why temperature                                                                                                                   step 2 of 10
       Press d to see the chances after the settings.
       Alt-→ next step · Alt-← back · Esc leave · Enter take it · Tab pane · ↑↓ candidate · / search · d chain · s sampler · m model · + stream  ? help · Ctrl-Q quit
      """)
  }

  @Test func lessonAt120() {
    expectScreen(
      screen(120, 36),
      """
       TRIPTYCH  ┃ Generate ┃ Fill mask   Translate                              storyteller · f32 · 21.3 M · seed 7  ● ready
      ╭─ Prompt ─────────────────────────────── 3 of 512 tokens ─╮╭─ Candidates ───────────────── model · entropy 2.16 bits ─╮
      │                                                          ││    #  token                           prob.  log p, nats │
      │ Once upon a                                              ││▸   1  ·little      ███████████▎     74.79 %        -0.29 │
      │                                                          ││    2  ·a           ▏                 1.23 %        -4.40 │
      │                                                          ││    3  ·boy         ▏                 1.19 %        -4.43 │
      │                                                          ││    4  ·man         ▏                 1.18 %        -4.44 │
      │                                                          ││    5  ·end         ▏                 1.01 %        -4.59 │
      │                                                          ││    6  Once         ▏                 0.99 %        -4.62 │
      │                                                          ││    7  ·sea         ▏                 0.98 %        -4.62 │
      │                                                          ││    8  ·fisher      ▏                 0.96 %        -4.65 │
      │                                                          ││    9  ·with        ▏                 0.95 %        -4.66 │
      │                                                          ││   10  ·morning     ▏                 0.93 %        -4.68 │
      │                                                          ││   11  ·down        ▏                 0.90 %        -4.71 │
      │                                                          ││                                                          │
      │                                                          ││ 1–11 of 306 · 85.1 % covered                             │
      ╰──────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
      ╭─ A  storyteller ──────────────────────────────────────────────────────────────────────────────────────────── seed 7 ─╮
      │ Enter in the prompt begins                                                                                           │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
       colour: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       Lesson 3 of 10  Why temperature                                                                           step 2 of 10
       Press d to see the chances after the settings.
       Alt-→ next step · Alt-← back · Esc leave · Enter take it · Tab pane · ↑↓ candidate · / search     ? help · Ctrl-Q quit
      """)
  }

  @Test func lessonAt80() {
    expectScreen(
      screen(80, 24),
      """
       TRIPTYCH  ┃ Generate ┃ Fill mask   Translate        storyteller · f32  ● ready
      ╭─ Prompt ───────────────────── 3/512 ─╮╭─ Candidates ───── model · 2.16 bits ─╮
      │                                      ││   #  token                     prob. │
      │ Once upon a                          ││▸  1  ·little   █████████     74.79 % │
      │                                      ││   2  ·a        ▏              1.23 % │
      │                                      ││   3  ·boy      ▏              1.19 % │
      │                                      ││   4  ·man      ▏              1.18 % │
      │                                      ││   5  ·end      ▏              1.01 % │
      │                                      ││   6  Once      ▏              0.99 % │
      │                                      ││ 1–6 of 306 · log p -0.29 nats        │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
      ╭─ A  storyteller ──────────────────────────────────────────────────── seed 7 ─╮
      │ Enter in the prompt begins                                                   │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯
       colour: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       Lesson 3 of 10  Why temperature                                   step 2 of 10
       Press d to see the chances after the settings.
       Alt-→ next step · Alt-← back · Esc leave · Enter take it  ? help · Ctrl-Q quit
      """)
  }

  @Test func lessonAt40() {
    expectScreen(
      screen(40, 12),
      """
       Generate                 storyteller ●
      ╭─ Prompt ───────────────────── 3/512 ─╮
      │ Once upon a                          │
      ╰──────────────────────────────────────╯
      ╭─ Candidates ───── model · 2.16 bits ─╮
      │▸  1  ·little   █████████     74.79 % │
      ╰──────────────────────────────────────╯
       Enter in the prompt begins

       Press d to see the chances after the
       settings.
       Alt-→ 2/10 · Esc leave          ? help
      """)
  }
}
