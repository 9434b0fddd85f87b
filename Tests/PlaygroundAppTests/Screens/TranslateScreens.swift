import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The Translate tab, drawn.
@Suite struct TranslateScreens {
  @Test func beamsAt120() {
    var player = Player(120, 36, task: .translate)
    player.type("How are you?")
    player.press("enter tab tab left left left")
    expectScreen(
      player.screen,
      """
        Generate   Fill mask ┃ Translate ┃ Classify   Chat   Tree   Compare   Inside   Train   interpreter · en → fr  ● ready
      ╭─ English ──────────────────── 10 tokens · 4 of the text ─╮╭─ Candidates, token 1 ──────── model · entropy 0.61 bits ─╮
      │                                                          ││    #  token                           prob.  log p, nats │
      │ How are you?                                             ││ ●  1  ·Comment     ██████████████   93.10 %        -0.07 │
      │                                                          ││    2  ·?           ▏                 1.17 %        -4.45 │
      │                                                          ││    3  ·English     ▏                 1.06 %        -4.55 │
      ╰──────────────────────────────────────────────────────────╯│    4  ·va          ▏                 0.73 %        -4.92 │
      ╭─ French ────────────────────────────────── 5 tok · done ─╮│    5  ·are         ▏                 0.65 %        -5.03 │
      │ Comment allez-vous aujourd'hui ? <|end|>                 ││    6  ·vous        ▏                 0.59 %        -5.13 │
      │                                                          ││    7  translate    ▏                 0.55 %        -5.20 │
      │                                                          ││    8  ·French                        0.36 %        -5.62 │
      ╰──────────────────────────────────────────────────────────╯│    9  ·allez-vous                    0.36 %        -5.64 │
      ╭─ Beams ──────────────────────────────────── score, nats ─╮│   10  ·How                           0.33 %        -5.71 │
      │▸ -0.064  Comment allez-vous aujourd'hui ?                ││   11  ·aujourd'hui                   0.32 %        -5.75 │
      │  -0.951  ? allez-vous aujourd'hui ?                      ││   12  ·you                           0.29 %        -5.83 │
      │  -0.966  English allez-vous aujourd'hui ?                ││   13  ·Vous                          0.22 %        -6.11 │
      │  -1.032  va allez-vous aujourd'hui ?                     ││   14  ·to                            0.21 %        -6.17 │
      │                                                          ││   15  Q                             <0.01 %       -12.26 │
      │                                                          ││   16  S                             <0.01 %       -12.28 │
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
       Tab pane · ←→ token · c color · n surprise · r reverse · s sampler · m model · L languages        ? help · Ctrl-Q quit
      """)
  }

  @Test func beamsAt80() {
    var player = Player(80, 24, task: .translate)
    player.type("How are you?")
    player.press("enter tab tab left left left")
    expectScreen(
      player.screen,
      """
        Generate   Fill mask ┃ Translate ┃ Classify   Chat   …   interpreter  ● ready
      ╭─ English ─────────────────── 10 tok ─╮╭─ Candidates, token 1 ──── 0.61 bits ─╮
      │                                      ││   #  token                     prob. │
      │ How are you?                         ││ ● 1  ·Comment  ███████████▏  93.10 % │
      │                                      ││   2  ·?        ▏              1.17 % │
      │                                      ││   3  ·English  ▏              1.06 % │
      │                                      ││   4  ·va       ▏              0.73 % │
      │                                      ││   5  ·are      ▏              0.65 % │
      │                                      ││   6  ·vous     ▏              0.59 % │
      │                                      ││   7  translate ▏              0.55 % │
      │                                      ││ 1–7 of 272 · 97.9 % covered          │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
      ╭─ French ────────────── 5 tok · done ─╮╭─ Beams ──────────────── score, nats ─╮
      │ Comment allez-vous aujourd'hui ?     ││▸ -0.064  Comment allez-vous          │
      │ <|end|>                              ││          aujourd'hui ?               │
      │                                      ││  -0.951  ? allez-vous aujourd'hui ?  │
      │                                      ││  -0.966  English allez-vous          │
      │                                      ││          aujourd'hui ?               │
      │                                      ││  -1.032  va allez-vous aujourd'hui ? │
      │                                      ││                                      │
      │                                      ││                                      │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
       █ >50 %  █ >10 %  █ >1 %  █ less   93.10 % · rank 1 · 0.10 bits · entropy 0.61
       Tab pane · ←→ token · c color · n surprise · r reverse    ? help · Ctrl-Q quit
      """)
  }

  @Test func beamsAt40() {
    var player = Player(40, 12, task: .translate)
    player.type("How are you?")
    player.press("enter tab tab left left left")
    expectScreen(
      player.screen,
      """
       Translate                interpreter ●
      ╭─ English ─────────────────── 10 tok ─╮
      │ How are you?                         │
      ╰──────────────────────────────────────╯
      ╭─ French ────────────── 5 tok · done ─╮
      │ Comment allez-vous aujourd'hui ?     │
      │ <|end|>                              │
      │                                      │
      ╰──────────────────────────────────────╯
       ● 1  ·Comment   ████████████▏  93.10 %
         2  ·?         ▏               1.17 %
       Tab pane · ←→ token · c color   ? help
      """)
  }

  @Test func alignmentAt120() {
    var player = AlignmentStories.player()
    player.press("tab tab A")
    expectScreen(
      player.screen,
      """
        Generate   Fill mask ┃ Translate ┃ Classify   Chat   Tree   Compare   Inside   Train   interpreter · en → fr  ● ready
      ╭─ English ──────────────────── 10 tokens · 4 of the text ─╮╭─ Candidates, token 1 ──────── model · entropy 0.61 bits ─╮
      │                                                          ││    #  token                           prob.  log p, nats │
      │ How are you?                                             ││ ●  1  ·Comment     ██████████████   93.10 %        -0.07 │
      │                                                          ││    2  ·?           ▏                 1.17 %        -4.45 │
      │                                                          ││    3  ·English     ▏                 1.06 %        -4.55 │
      ╰──────────────────────────────────────────────────────────╯│    4  ·va          ▏                 0.73 %        -4.92 │
      ╭─ French ────────────────────────────────── 5 tok · done ─╮│    5  ·are         ▏                 0.65 %        -5.03 │
      │ Comment allez-vous aujourd'hui ? <|end|>                 ││    6  ·vous        ▏                 0.59 %        -5.13 │
      │                                                          ││    7  translate    ▏                 0.55 %        -5.20 │
      │                                                          ││    8  ·French                        0.36 %        -5.62 │
      ╰──────────────────────────────────────────────────────────╯│    9  ·allez-vous                    0.36 %        -5.64 │
      ╭─ Alignment ───────── cross-attention, mean of all heads ─╮│   10  ·How                           0.33 %        -5.71 │
      │ Comment  you?     100.00 %   How      ?        100.00 %  ││   11  ·aujourd'hui                   0.32 %        -5.75 │
      │ allez-v… you?     100.00 %   are      aujourd… 100.00 %  ││   12  ·you                           0.29 %        -5.83 │
      │ aujourd… are      100.00 %   you?     Comment  100.00 %  ││   13  ·Vous                          0.22 %        -6.11 │
      │ ?        How      100.00 %                               ││   14  ·to                            0.21 %        -6.17 │
      │                                                          ││   15  Q                             <0.01 %       -12.26 │
      │                                                          ││   16  S                             <0.01 %       -12.28 │
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
       Tab pane · ←→ token · c color · n surprise · r reverse · s sampler · m model · L languages        ? help · Ctrl-Q quit
      """)
  }

  @Test func alignmentAt40() {
    var player = AlignmentStories.player(Size(40, 12))
    player.press("tab A tab tab down down down down down")
    expectScreen(
      player.screen,
      """
       Translate                interpreter ●
      ╭─ English ─────────────────── 10 tok ─╮
      │ How are you?                         │
      ╰──────────────────────────────────────╯
      ╭─ Alignment ──────────────────────────╮
      │ ?            How          100.00 %   │
      │                                      │
      │ How          ?            100.00 %   │
      ╰──────────────────────────────────────╯
       Comment allez-vous aujourd'hui ?
       <|end|>
       ↑↓ choose · Tab pane            ? help
      """)
  }

  @Test func alignmentWithoutColorsAt80() {
    var player = AlignmentStories.player(Size(80, 24))
    player.press("tab tab A tab")
    expectScreen(
      player.grid(.none, glyphs: .ascii).plainText,
      """
        Generate   Fill mask | Translate | Classify   Chat   ~   interpreter  * ready
      +- English ------------------- 10 tok -++- Candidates, token 1 ---- 0.61 bits -+
      |                                      ||   #  token                     prob. |
      | How are you?                         || * 1  _Comment  ###########-  93.10 % |
      |                                      ||   2  _?        -              1.17 % |
      |                                      ||   3  _English  -              1.06 % |
      |                                      ||   4  _va       -              0.73 % |
      |                                      ||   5  _are      -              0.65 % |
      |                                      ||   6  _vous     -              0.59 % |
      |                                      ||   7  translate -              0.55 % |
      |                                      || 1-7 of 272 | 97.9 % covered          |
      +--------------------------------------++--------------------------------------+
      +- French -------------- 5 tok | done -++- Alignment --------------------------+
      | Comment allez-vous aujourd'hui ?     || Comment      you?         100.00 %   |
      |                                      || allez-vous   you?         100.00 %   |
      | <|end|>                              || aujourd'hui  are          100.00 %   |
      |                                      || ?            How          100.00 %   |
      |                                      ||                                      |
      |                                      || How          ?            100.00 %   |
      |                                      || are          aujourd'hui  100.00 %   |
      |                                      || you?         Comment      100.00 %   |
      +--------------------------------------++--------------------------------------+
       none >50 %  . >10 %  + >1 %  # less               93.10 % | rank 1 | 0.10 bits
       UpDown choose | Tab pane | r reverse | s sampler          ? help | Ctrl-Q quit
      """)
  }
}
