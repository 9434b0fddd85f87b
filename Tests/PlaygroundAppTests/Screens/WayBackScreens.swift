import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// A translation that is translated back, drawn.
@Suite struct WayBackScreens {
  @Test func backAt120() {
    let player = WayBackStories.player()
    expectScreen(
      player.screen,
      """
        Generate   Fill mask ┃ Translate ┃ Classify   Chat   Tree   Compare   Inside   Train   interpreter · en → fr  ● ready
      ╭─ English ──────────────────── 14 tokens · 8 of the text ─╮╭─ Candidates, token 1 ──────── model · entropy 0.61 bits ─╮
      │                                                          ││    #  token                           prob.  log p, nats │
      │ Comment vas-tu aujourd'hui ?                             ││ ●  1  ·Comment     ██████████████   93.10 %        -0.07 │
      │                                                          ││    2  ·?           ▏                 1.17 %        -4.45 │
      │                                                          ││    3  ·English     ▏                 1.06 %        -4.55 │
      ╰──────────────────────────────────────────────────────────╯│    4  ·va          ▏                 0.73 %        -4.92 │
      ╭─ French ────────────────────────────────── 5 tok · done ─╮│    5  ·are         ▏                 0.65 %        -5.03 │
      │ Comment allez-vous aujourd'hui ? <|end|>                 ││    6  ·vous        ▏                 0.59 %        -5.13 │
      │                                                          ││    7  translate    ▏                 0.55 %        -5.20 │
      │                                                          ││    8  ·French                        0.36 %        -5.62 │
      ╰──────────────────────────────────────────────────────────╯│    9  ·allez-vous                    0.36 %        -5.64 │
      ╭─ Back to English ───────────────────────── score -0.064 ─╮│   10  ·How                           0.33 %        -5.71 │
      │ text  Comment vas-tu aujourd'hui ?                       ││   11  ·aujourd'hui                   0.32 %        -5.75 │
      │ back  Comment allez-vous aujourd'hui ?                   ││   12  ·you                           0.29 %        -5.83 │
      │                                                          ││   13  ·Vous                          0.22 %        -6.11 │
      │          log p, nats  per token  tokens                  ││   14  ·to                            0.21 %        -6.17 │
      │ en → fr       -19.86      -3.97       5                  ││   15  Q                             <0.01 %       -12.26 │
      │ fr → en      -137.57      -9.17      15                  ││   16  S                             <0.01 %       -12.28 │
      │                                                          ││   17  ⏎                             <0.01 %       -12.28 │
      │                                                          ││   18  \\xe3                          <0.01 %       -12.29 │
      │                                                          ││   19  o                             <0.01 %       -12.29 │
      │                                                          ││   20  \\x99                          <0.01 %       -12.30 │
      │                                                          ││   21  \\x04                          <0.01 %       -12.30 │
      │                                                          ││   22  a                             <0.01 %       -12.30 │
      │                                                          ││   23  \\x0b                          <0.01 %       -12.30 │
      │                                                          ││   24  z                             <0.01 %       -12.31 │
      │                                                          ││   25  \\x9a                          <0.01 %       -12.31 │
      │                                                          ││   26  \\xa8                          <0.01 %       -12.31 │
      │                                                          ││   27  V                             <0.01 %       -12.33 │
      │                                                          ││   28  \\x92                          <0.01 %       -12.34 │
      │                                                          ││                                                          │
      │                                                          ││ 1–28 of 272 · >99.9 % covered                            │
      ╰──────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less     93.10 % · rank 1 · surprise 0.10 bits · entropy 0.61 bits
       Tab pane · r reverse · s sampler · m model · L languages · A alignment · B begin with · V back    ? help · Ctrl-Q quit
      """)
  }

  @Test func backAt80() {
    let player = WayBackStories.player(Size(80, 24))
    expectScreen(
      player.screen,
      """
        Generate   Fill mask ┃ Translate ┃ Classify   Chat   …   interpreter  ● ready
      ╭─ English ─────────────────── 14 tok ─╮╭─ Candidates, token 1 ──── 0.61 bits ─╮
      │                                      ││   #  token                     prob. │
      │ Comment vas-tu aujourd'hui ?         ││ ● 1  ·Comment  ███████████▏  93.10 % │
      │                                      ││   2  ·?        ▏              1.17 % │
      │                                      ││   3  ·English  ▏              1.06 % │
      │                                      ││   4  ·va       ▏              0.73 % │
      │                                      ││   5  ·are      ▏              0.65 % │
      │                                      ││   6  ·vous     ▏              0.59 % │
      │                                      ││   7  translate ▏              0.55 % │
      │                                      ││ 1–7 of 272 · 97.9 % covered          │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
      ╭─ French ────────────── 5 tok · done ─╮╭─ Back to English ───── score -0.064 ─╮
      │ Comment allez-vous aujourd'hui ?     ││ text  Comment vas-tu aujourd'hui ?   │
      │ <|end|>                              ││ back  Comment allez-vous aujourd'hui │
      │                                      ││       ?                              │
      │                                      ││                                      │
      │                                      ││          log p, nats  per token      │
      │                                      ││ en → fr       -19.86      -3.97      │
      │                                      ││ fr → en      -137.57      -9.17      │
      │                                      ││                                      │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
       █ >50 %  █ >10 %  █ >1 %  █ less   93.10 % · rank 1 · 0.10 bits · entropy 0.61
       Tab pane · r reverse · s sampler · m model · L languages  ? help · Ctrl-Q quit
      """)
  }

  @Test func backAt40() {
    let player = WayBackStories.player(Size(40, 12))
    expectScreen(
      player.screen,
      """
       Translate                interpreter ●
      ╭─ English ─────────────────── 14 tok ─╮
      │ Comment vas-tu aujourd'hui ?         │
      ╰──────────────────────────────────────╯
      ╭─ Back to English ───── score -0.064 ─╮
      │ back  Comment allez-vous aujourd'hui │
      │ en → fr  -19.86 nats  -3.97/token    │
      │ fr → en -137.57 nats  -9.17/token    │
      ╰──────────────────────────────────────╯
       Comment allez-vous aujourd'hui ?
       <|end|>
       Tab pane · r reverse            ? help
      """)
  }

  @Test func backZoomedAt40() {
    var player = WayBackStories.player(Size(40, 12))
    player.press("z")
    expectScreen(
      player.screen,
      """
       Translate         interpreter zoomed ●
      ╭─ Back to English ───── score -0.064 ─╮
      │ text  Comment vas-tu aujourd'hui ?   │
      │ back  Comment allez-vous aujourd'hui │
      │       ?                              │
      │                                      │
      │          log p, nats  per token      │
      │ en → fr       -19.86      -3.97      │
      │ fr → en      -137.57      -9.17      │
      │                                      │
      ╰──────────────────────────────────────╯
       Tab pane · r reverse            ? help
      """)
  }

  @Test func backInColorAt80() {
    let player = WayBackStories.player(Size(80, 24))
    expectScreen(
      player.grid().coloredText,
      """
        Generate   Fill mask ┃ Translate ┃ Classify   Chat   …   interpreter  ● ready
        ........   .... .... a aaaaaaaaa a ........   ....   .   ...........  s .....
      ╭─ English ─────────────────── 14 tok ─╮╭─ Candidates, token 1 ──── 0.61 bits ─╮
      -- ttttttt ------------------- .. ... ---- ttttttttttt ttttt t ---- .... .... --
      │                                      ││   #  token                     prob. │
      -                                      --   .  .....                     ..... -
      │ Comment vas-tu aujourd'hui ?         ││ ● 1  ·Comment  ███████████▏  93.10 % │
      -                                      -- a .            000000000000          -
      │                                      ││   2  ·?        ▏              1.17 % │
      -                                      --   .            6                     -
      │                                      ││   3  ·English  ▏              1.06 % │
      -                                      --   .            6                     -
      │                                      ││   4  ·va       ▏              0.73 % │
      -                                      --   .            8                     -
      │                                      ││   5  ·are      ▏              0.65 % │
      -                                      --   .            8                     -
      │                                      ││   6  ·vous     ▏              0.59 % │
      -                                      --   .            8                     -
      │                                      ││   7  translate ▏              0.55 % │
      -                                      --   .            8                     -
      │                                      ││ 1–7 of 272 · 97.9 % covered          │
      -                                      -- ... .. ... . .... . .......          -
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
      --------------------------------------------------------------------------------
      ╭─ French ────────────── 5 tok · done ─╮╭─ Back to English ───── score -0.064 ─╮
      -- tttttt -------------- . ... . .... --======================== ..... ...... ==
      │ Comment allez-vous aujourd'hui ?     ││ text  Comment vas-tu aujourd'hui ?   │
      - 0000000 0000000000 00000000000 0     -= ....          aaaaaa                 =
      │ <|end|>                              ││ back  Comment allez-vous aujourd'hui │
      - .......                              -= ....          aaaaaaaaaa             =
      │                                      ││       ?                              │
      -                                      -=                                      =
      │                                      ││                                      │
      -                                      -=                                      =
      │                                      ││          log p, nats  per token      │
      -                                      -=          ... .. ....  ... .....      =
      │                                      ││ en → fr       -19.86      -3.97      │
      -                                      -= .. . ..                   .....      =
      │                                      ││ fr → en      -137.57      -9.17      │
      -                                      -= .. . ..                   .....      =
      │                                      ││                                      │
      -                                      -=                                      =
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
      ----------------------------------------========================================
       █ >50 %  █ >10 %  █ >1 %  █ less   93.10 % · rank 1 · 0.10 bits · entropy 0.61
       0 ... .  3 ... .  6 .. .  9 ....   ..... . . .... . . .... .... . ....... ....
       Tab pane · r reverse · s sampler · m model · L languages  ? help · Ctrl-Q quit
       kkk .... . k ....... . k ....... . k ..... . k .........  k .... . kkkkkk ....
      """)
  }

  @Test func backWithoutColorsAt80() {
    let player = WayBackStories.player(Size(80, 24))
    expectScreen(
      player.grid(.none, glyphs: .ascii).plainText,
      """
        Generate   Fill mask | Translate | Classify   Chat   ~   interpreter  * ready
      +- English ------------------- 14 tok -++- Candidates, token 1 ---- 0.61 bits -+
      |                                      ||   #  token                     prob. |
      | Comment vas-tu aujourd'hui ?         || * 1  _Comment  ###########-  93.10 % |
      |                                      ||   2  _?        -              1.17 % |
      |                                      ||   3  _English  -              1.06 % |
      |                                      ||   4  _va       -              0.73 % |
      |                                      ||   5  _are      -              0.65 % |
      |                                      ||   6  _vous     -              0.59 % |
      |                                      ||   7  translate -              0.55 % |
      |                                      || 1-7 of 272 | 97.9 % covered          |
      +--------------------------------------++--------------------------------------+
      +- French -------------- 5 tok | done -++- Back to English ----- score -0.064 -+
      | Comment allez-vous aujourd'hui ?     || text  Comment vas-tu aujourd'hui ?   |
      |                                      || back  Comment allez-vous aujourd'hui |
      | <|end|>                              ||       ?                              |
      |                                      ||                                      |
      |                                      ||           log p, nats  per token     |
      |                                      || en to fr       -19.86      -3.97     |
      |                                      || fr to en      -137.57      -9.17     |
      |                                      ||                                      |
      +--------------------------------------++--------------------------------------+
       none >50 %  . >10 %  + >1 %  # less               93.10 % | rank 1 | 0.10 bits
       Tab pane | r reverse | s sampler | m model | L languages  ? help | Ctrl-Q quit
      """)
  }
}
