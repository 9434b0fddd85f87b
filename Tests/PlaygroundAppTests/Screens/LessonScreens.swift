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
       TRIPTYCH  ┃ Generate ┃ Fill mask   Translate   Classify   Chat   Tree   Compare   Inside   Train                  storyteller · f32 · 21.3 M · seed 7  ● ready
      ╭─ Prompt ─────────────────────────────────────────────────── 3 of 512 tokens ─╮╭─ Candidates ───────────────────────────────────── model · entropy 2.16 bits ─╮
      │                                                                              ││    #  token                                     prob.  log p, nats   covered │
      │ Once upon a                                                                  ││▸   1  ·little          ███████████████▊       74.79 %        -0.29   74.79 % │
      │                                                                              ││    2  ·a               ▎                       1.23 %        -4.40   76.01 % │
      │                                                                              ││    3  ·boy             ▎                       1.19 %        -4.43   77.20 % │
      ╰──────────────────────────────────────────────────────────────────────────────╯│    4  ·man             ▎                       1.18 %        -4.44   78.38 % │
      ╭─ A  storyteller ──────────────────────────────────────────────────── seed 7 ─╮│    5  ·end             ▎                       1.01 %        -4.59   79.40 % │
      │ Enter in the prompt begins                                                   ││    6  Once             ▎                       0.99 %        -4.62   80.38 % │
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
      │                                                                              ││   19  ·in              ▏                       0.57 %        -5.17   90.92 % │
      │                                                                              ││   20  ·grandmother     ▏                       0.55 %        -5.21   91.47 % │
      │                                                                              ││   21  ·to              ▏                       0.53 %        -5.24   92.00 % │
      │                                                                              ││   22  ·king            ▏                       0.52 %        -5.26   92.52 % │
      │                                                                              ││   23  ·at              ▏                       0.49 %        -5.32   93.01 % │
      │                                                                              ││   24  ·upon            ▏                       0.49 %        -5.32   93.50 % │
      │                                                                              ││   25  ·who             ▏                       0.48 %        -5.33   93.98 % │
      │                                                                              ││   26  ·father          ▏                       0.48 %        -5.34   94.46 % │
      │                                                                              ││   27  ·Every           ▏                       0.42 %        -5.47   94.89 % │
      │                                                                              ││   28  ·of              ▏                       0.36 %        -5.64   95.24 % │
      │                                                                              ││   29  ·cottage         ▏                       0.34 %        -5.68   95.58 % │
      │                                                                              ││   30  ·had             ▏                       0.34 %        -5.70   95.92 % │
      │                                                                              ││   31  ·went            ▏                       0.30 %        -5.79   96.22 % │
      │                                                                              ││   32  ·rich                                    0.28 %        -5.87   96.51 % │
      │                                                                              ││   33  ·no                                      0.26 %        -5.97   96.76 % │
      │                                                                              ││   34  ·there                                   0.25 %        -6.01   97.01 % │
      │                                                                              ││   35  ·sea.                                    0.23 %        -6.06   97.24 % │
      │                                                                              ││   36  ·last                                    0.23 %        -6.07   97.47 % │
      │                                                                              ││   37  ·girl,                                   0.23 %        -6.08   97.70 % │
      │                                                                              ││   38  ·very                                    0.22 %        -6.10   97.93 % │
      │                                                                              ││   39  ·old                                     0.22 %        -6.12   98.15 % │
      │                                                                              ││   40  ·poor                                    0.22 %        -6.13   98.37 % │
      │                                                                              ││                                                                              │
      │                                                                              ││ 1–40 of 306 · 98.4 % covered                                                 │
      ╰──────────────────────────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       Lesson 3 of 10  Why temperature                                                                                                                   step 2 of 10
       Press d to see the chances after the settings.
       Alt-→ next step · Alt-← back · Esc leave · Enter take it · Tab pane · ↑↓ candidate · / search · d chain · W waterfall · s sampler         ? help · Ctrl-Q quit
      """)
  }

  @Test func lessonAt120() {
    expectScreen(
      screen(120, 36),
      """
      ┃ Generate ┃ Fill mask   Translate   Classify   Chat   Tree   Compare   Inside   Train       storyteller · f32  ● ready
      ╭─ Prompt ─────────────────────────────── 3 of 512 tokens ─╮╭─ Candidates ───────────────── model · entropy 2.16 bits ─╮
      │                                                          ││    #  token                           prob.  log p, nats │
      │ Once upon a                                              ││▸   1  ·little      ███████████▎     74.79 %        -0.29 │
      │                                                          ││    2  ·a           ▏                 1.23 %        -4.40 │
      │                                                          ││    3  ·boy         ▏                 1.19 %        -4.43 │
      ╰──────────────────────────────────────────────────────────╯│    4  ·man         ▏                 1.18 %        -4.44 │
      ╭─ A  storyteller ──────────────────────────────── seed 7 ─╮│    5  ·end         ▏                 1.01 %        -4.59 │
      │ Enter in the prompt begins                               ││    6  Once         ▏                 0.99 %        -4.62 │
      │                                                          ││    7  ·sea         ▏                 0.98 %        -4.62 │
      │                                                          ││    8  ·fisher      ▏                 0.96 %        -4.65 │
      │                                                          ││    9  ·with        ▏                 0.95 %        -4.66 │
      │                                                          ││   10  ·morning     ▏                 0.93 %        -4.68 │
      │                                                          ││   11  ·down        ▏                 0.90 %        -4.71 │
      │                                                          ││   12  ·woman       ▏                 0.84 %        -4.78 │
      │                                                          ││   13  ·certain     ▏                 0.84 %        -4.78 │
      │                                                          ││   14  ·great       ▏                 0.83 %        -4.79 │
      │                                                          ││   15  ·time        ▏                 0.75 %        -4.89 │
      │                                                          ││   16  ·lived       ▏                 0.74 %        -4.91 │
      │                                                          ││   17  ·the         ▏                 0.67 %        -5.01 │
      │                                                          ││   18  ·her         ▏                 0.58 %        -5.15 │
      │                                                          ││   19  ·in          ▏                 0.57 %        -5.17 │
      │                                                          ││   20  ·grandmother ▏                 0.55 %        -5.21 │
      │                                                          ││   21  ·to          ▏                 0.53 %        -5.24 │
      │                                                          ││   22  ·king        ▏                 0.52 %        -5.26 │
      │                                                          ││   23  ·at          ▏                 0.49 %        -5.32 │
      │                                                          ││   24  ·upon        ▏                 0.49 %        -5.32 │
      │                                                          ││   25  ·who         ▏                 0.48 %        -5.33 │
      │                                                          ││   26  ·father      ▏                 0.48 %        -5.34 │
      │                                                          ││                                                          │
      │                                                          ││ 1–26 of 306 · 94.5 % covered                             │
      ╰──────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       Lesson 3 of 10  Why temperature                                                                           step 2 of 10
       Press d to see the chances after the settings.
       Alt-→ next step · Alt-← back · Esc leave · Enter take it · Tab pane · ↑↓ candidate · / search     ? help · Ctrl-Q quit
      """)
  }

  @Test func lessonAt80() {
    expectScreen(
      screen(80, 24),
      """
      ┃ Generate ┃ Fill mask   Translate   Classify   Chat   …   storyteller  ● ready
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
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
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
