import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The Fill mask tab, drawn.
@Suite struct FillMaskScreens {
  @Test func twoMasksAt120() {
    var player = Player(120, 36, task: .fillMask)
    player.type("The capital of [MASK] is [MASK].")
    player.press("enter down")
    expectScreen(
      player.screen,
      """
        Generate ┃ Fill mask ┃ Translate   Classify   Chat   Tree   Compare   Inside   Train    cloze · f32 · 11.0 M  ● ready
      ╭─ Prompt ──────────────────────────────────────────────────────────────────────────────── 11 of 256 tokens · 2 masks ─╮
      │                                                                                                                      │
      │ The capital of [MASK] is [MASK].                                                                                     │
      │                                                                                                                      │
      │                                                                                                                      │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
      ╭─ Mask 1 ───────────────────────────────────── 2.27 bits ─╮╭─ Mask 2 ───────────────────────────────────── 2.38 bits ─╮
      │    #  token                           prob.  log p, nats ││    #  token                           prob.  log p, nats │
      │    1  france       ███████▎         48.55 %        -0.72 ││    1  paris        ██████▋          44.12 %        -0.82 │
      │▸   2  italy        ███▋             24.03 %        -1.43 ││    2  london       ███▍             22.24 %        -1.50 │
      │    3  china        █▍                9.53 %        -2.35 ││    3  rome         ██▏              14.20 %        -1.95 │
      │    4  spain        █▏                7.75 %        -2.56 ││    4  madrid       █▏                7.51 %        -2.59 │
      │    5  india        ▌                 3.51 %        -3.35 ││    5  berlin       ▉                 5.54 %        -2.89 │
      │    6  japan        ▍                 2.22 %        -3.81 ││    6  tokyo        ▍                 2.64 %        -3.64 │
      │    7  green        ▏                 0.46 %        -5.38 ││    7  red          ▏                 0.49 %        -5.33 │
      │    8  two          ▏                 0.43 %        -5.45 ││    8  one                            0.35 %        -5.65 │
      │    9  paris        ▏                 0.42 %        -5.46 ││    9  china                          0.33 %        -5.70 │
      │   10  there                          0.37 %        -5.61 ││   10  two                            0.32 %        -5.75 │
      │   11  ·of                            0.36 %        -5.62 ││   11  ·of                            0.30 %        -5.80 │
      │                                                          ││                                                          │
      │ 1–11 of 280 · 97.6 % covered                             ││ 1–11 of 280 · 98.0 % covered                             │
      ╰──────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
      ╭─ Together ─────────────────────────────────────────────────────────────────── log-probability, nats · bars relative ─╮
      │ The capital of france is paris.                                                                     -1.54 ██████████ │
      │ The capital of france is london.                                                                    -2.23 █████      │
      │ The capital of italy is paris.                                                                      -2.24 █████      │
      │ The capital of france is rome.                                                                      -2.67 ███▎       │
      │ The capital of italy is london.                                                                     -2.93 ██▌        │
      │ The capital of china is paris.                                                                      -3.17 ██         │
      │ The capital of france is madrid.                                                                    -3.31 █▊         │
      │ The capital of spain is paris.                                                                      -3.38 █▋         │
      │ The capital of italy is rome.                                                                       -3.38 █▋         │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       Enter take it · Tab pane · ↑↓ candidate · / search · M mask a word · T targets · m model          ? help · Ctrl-Q quit
      """)
  }

  @Test func twoMasksAt80() {
    var player = Player(80, 24, task: .fillMask)
    player.type("The capital of [MASK] is [MASK].")
    player.press("enter down")
    expectScreen(
      player.screen,
      """
        Generate ┃ Fill mask ┃ Translate   Classify   Chat   …   cloze · f32  ● ready
      ╭─ Prompt ──────────────────────────────────────── 11 of 256 tokens · 2 masks ─╮
      │                                                                              │
      │ The capital of [MASK] is [MASK].                                             │
      │                                                                              │
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯
      ╭─ Mask 1 ───────────────── 2.27 bits ─╮╭─ Mask 2 ───────────────── 2.38 bits ─╮
      │   1  france    █████▉        48.55 % ││   1  paris     █████▎        44.12 % │
      │▸  2  italy     ██▉           24.03 % ││   2  london    ██▋           22.24 % │
      │   3  china     █▏             9.53 % ││   3  rome      █▊            14.20 % │
      │   4  spain     ▉              7.75 % ││   4  madrid    ▉              7.51 % │
      │   5  india     ▍              3.51 % ││   5  berlin    ▋              5.54 % │
      │ 1–5 of 280 · log p -1.43 nats        ││ 1–5 of 280 · 93.6 % covered          │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
      ╭─ Together ─────────────────────────── log-probability, nats · bars relative ─╮
      │ The capital of france is paris.                             -1.54 ██████████ │
      │ The capital of france is london.                            -2.23 █████      │
      │ The capital of italy is paris.                              -2.24 █████      │
      │ The capital of france is rome.                              -2.67 ███▎       │
      │ The capital of italy is london.                             -2.93 ██▌        │
      ╰──────────────────────────────────────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       Enter take it · Tab pane · ↑↓ candidate · / search        ? help · Ctrl-Q quit
      """)
  }

  @Test func twoMasksAt40() {
    var player = Player(40, 12, task: .fillMask)
    player.type("The capital of [MASK] is [MASK].")
    player.press("enter down")
    expectScreen(
      player.screen,
      """
       Fill mask                      cloze ●
      ╭─ Prompt ────────── 11/256 · 2 masks ─╮
      │ The capital of [MASK] is [MASK].     │
      ╰──────────────────────────────────────╯
      ╭─ Mask 1 of 2 ──────────── 2.27 bits ─╮
      │   1  france    █████▉        48.55 % │
      │▸  2  italy     ██▉           24.03 % │
      │   3  china     █▏             9.53 % │
      ╰──────────────────────────────────────╯
       france · paris             -1.54 █████
       france · london            -2.23 ██▌
       Enter take it · Tab pane        ? help
      """)
  }

  @Test func wordByWordAt120() {
    var player = MaskedWordStories.player()
    player.press("tab")
    expectScreen(
      player.screen,
      """
        Generate ┃ Fill mask ┃ Translate   Classify   Chat   Tree   Compare   Inside   Train    cloze · f32 · 11.0 M  ● ready
      ╭─ Prompt ────────────────────────────────────────────────────────────────────────────────────────── 21 of 256 tokens ─╮
      │                                                                                                                      │
      │ The capital of Paris is the king                                                                                     │
      │                                                                                                                      │
      │                                                                                                                      │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
      ╭─ Word by word ─────────────────────────────────────────────────────────────────────────────── together -147.91 nats ─╮
      │ The        -2.96                                                                                                     │
      │ capital    -2.45                                                                                                     │
      │ of         -3.23                                                                                                     │
      │▸Paris     -57.05  least likely                                                                                       │
      │ is         -3.70                                                                                                     │
      │ the       -33.04                                                                                                     │
      │ king      -45.49  least likely                                                                                       │
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
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       Enter mask it · ↑↓ choose · Tab pane · T targets · m model · z zoom · Ctrl-P actions · x example  ? help · Ctrl-Q quit
      """)
  }

  @Test func wordByWordWithoutColorsAt80() {
    var player = MaskedWordStories.player(Size(80, 24))
    player.press("tab")
    expectScreen(
      player.grid(.none, glyphs: .ascii).plainText,
      """
        Generate | Fill mask | Translate   Classify   Chat   ~   cloze | f32  * ready
      +- Prompt -------------------------------------------------- 21 of 256 tokens -+
      |                                                                              |
      | The capital of Paris is the king                                             |
      |                                                                              |
      |                                                                              |
      +------------------------------------------------------------------------------+
      +- Word by word --------------------------------------- together -147.91 nats -+
      | The     +  -2.96                                                             |
      | capital +  -2.45                                                             |
      | of      +  -3.23                                                             |
      |>Paris   # -57.05  least likely                                               |
      | is      +  -3.70                                                             |
      | the     # -33.04                                                             |
      | king    # -45.49  least likely                                               |
      |                                                                              |
      |                                                                              |
      |                                                                              |
      |                                                                              |
      |                                                                              |
      |                                                                              |
      +------------------------------------------------------------------------------+
       bars: probability, from 0 to 100 %
       Enter mask it | UpDown choose | Tab pane | T targets      ? help | Ctrl-Q quit
      """)
  }

  @Test func wordByWordAt40() {
    var player = MaskedWordStories.player(Size(40, 12))
    player.press("tab")
    expectScreen(
      player.screen,
      """
       Fill mask                      cloze ●
      ╭─ Prompt ──────────────────── 21/256 ─╮
      │ The capital of Paris is the king     │
      ╰──────────────────────────────────────╯
      ╭─ Word by word ───────────────────────╮
      │ The        -2.96                     │
      │ capital    -2.45                     │
      │ of         -3.23                     │
      │▸Paris     -57.05  least likely       │
      │ is         -3.70                     │
      ╰──────────────────────────────────────╯
       Enter mask it · ↑↓ choose       ? help
      """)
  }
}
