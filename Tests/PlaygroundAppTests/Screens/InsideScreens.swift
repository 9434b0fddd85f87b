import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The Inside tab, drawn.
@Suite struct InsideScreens {
  @Test func insideAt120() {
    var player = InsideStories.player()
    player.press("enter left left down")
    expectScreen(
      player.screen,
      """
        Generate   Fill mask   Translate   Classify   Chat   Tree   Compare ┃ Inside ┃ Train             storyteller  ● ready
      ╭─ Text ──────────────────────────────────────────────────────────────────────────────────────────── 10 of 512 tokens ─╮
      │                                                                                                                      │
      │ Once upon a time, in village by the sea                                                                              │
      │                                                                                                                      │
      │                                                                                                                      │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
      ╭─ Lens ──────────────────────────────────────────── text →  layers ↑ ─╮╭─ Layer 1 after ·by ────────────── 2.00 bits ─╮
      │       ·time    ,        ·in      ·village ·by      ·the     ·sea     ││   306 @                              <0.01 % │
      │   2 ◆ ·woman   ·boy     ·to      ·mother, ·at      ·mother, ·little  ││   305 _                              <0.01 % │
      │   1   ·rich    ·old     ·fisher  ·the     ·last    ·lived   ·rich    ││   304 n                              <0.01 % │
      │ emb   ·cottage ·a       ·father  ·cottage ·Every   ·there   ·time    ││   303 b                              <0.01 % │
      │                                                                      ││   302 \\x92                           <0.01 % │
      │                                                                      ││   301 \\x9e                           <0.01 % │
      │                                                                      ││   300 O                              <0.01 % │
      │                                                                      ││   299 \\xe7                           <0.01 % │
      │                                                                      ││                                              │
      │                                                                      ││ rank ·at       306 ██▁ 1                     │
      │ ◆ ·at first from layer 2 on                                          ││ entropy, bits  3.00 █▆▃ 1.00                 │
      │                                                                      ││ norm           8.0 ▇▇█ 10.0                  │
      ╰──────────────────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────╯
      ╭─ Attention · layer 1 · head 1 of 2 ─────────────────────── from ·by ─╮╭─ Logits: ·at - ·Every ─────────────── +3.38 ─╮
      │ Once ·upon ·a ·time , ·in ·village ·by ·the ·sea                     ││ layer 1 ffn       +2.00          │█████████  │
      │ ▅▅▅▅                               ▅▅▅                               ││ embedding         +1.00          │████▌      │
      │▸  1 ▅      ▅   50.00 % on Once                                       ││ layer 1 head 1    +0.50          │██▎        │
      │   2 ▅      ▅   50.00 % on Once                                       ││ layer 1 head 2    -0.25         █│           │
      │                                                                      ││ last biases       +0.13          │▋          │
      │                                                                      ││ layer 1 biases    +0.00          │           │
      │                                                                      ││                                              │
      │                                                                      ││                                              │
      │                                                                      ││                                              │
      │                                                                      ││                                              │
      │                                                                      ││ the rest          +0.00  1–6 of 6            │
      ╰──────────────────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       Tab pane · <> head · {} layer · 0 head off · o cells · m model · f feed-forward off               ? help · Ctrl-Q quit
      """)
  }

  @Test func insideWithAHeadSwitchedOffAt120() {
    var player = InsideStories.player()
    player.press("tab tab tab 0 o")
    expectScreen(
      player.screen,
      """
        Generate   Fill mask   Translate   Classify   Chat   Tree   Compare ┃ Inside ┃ Train    storyteller  changed  ● ready
      ╭─ Text ──────────────────────────────────────────────────────────────────────────────────────────── 10 of 512 tokens ─╮
      │                                                                                                                      │
      │ Once upon a time, in village by the sea                                                                              │
      │                                                                                                                      │
      │                                                                                                                      │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
      ╭─ Lens after attention ──────────────────────────── text →  layers ↑ ─╮╭─ Layer 2, attention after ·sea ── 1.00 bits ─╮
      │       ·time    ,        ·in      ·village ·by      ·the     ·sea     ││ ●  1  ·little  ███████████████       75.27 % │
      │   2 ◆ ·woman   ·boy     ·to      ·mother, ·at      ·mother, ·little  ││    2  ·time    ▎                      0.94 % │
      │   1   ·to      ·with    ·went    ·father  ·cottage ·grandm… ·the     ││    3  ·rich    ▏                      0.93 % │
      │ emb   ·girl,   ·by      ·street. ·lived   ·lived   ·fisher  ·good    ││    4  ·good    ▏                      0.92 % │
      │                                                                      ││    5  ·the     ▏                      0.91 % │
      │                                                                      ││    6  ·cottage ▏                      0.91 % │
      │                                                                      ││    7  ·by      ▏                      0.91 % │
      │                                                                      ││    8  ·king    ▏                      0.91 % │
      │                                                                      ││                                              │
      │                                                                      ││ rank ·little   306 ██▁ 1                     │
      │ ◆ ·little first from layer 2 on                                      ││ entropy, bits  3.00 █▆▃ 1.00                 │
      │                                                                      ││ norm           10.0 ▇▇█ 12.0                 │
      ╰──────────────────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────╯
      ╭─ Attention · layer 2 · head 1 of 2 ────────────────────── from ·sea ─╮╭─ Without layer 2 head 1 ───── KL 0.500 bits ─╮
      │ Once ·upon ·a ·time , ·in ·village ·by ·the ·sea                     ││ back 0.250 bits           as it is   without │
      │ ▅▅▅▅                                        ▅▅▅▅                     ││ ·little                    75.27 %      less │
      │▸  1 ▅        ▅ 50.00 % switched off                                  ││ ·time                       0.94 %    0.94 % │
      │   2 ▅        ▅ 50.00 % on Once                                       ││ ·rich                       0.93 %    0.93 % │
      │                                                                      ││ --ablate 1.0                                 │
      │                                                                      │╰──────────────────────────────────────────────╯
      │                                                                      │╭─ Logits: ·little - ·time ──────────── +3.38 ─╮
      │                                                                      ││ layer 1 ffn       +2.00          │█████████  │
      │                                                                      ││ embedding         +1.00          │████▌      │
      │                                                                      ││ layer 1 head 1    +0.50          │██▎        │
      │                                                                      ││ the rest          -0.13  1–3 of 6            │
      ╰──────────────────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       ↑↓ choose · Tab pane · <> head · {} layer · 0 head off · d from, to · a which · m model           ? help · Ctrl-Q quit
      """)
  }

  @Test func insideAt80() {
    var player = InsideStories.player(Size(80, 24))
    player.press("tab tab tab d")
    expectScreen(
      player.screen,
      """
       …  Classify   Chat   Tree   Compare ┃ Inside ┃ Train      storyteller  ● ready
      ╭─ Text ──────────────────────────────────────────────────── 10 of 512 tokens ─╮
      │ Once upon a time, in village by the sea                                      │
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯
      ╭─ Lens ──────────────────── text →  layers ↑ ─╮╭─ Layer 2 after ·sea ─────────╮
      │       ·villa… ·by     ·the    ·sea           ││ ●  1  ·little ███▊   75.27 % │
      │   2 ◆ ·mothe… ·at     ·mothe… ·little        ││    2  ·time           0.94 % │
      │   1   ·the    ·last   ·lived  ·rich          ││    3  ·rich           0.93 % │
      │ emb   ·cotta… ·Every  ·there  ·time          ││                              │
      │                                              ││ rank ·lit… 306 ██▁ 1         │
      │                                              ││ bits       3.00 █▆▃ 1.00     │
      │ ◆ ·little first from layer 2 on              ││ norm       10.0 ▇▇█ 12.0     │
      ╰──────────────────────────────────────────────╯╰──────────────────────────────╯
      ╭─ Attention · layer 2 · head 1 of 2 ──────────╮╭─ Logits: ·little - ·time ────╮
      │ Once ·upon ·a ·time , ·in ·village ·by ·the  ││ layer 1 ffn      +2.00   │██ │
      │                                              ││ embedding        +1.00   │█  │
      │ ·sea                                         ││ layer 1 head 1   +0.50   │▌  │
      │ ▅▅▅▅                                         ││ layer 1 head 2   -0.25   │   │
      │▸  1          ▅ 50.00 % from ·sea             ││ last biases      +0.13   │▏  │
      │   2          ▅ 50.00 % from ·sea             ││ the rest         +0.00  of 6 │
      ╰──────────────────────────────────────────────╯╰──────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       ↑↓ choose · Tab pane · <> head · {} layer · 0 head off    ? help · Ctrl-Q quit
      """)
  }

  @Test func insideAt40() {
    var player = InsideStories.player(Size(40, 12))
    player.press("enter")
    expectScreen(
      player.screen,
      """
       Inside                   storyteller ●
      ╭─ Text ────────────────────── 10/512 ─╮
      │ sea                                  │
      ╰──────────────────────────────────────╯
      ╭─ Lens ───────────────────────────────╮
      │       ·by     ·the    ·sea           │
      │   2 ◆ ·at     ·mothe… ·little        │
      │   1   ·last   ·lived  ·rich          │
      ╰──────────────────────────────────────╯
       ●  1  ·little ███████████▎     75.27 %
          2  ·time   ▏                 0.94 %
       Tab pane · <> head · {} layer   ? help
      """)
  }

  @Test func insideWithoutColorsAt80() {
    var player = InsideStories.player(Size(80, 24))
    player.press("enter 0")
    expectScreen(
      player.grid(.none, glyphs: .ascii).plainText,
      """
       ~  Classify   Chat   Tree   Compare | Inside | Train   storyteller  changed  *
      +- Text ---------------------------------------------------- 10 of 512 tokens -+
      | Once upon a time, in village by the sea                                      |
      |                                                                              |
      +------------------------------------------------------------------------------+
      +- Lens -------------------- text >  layers ^ -++- Layer 2 after _sea ---------+
      |       _villa~ _by     _the    _sea           || *  1  _little ###=   75.27 % |
      |   2 * +_moth~ +_at    +_moth~  _litt~        ||    2  _time           0.94 % |
      |   1   +_the   +_last  +_lived #_rich         ||    3  _rich           0.93 % |
      | emb   +_cott~ +_Every +_there #_time         ||                              |
      |                                              || rank _lit~ 306 ##_ 1         |
      |                                              || bits       3.00 #-. 1.00     |
      | * _little first from layer 2 on              || norm       10.0 ==# 12.0     |
      +----------------------------------------------++------------------------------+
      +- Attention | layer 2 | head 1 of 2 ----------++- Without layer 2 head 1 -----+
      | Once _upon _a _time , _in _village _by _the  || KL 0.500  as it is   without |
      | ----                                         || _little    75.27 %      less |
      | _sea                                         || _time       0.94 %    0.94 % |
      | ----                                         || _rich       0.93 %    0.93 % |
      |>  1 -        - 50.00 % switched off          || _good       0.92 %    0.92 % |
      |   2 -        - 50.00 % on Once               || --ablate 1.0                 |
      +----------------------------------------------++------------------------------+
       marks: probability  none >50 %  . >10 %  + >1 %  # less
       Tab pane | <> head | {} layer | 0 head off | o cells      ? help | Ctrl-Q quit
      """)
  }

  @Test func crossAttentionAt80() {
    var player = InsideStories.player(
      Size(80, 24), model: "interpreter", text: "translate English to French: How are you?\nComment allez")
    player.press("tab tab tab a")
    expectScreen(
      player.screen,
      """
       …  Classify   Chat   Tree   Compare ┃ Inside ┃ Train      interpreter  ● ready
      ╭─ Source, then target ──────────────────────────────────────────── 24 tokens ─╮
      │ translate English to French: How are you?                                    │
      │ Comment allez                                                                │
      ╰──────────────────────────────────────────────────────────────────────────────╯
      ╭─ Lens ──────────────────── text →  layers ↑ ─╮╭─ Layer 2 after <|end|> ──────╮
      │       l       e       z       <|end|>        ││ ●  1  ·Comment ███▋  91.95 % │
      │   2 ◆ ·Vous   ·Vous   ·are    ·Comme…        ││    2  ·to             1.15 % │
      │   1   ·vous   ·French ·Engli… ·Engli…        ││    3  ·English        0.96 % │
      │ emb   transl… ·?      ·French ·to            ││                              │
      │                                              ││ rank ·Com… 272 ██▁ 1         │
      │                                              ││ bits       3.00 █▆▃ 1.00     │
      │ ◆ ·Comment first from layer 2 on             ││ norm       14.0 ▇██ 16.0     │
      ╰──────────────────────────────────────────────╯╰──────────────────────────────╯
      ╭─ Cross-attention · layer 2 · head 1 of 2 ────╮╭─ Logits: ·Comment - ·to ─────╮
      │ translate ·English ·to ·French : ·How ·are   ││ layer 1 ffn      +2.00   │██ │
      │                        ███████               ││ embedding        +1.00   │█  │
      │ ·you ? <|end|>                               ││ layer 1 head 1   +0.50   │▌  │
      │                                              ││ layer 1 head 2   -0.25   │   │
      │▸  1 keys  1    █    100.00 % on ·French      ││ last biases      +0.13   │▏  │
      │   2 keys  1    █    100.00 % on ·French      ││ the rest         +0.00  of 6 │
      ╰──────────────────────────────────────────────╯╰──────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       ↑↓ choose · Tab pane · <> head · {} layer · 0 head off    ? help · Ctrl-Q quit
      """)
  }
}
