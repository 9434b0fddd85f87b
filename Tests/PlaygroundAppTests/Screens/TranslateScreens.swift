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
       TRIPTYCH    Generate   Fill mask ┃ Translate ┃                           interpreter · en → fr · f32 · 31.0 M  ● ready
      ╭─ English ──────────────────────────────────── 10 tokens ─╮╭─ Candidates, token 3 ──────── model · entropy 0.54 bits ─╮
      │                                                          ││   #  token                                 prob.   log p │
      │ How are you?                                             ││ ● 1  ·aujourd'hui   ███████████████████  94.01 %   -0.06 │
      │                                                          ││   2  ·to            ▎                     1.12 %   -4.49 │
      │                                                          ││   3  translate      ▏                     0.91 %   -4.70 │
      │                                                          ││   4  ·How           ▏                     0.76 %   -4.87 │
      │                                                          ││   5  ·French        ▏                     0.67 %   -5.00 │
      │                                                          ││   6  ·Vous          ▏                     0.51 %   -5.29 │
      │                                                          ││   7  ·vous          ▏                     0.39 %   -5.56 │
      │                                                          ││   8  ·Comment                             0.27 %   -5.90 │
      │                                                          ││   9  ·are                                 0.26 %   -5.94 │
      │                                                          ││  10  ·English                             0.26 %   -5.97 │
      │                                                          ││  11  ·va                                  0.24 %   -6.01 │
      │                                                          ││  12  ·allez-vous                          0.21 %   -6.16 │
      │                                                          ││                                                          │
      │                                                          ││ 1–12 of 272 · 99.6 % covered                             │
      ╰──────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
      ╭─ French ────────────────────────────────── 5 tok · done ─╮╭─ Beams ────────────────────────────────────────── score ─╮
      │ Comment allez-vous aujourd'hui ? <|end|>                 ││▸ -0.064  Comment allez-vous aujourd'hui ?                │
      │                                                          ││  -0.951  ? allez-vous aujourd'hui ?                      │
      │                                                          ││  -0.966  English allez-vous aujourd'hui ?                │
      │                                                          ││  -1.032  va allez-vous aujourd'hui ?                     │
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
       colour: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less         94.01 % · rank 1 · surprise 0.09 · entropy 0.54 bits
       Tab pane · ←→ token · c colour · n uncertain · r reverse · s sampler · m model · L languages      ? help · Ctrl-Q quit
      """)
  }

  @Test func beamsAt80() {
    var player = Player(80, 24, task: .translate)
    player.type("How are you?")
    player.press("enter tab tab left left left")
    expectScreen(
      player.screen,
      """
       TRIPTYCH    Generate   Fill mask ┃ Translate ┃  interpreter · en → fr  ● ready
      ╭─ English ─────────────────────── 10 ─╮╭─ Candidates, token 3 ──── 0.54 bits ─╮
      │                                      ││  #  token                      prob. │
      │ How are you?                         ││ ●1  ·aujourd… █████████████  94.01 % │
      │                                      ││  2  ·to       ▏               1.12 % │
      │                                      ││  3  translate ▏               0.91 % │
      │                                      ││  4  ·How      ▏               0.76 % │
      │                                      ││  5  ·French   ▏               0.67 % │
      │                                      ││  6  ·Vous     ▏               0.51 % │
      │                                      ││  7  ·vous                     0.39 % │
      │                                      ││ 1–7 of 272 · 98.4 % covered          │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
      ╭─ French ────────────── 5 tok · done ─╮╭─ Beams ────────────────────── score ─╮
      │ Comment allez-vous aujourd'hui ?     ││▸ -0.064  Comment allez-vous aujourd… │
      │ <|end|>                              ││  -0.951  ? allez-vous aujourd'hui ?  │
      │                                      ││  -0.966  English allez-vous aujourd… │
      │                                      ││  -1.032  va allez-vous aujourd'hui ? │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
       colour: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       Tab pane · ←→ token · c colour · n uncertain · r reverse  ? help · Ctrl-Q quit
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
      ╭─ English ─────────────────────── 10 ─╮
      │ How are you?                         │
      ╰──────────────────────────────────────╯
      ╭─ French ────────────── 5 tok · done ─╮
      │ Comment allez-vous aujourd'hui ?     │
      │ <|end|>                              │
      │                                      │
      ╰──────────────────────────────────────╯
       ●1  ·aujourd'… ██████████████  94.01 %
        2  ·to        ▏                1.12 %
       Tab pane · ←→ token · c colour  ? help
      """)
  }
}
