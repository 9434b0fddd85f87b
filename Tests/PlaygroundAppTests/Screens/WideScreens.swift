import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// Wide and combining characters keep the columns, drawn.
@Suite struct WideScreens {
  @Test func generateAt120() {
    var player = Player(120, 36, models: [.generate: [ModelReference("wide")]], settings: .steady, catalogue: [.wide])
    player.type("東京 cafe\u{301} é")
    player.press("enter tab tab left left left left")
    expectScreen(
      player.screen,
      #"""
      ┃ Generate ┃ Fill mask   Translate   Classify   Chat   Tree   Compare   Inside   Train     wide · f32 · 21.3 M  ● ready
      ╭─ Prompt ────────────────────────────── 12 of 512 tokens ─╮╭─ Candidates in A, token 4 ─── model · entropy 0.38 bits ─╮
      │                                                          ││    #  token                           prob.  log p, nats │
      │ 東京 café é                                              ││ ●  1  ·été              █████████▋  95.66 %        -0.04 │
      │                                                          ││ ✗  2  ·Café             ▏            1.14 %        -4.48 │
      │                                                          ││ ✗  3  ·👩‍🚀               ▏            0.66 %        -5.02 │
      ╰──────────────────────────────────────────────────────────╯│ ✗  4  東                ▏            0.66 %        -5.03 │
      ╭─ A  wide · T 0.8 · min-p 0.1 · seed 7 ──── 7 tok · done ─╮│ ✗  5  ·home.                         0.62 %        -5.09 │
      │ ▁▁▁▁▁▁▁                                        0.39 bits ││ ✗  6  京                             0.48 %        -5.33 │
      │                                                          ││ ✗  7  ·went                          0.41 %        -5.51 │
      │ 東京の空は青い。 Café 👩‍🚀 été went home. <|end|>          ││ ✗  8  ·東京の空は青い。              0.32 %        -5.75 │
      │                                                          ││ ✗  9  K                             <0.01 %       -12.05 │
      │                                                          ││ ✗ 10  R                             <0.01 %       -12.06 │
      │                                                          ││ ✗ 11  \xd3                          <0.01 %       -12.07 │
      │                                                          ││ ✗ 12  \xc9                          <0.01 %       -12.07 │
      │                                                          ││ ✗ 13  \xba                          <0.01 %       -12.08 │
      │                                                          ││ ✗ 14  \x85                          <0.01 %       -12.08 │
      │                                                          ││ ✗ 15  ^                             <0.01 %       -12.10 │
      │                                                          ││ ✗ 16  \xea                          <0.01 %       -12.10 │
      │                                                          ││ ✗ 17  [MASK]                        <0.01 %       -12.10 │
      │                                                          ││ ✗ 18  \xd7                          <0.01 %       -12.10 │
      │                                                          ││ ✗ 19  x                             <0.01 %       -12.13 │
      │                                                          ││ ✗ 20  \xf0                          <0.01 %       -12.13 │
      │                                                          ││ ✗ 21  \xe4                          <0.01 %       -12.17 │
      │                                                          ││ ✗ 22  \x14                          <0.01 %       -12.18 │
      │                                                          ││ ✗ 23  =                             <0.01 %       -12.20 │
      │                                                          ││ ✗ 24  \x8f                          <0.01 %       -12.21 │
      │                                                          ││ ✗ 25  \x9d                          <0.01 %       -12.21 │
      │                                                          ││ ✗ 26  4                             <0.01 %       -12.22 │
      │                                                          ││ ✗ 27  \xd2                          <0.01 %       -12.23 │
      │                                                          ││ ✗ 28  %                             <0.01 %       -12.23 │
      │                                                          ││                                                          │
      │                                                          ││ 1–28 of 266 · the chain keeps 1 · ✗ removed              │
      ╰──────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less     95.66 % · rank 1 · surprise 0.06 bits · entropy 0.38 bits
       Enter go on · Tab pane · ←→ token · c color · . one token · n surprise · r again · s sampler      ? help · Ctrl-Q quit
      """#)
  }

  @Test func generateAt80() {
    var player = Player(80, 24, models: [.generate: [ModelReference("wide")]], settings: .steady, catalogue: [.wide])
    player.type("東京 cafe\u{301} é")
    player.press("enter tab tab left left left left")
    expectScreen(
      player.screen,
      """
      ┃ Generate ┃ Fill mask   Translate   Classify   Chat   …    wide · f32  ● ready
      ╭─ Prompt ──────────────────── 12/512 ─╮╭─ A, token 4 ───── model · 0.38 bits ─╮
      │                                      ││   #  token                     prob. │
      │ 東京 café é                          ││ ● 1  ·été      ███████████▌  95.66 % │
      │                                      ││ ✗ 2  ·Café     ▏              1.14 % │
      │                                      ││ ✗ 3  ·👩‍🚀       ▏              0.66 % │
      │                                      ││ ✗ 4  東        ▏              0.66 % │
      │                                      ││ ✗ 5  ·home.    ▏              0.62 % │
      │                                      ││ ✗ 6  京                       0.48 % │
      │                                      ││ ✗ 7  ·went                    0.41 % │
      │                                      ││ 1–7 of 266 · ✗ removed               │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
      ╭─ A  wide · T 0.8 · min-p 0.1 · seed 7 ──────────────────────── 7 tok · done ─╮
      │ ▁▁▁▁▁▁▁                                                    0.39 bits a token │
      │ 東京の空は青い。 Café 👩‍🚀 été went home. <|end|>                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯
       █ >50 %  █ >10 %  █ >1 %  █ less   95.66 % · rank 1 · 0.06 bits · entropy 0.38
       Enter go on · Tab pane · ←→ token · c color               ? help · Ctrl-Q quit
      """)
  }

  @Test func generateAt40() {
    var player = Player(40, 12, models: [.generate: [ModelReference("wide")]], settings: .steady, catalogue: [.wide])
    player.type("東京 cafe\u{301} é")
    player.press("enter tab tab left left left left")
    expectScreen(
      player.screen,
      """
       Generate                        wide ●
      ╭─ Prompt ──────────────────── 12/512 ─╮
      │ 東京 café é                          │
      ╰──────────────────────────────────────╯
      ╭─ A  wide · seed 7 ──── 7 tok · done ─╮
      │ 東京の空は青い。 Café 👩‍🚀 été went    │
      │ home. <|end|>                        │
      │                                      │
      ╰──────────────────────────────────────╯
       ● 1  ·été       ████████████▍  95.66 %
       ✗ 2  ·Café      ▏               1.14 %
       Enter go on · Tab pane          ? help
      """)
  }

  @Test func fillMaskAt120() {
    var player = Player(120, 36, task: .fillMask, catalogue: [.wideMasks])
    player.type("[MASK] 東京 [MASK].")
    player.press("enter")
    expectScreen(
      player.screen,
      #"""
        Generate ┃ Fill mask ┃ Translate   Classify   Chat   Tree   Compare   Inside   Train    cloze · f32 · 21.3 M  ● ready
      ╭─ Prompt ────────────────────────────────────────────────────────────────────────────────── 8 of 64 tokens · 2 masks ─╮
      │                                                                                                                      │
      │ [MASK] 東京 [MASK].                                                                                                  │
      │                                                                                                                      │
      │                                                                                                                      │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
      ╭─ Mask 1 ───────────────────────────────────── 1.49 bits ─╮╭─ Mask 2 ───────────────────────────────────── 1.04 bits ─╮
      │    #  token                           prob.  log p, nats ││    #  token                           prob.  log p, nats │
      │▸   1  東京         ████████▏        54.43 %        -0.61 ││    1  空           █████████▋       64.27 %        -0.44 │
      │    2  été          ████             26.43 %        -1.33 ││    2  海           █████▏           34.53 %        -1.06 │
      │    3  한국         ██▊              18.52 %        -1.69 ││    3  한국         ▏                 0.58 %        -5.15 │
      │    4  海           ▏                 0.43 %        -5.44 ││    4  東京                           0.39 %        -5.55 │
      │    5  空                             0.16 %        -6.43 ││    5  été                            0.20 %        -6.21 │
      │    6  Q                             <0.01 %       -12.89 ││    6  [MASK]                        <0.01 %       -12.76 │
      │    7  Z                             <0.01 %       -12.90 ││    7  (                             <0.01 %       -12.78 │
      │    8  \xfb                          <0.01 %       -12.93 ││    8  N                             <0.01 %       -12.78 │
      │    9  \xdd                          <0.01 %       -12.95 ││    9  \x92                          <0.01 %       -12.80 │
      │   10  \xad                          <0.01 %       -12.96 ││   10  K                             <0.01 %       -12.80 │
      │   11  \xc1                          <0.01 %       -12.96 ││   11  \x9a                          <0.01 %       -12.80 │
      │                                                          ││                                                          │
      │ 1–11 of 263 · >99.9 % covered                            ││ 1–11 of 263 · >99.9 % covered                            │
      ╰──────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
      ╭─ Together ─────────────────────────────────────────────────────────────────── log-probability, nats · bars relative ─╮
      │ 東京 東京 空.                                                                                       -1.05 ██████████ │
      │ 東京 東京 海.                                                                                       -1.67 █████▍     │
      │ été 東京 空.                                                                                        -1.77 ████▉      │
      │ 한국 東京 空.                                                                                       -2.13 ███▍       │
      │ été 東京 海.                                                                                        -2.39 ██▋        │
      │ 한국 東京 海.                                                                                       -2.75 █▉         │
      │ 東京 東京 한국.                                                                                     -5.76 ▏          │
      │ 海 東京 空.                                                                                         -5.88 ▏          │
      │ 東京 東京 東京.                                                                                     -6.16            │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       Enter take it · Tab pane · ↑↓ candidate · / search · M mask a word · T targets · m model          ? help · Ctrl-Q quit
      """#)
  }

  @Test func fillMaskAt80() {
    var player = Player(80, 24, task: .fillMask, catalogue: [.wideMasks])
    player.type("[MASK] 東京 [MASK].")
    player.press("enter")
    expectScreen(
      player.screen,
      """
        Generate ┃ Fill mask ┃ Translate   Classify   Chat   …   cloze · f32  ● ready
      ╭─ Prompt ────────────────────────────────────────── 8 of 64 tokens · 2 masks ─╮
      │                                                                              │
      │ [MASK] 東京 [MASK].                                                          │
      │                                                                              │
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯
      ╭─ Mask 1 ───────────────── 1.49 bits ─╮╭─ Mask 2 ───────────────── 1.04 bits ─╮
      │▸  1  東京      ██████▌       54.43 % ││   1  空        ███████▊      64.27 % │
      │   2  été       ███▏          26.43 % ││   2  海        ████▏         34.53 % │
      │   3  한국      ██▎           18.52 % ││   3  한국      ▏              0.58 % │
      │   4  海                       0.43 % ││   4  東京                     0.39 % │
      │   5  空                       0.16 % ││   5  été                      0.20 % │
      │ 1–5 of 263 · log p -0.61 nats        ││ 1–5 of 263 · >99.9 % covered         │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
      ╭─ Together ─────────────────────────── log-probability, nats · bars relative ─╮
      │ 東京 東京 空.                                               -1.05 ██████████ │
      │ 東京 東京 海.                                               -1.67 █████▍     │
      │ été 東京 空.                                                -1.77 ████▉      │
      │ 한국 東京 空.                                               -2.13 ███▍       │
      │ été 東京 海.                                                -2.39 ██▋        │
      ╰──────────────────────────────────────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       Enter take it · Tab pane · ↑↓ candidate · / search        ? help · Ctrl-Q quit
      """)
  }

  @Test func fillMaskAt40() {
    var player = Player(40, 12, task: .fillMask, catalogue: [.wideMasks])
    player.type("[MASK] 東京 [MASK].")
    player.press("enter")
    expectScreen(
      player.screen,
      """
       Fill mask                      cloze ●
      ╭─ Prompt ──────────── 8/64 · 2 masks ─╮
      │ [MASK] 東京 [MASK].                  │
      ╰──────────────────────────────────────╯
      ╭─ Mask 1 of 2 ──────────── 1.49 bits ─╮
      │▸  1  東京      ██████▌       54.43 % │
      │   2  été       ███▏          26.43 % │
      │   3  한국      ██▎           18.52 % │
      ╰──────────────────────────────────────╯
       東京 東京 空.              -1.05 █████
       東京 東京 海.              -1.67 ██▋
       Enter take it · Tab pane        ? help
      """)
  }

  @Test func translateAt120() {
    var player = Player(120, 36, task: .translate, catalogue: [.wideTranslation])
    player.type("How 東京 are")
    player.press("enter")
    expectScreen(
      player.screen,
      #"""
        Generate   Fill mask ┃ Translate ┃ Classify   Chat   Tree   Compare   Inside   Train   interpreter · en → fr  ● ready
      ╭─ English ──────────────────── 39 tokens · 9 of the text ─╮╭─ Candidates, token 4 ──────── model · entropy 0.38 bits ─╮
      │                                                          ││    #  token                           prob.  log p, nats │
      │ How 東京 are                                             ││ ●  1  ·?           ██████████████▎  95.40 %        -0.05 │
      │                                                          ││    2  How          ▎                 1.61 %        -4.13 │
      │                                                          ││    3  ·é           ▎                 1.53 %        -4.18 │
      ╰──────────────────────────────────────────────────────────╯│    4  ·you         ▏                 0.43 %        -5.45 │
      ╭─ French ────────────────────────────────── 5 tok · done ─╮│    5  ·are                           0.38 %        -5.57 │
      │ お元気 ですか é ? <|end|>                                ││    6  ·お元気                        0.34 %        -5.70 │
      │                                                          ││    7  ·ですか                        0.26 %        -5.97 │
      │                                                          ││    8  \xba                          <0.01 %       -12.14 │
      ╰──────────────────────────────────────────────────────────╯│    9  \xd3                          <0.01 %       -12.14 │
      ╭─ Beams ──────────────────────────────────── score, nats ─╮│   10  p                             <0.01 %       -12.15 │
      │▸ -0.035  お元気 ですか é ?                               ││   11  \x03                          <0.01 %       -12.15 │
      │  -0.909  are ですか é ?                                  ││   12  \xb2                          <0.01 %       -12.16 │
      │  -0.996  é ですか é ?                                    ││   13  \x16                          <0.01 %       -12.17 │
      │  -1.041  How ですか é ?                                  ││   14  \xa4                          <0.01 %       -12.17 │
      │                                                          ││   15  U                             <0.01 %       -12.18 │
      │                                                          ││   16  \x99                          <0.01 %       -12.18 │
      │                                                          ││   17  \x94                          <0.01 %       -12.18 │
      │                                                          ││   18  \xc6                          <0.01 %       -12.20 │
      │                                                          ││   19  \xd1                          <0.01 %       -12.21 │
      │                                                          ││   20  o                             <0.01 %       -12.21 │
      │                                                          ││   21  \xd8                          <0.01 %       -12.21 │
      │                                                          ││   22  \xf7                          <0.01 %       -12.22 │
      │                                                          ││   23  \xae                          <0.01 %       -12.23 │
      │                                                          ││   24  \xfa                          <0.01 %       -12.23 │
      │                                                          ││   25  D                             <0.01 %       -12.24 │
      │                                                          ││   26  \x84                          <0.01 %       -12.27 │
      │                                                          ││   27  \x9b                          <0.01 %       -12.29 │
      │                                                          ││   28  \xc2                          <0.01 %       -12.31 │
      │                                                          ││                                                          │
      │                                                          ││ 1–28 of 265 · >99.9 % covered                            │
      ╰──────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       Enter translate · Tab pane · F6 reverse · F3 sampler · F2 model · F5 languages                   F1 help · Ctrl-Q quit
      """#)
  }

  @Test func translateAt80() {
    var player = Player(80, 24, task: .translate, catalogue: [.wideTranslation])
    player.type("How 東京 are")
    player.press("enter")
    expectScreen(
      player.screen,
      """
        Generate   Fill mask ┃ Translate ┃ Classify   Chat   …   interpreter  ● ready
      ╭─ English ─────────────────── 39 tok ─╮╭─ Candidates, token 4 ──── 0.38 bits ─╮
      │                                      ││   #  token                     prob. │
      │ How 東京 are                         ││ ● 1  ·?        ███████████▌  95.40 % │
      │                                      ││   2  How       ▎              1.61 % │
      │                                      ││   3  ·é        ▏              1.53 % │
      │                                      ││   4  ·you                     0.43 % │
      │                                      ││   5  ·are                     0.38 % │
      │                                      ││   6  ·お元気                  0.34 % │
      │                                      ││   7  ·ですか                  0.26 % │
      │                                      ││ 1–7 of 265 · 99.9 % covered          │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
      ╭─ French ────────────── 5 tok · done ─╮╭─ Beams ──────────────── score, nats ─╮
      │ お元気 ですか é ? <|end|>            ││▸ -0.035  お元気 ですか é ?           │
      │                                      ││  -0.909  are ですか é ?              │
      │                                      ││  -0.996  é ですか é ?                │
      │                                      ││  -1.041  How ですか é ?              │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       Enter translate · Tab pane · F6 reverse · F3 sampler     F1 help · Ctrl-Q quit
      """)
  }

  @Test func translateAt40() {
    var player = Player(40, 12, task: .translate, catalogue: [.wideTranslation])
    player.type("How 東京 are")
    player.press("enter")
    expectScreen(
      player.screen,
      """
       Translate                interpreter ●
      ╭─ English ─────────────────── 39 tok ─╮
      │ How 東京 are                         │
      ╰──────────────────────────────────────╯
      ╭─ Candidates, token 4 ──── 0.38 bits ─╮
      │ ● 1  ·?        ███████████▌  95.40 % │
      │   2  How       ▎              1.61 % │
      │   3  ·é        ▏              1.53 % │
      ╰──────────────────────────────────────╯
       お元気 ですか é ? <|end|>

       Enter translate · Tab pane     F1 help
      """)
  }
}
