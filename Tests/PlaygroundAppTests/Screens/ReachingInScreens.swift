import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// Changes of a model, the watch list and number formats in the Inside tab, drawn.
@Suite struct ReachingInScreens {
  /// A player with a head that is scaled, a patch, and the text that follows.
  private func changedPlayer(_ size: Size) -> Player {
    var player = InsideStories.player(size)
    player.press("enter 0 + + P ctrl-u")
    player.type("Once upon a time, in village by the the")
    player.press("enter left p r")
    return player
  }

  @Test func aChangedModelAt120() {
    var player = changedPlayer(Size(120, 36))
    player.press("tab tab tab tab")
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
      ╭─ Lens ──────────────────────────────────────────── text →  layers ↑ ─╮╭─ Layer 2 after ·the ───────────── 1.00 bits ─╮
      │       ·time    ,        ·in      ·village ·by      ·the     ·sea     ││ ●  1  ·mother,     ▊                  4.53 % │
      │   2 ◆ ·woman   ·boy     ·to      ·mother, ·at      ·mother, ·little  ││    2  ·there       ▋                  4.17 % │
      │   1   ·rich    ·old     ·fisher  ·the     ·last    ·lived   ·rich    ││    3  ·lived       ▋                  4.15 % │
      │ emb   ·cottage ·a       ·father  ·cottage ·Every   ·there   ·time    ││    4  ·fisher      ▋                  4.01 % │
      │                                                                      ││    5  ·grandmother ▋                  3.81 % │
      │                                                                      ││    6  Once         ▌                  3.42 % │
      │                                                                      ││    7  ·her         ▌                  3.38 % │
      │                                                                      ││    8  ·at          ▌                  3.32 % │
      │                                                                      ││                                              │
      │                                                                      ││ rank ·mother,  306 ██▁ 1                     │
      │ ◆ ·mother, first from layer 2 on                                     ││ entropy, bits  3.00 █▆▃ 1.00                 │
      │                                                                      ││ norm           9.0 ▇▇█ 11.0                  │
      ╰──────────────────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────╯
      ╭─ What follows ───────────────────────────────────────────────────────╮╭─ With two changes ─────────── KL 0.500 bits ─╮
      │ as it is                                                             ││ back 0.250 bits           as it is   changed │
      │ little girl, who had no father and no mother, and who lived with her ││ ·mother,                    4.53 %      less │
      │ grandmother in a cottage at the end of the last street. Every        ││ ·there                      4.17 %    4.17 % │
      │ morning she went down to the sea. <|end|>                            ││ ·lived                      4.15 %    4.15 % │
      │                                                                      ││▸--patch 1:8=Once upon a time, in village by… │
      │                                                                      │╰──────────────────────────────────────────────╯
      │ changed                                                              │╭─ Logits: ·mother, - ·there ────────── +3.38 ─╮
      │ little girl, who had no father and no mother, and who lived with her ││ layer 1 ffn       +2.00          │█████████  │
      │ grandmother in a cottage at the end of the last street. Every        ││ embedding         +1.00          │████▌      │
      │ morning she went down to the sea. <|end|>                            ││ layer 1 head 1    +0.50          │██▎        │
      │                                                                      ││ the rest          -0.13  1–3 of 6            │
      ╰──────────────────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       ↑↓ choose · Tab pane · <> head · Backspace all back · {} layer · 0 head off · Del take back       ? help · Ctrl-Q quit
      """)
  }

  @Test func aChangedModelAt80() {
    var player = changedPlayer(Size(80, 24))
    player.press("tab tab tab tab")
    expectScreen(
      player.screen,
      """
       …  Classify   Chat   Tree   Compare ┃ Inside ┃ Train   storyteller  changed  ●
      ╭─ Text ──────────────────────────────────────────────────── 10 of 512 tokens ─╮
      │ Once upon a time, in village by the sea                                      │
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯
      ╭─ Lens ──────────────────── text →  layers ↑ ─╮╭─ Layer 2 after ·the ─────────╮
      │       ·villa… ·by     ·the    ·sea           ││ ●  1  ·mother, ▏      4.53 % │
      │   2 ◆ ·mothe… ·at     ·mothe… ·little        ││    2  ·there   ▏      4.17 % │
      │   1   ·the    ·last   ·lived  ·rich          ││    3  ·lived   ▏      4.15 % │
      │ emb   ·cotta… ·Every  ·there  ·time          ││                              │
      │                                              ││ rank ·mot… 306 ██▁ 1         │
      │                                              ││ bits       3.00 █▆▃ 1.00     │
      │ ◆ ·mother, first from layer 2 on             ││ norm       9.0 ▇▇█ 11.0      │
      ╰──────────────────────────────────────────────╯╰──────────────────────────────╯
      ╭─ What follows ───────────────────────────────╮╭─ With two changes ───────────╮
      │ as it is                                     ││ KL 0.500  as it is   changed │
      │ little girl, who had no father and no        ││ ·mother,    4.53 %      less │
      │ mother, and who lived with her grandmother   ││ ·there      4.17 %    4.17 % │
      │ changed                                      ││ ·lived      4.15 %    4.15 % │
      │ little girl, who had no father and no        ││ --scale 1.0=0.5              │
      │ mother, and who lived with her grandmother   ││▸--patch 1:8=Once upon a tim… │
      ╰──────────────────────────────────────────────╯╰──────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       ↑↓ choose · Tab pane · <> head · Backspace all back       ? help · Ctrl-Q quit
      """)
  }

  @Test func theTextThatFollowsAt40() {
    var player = changedPlayer(Size(40, 12))
    player.press("tab tab tab tab tab")
    expectScreen(
      player.screen,
      """
       Inside           storyteller changed ●
      ╭─ Text ────────────────────── 10/512 ─╮
      │ sea                                  │
      ╰──────────────────────────────────────╯
      ╭─ What follows ───────────────────────╮
      │ little girl, who had no father and   │
      │ no mother, and who lived with her    │
      │ little girl, who had no father and   │
      ╰──────────────────────────────────────╯
       KL 0.500 bits       as it is   changed
       ·mother,              4.53 %      less
       Tab pane · <> head · {} layer   ? help
      """)
  }

  @Test func aSweepAt120() {
    var player = changedPlayer(Size(120, 36))
    player.press("w")
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
      ╭─ Restored by patches ───────────────────────────── text →  layers ↑ ─╮╭─ Layer 2 after ·the ───────────── 1.00 bits ─╮
      │       ·time    ,        ·in      ·village ·by      ·the     ·sea     ││ ●  1  ·mother,     ▊                  4.53 % │
      │   2       40 %     50 %     60 %     70 %     80 %     90 %    100 % ││    2  ·there       ▋                  4.17 % │
      │   1       20 %     25 %     30 %     35 %     40 %     45 %     50 % ││    3  ·lived       ▋                  4.15 % │
      │ emb                                                                  ││    4  ·fisher      ▋                  4.01 % │
      │                                                                      ││    5  ·grandmother ▋                  3.81 % │
      │                                                                      ││    6  Once         ▌                  3.42 % │
      │                                                                      ││    7  ·her         ▌                  3.38 % │
      │                                                                      ││    8  ·at          ▌                  3.32 % │
      │                                                                      ││                                              │
      │                                                                      ││ rank ·mother,  306 ██▁ 1                     │
      │ logits ·little - ·time: here -1.00, in the other text +2.00          ││ entropy, bits  3.00 █▆▃ 1.00                 │
      │ other text: Once upon a time, in village by the the                  ││ norm           9.0 ▇▇█ 11.0                  │
      ╰──────────────────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────╯
      ╭─ What follows ───────────────────────────────────────────────────────╮╭─ With two changes ─────────── KL 0.500 bits ─╮
      │ as it is                                                             ││ back 0.250 bits           as it is   changed │
      │ little girl, who had no father and no mother, and who lived with her ││ ·mother,                    4.53 %      less │
      │ grandmother in a cottage at the end of the last street. Every        ││ ·there                      4.17 %    4.17 % │
      │ morning she went down to the sea. <|end|>                            ││ ·lived                      4.15 %    4.15 % │
      │                                                                      ││▸--patch 1:8=Once upon a time, in village by… │
      │                                                                      │╰──────────────────────────────────────────────╯
      │ changed                                                              │╭─ Logits: ·mother, - ·there ────────── +3.38 ─╮
      │ little girl, who had no father and no mother, and who lived with her ││ layer 1 ffn       +2.00          │█████████  │
      │ grandmother in a cottage at the end of the last street. Every        ││ embedding         +1.00          │████▌      │
      │ morning she went down to the sea. <|end|>                            ││ layer 1 head 1    +0.50          │██▎        │
      │                                                                      ││ the rest          -0.13  1–3 of 6            │
      ╰──────────────────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────╯
       color: restored  ██ <25 %  ██ <50 %  ██ <75 %  ██ more
       Tab pane · <> head · {} layer · 0 head off · o cells · m model · f feed-forward off               ? help · Ctrl-Q quit
      """)
  }

  @Test func aSweepWithoutColorsAt80() {
    var player = changedPlayer(Size(80, 24))
    player.press("w")
    expectScreen(
      player.grid(.none, glyphs: .ascii).plainText,
      """
       ~  Classify   Chat   Tree   Compare | Inside | Train   storyteller  changed  *
      +- Text ---------------------------------------------------- 10 of 512 tokens -+
      | Once upon a time, in village by the sea                                      |
      |                                                                              |
      +------------------------------------------------------------------------------+
      +- Restored by patches ----- text >  layers ^ -++- Layer 2 after _the ---------+
      |       _villa~ _by     _the    _sea           || *  1  _mother, -      4.53 % |
      |   2   +  70 % #  80 % #  90 % # 100 %        ||    2  _there   -      4.17 % |
      |   1   .  35 % .  40 % .  45 % +  50 %        ||    3  _lived   -      4.15 % |
      | emb                                          ||                              |
      |                                              || rank _mot~ 306 ##_ 1         |
      |                                              || bits       3.00 #-. 1.00     |
      | logits _little - _time: here -1.00, in the ~ || norm       9.0 ==# 11.0      |
      +----------------------------------------------++------------------------------+
      +- What follows -------------------------------++- With two changes -----------+
      | as it is                                     || KL 0.500  as it is   changed |
      | little girl, who had no father and no        || _mother,    4.53 %      less |
      | mother, and who lived with her grandmother   || _there      4.17 %    4.17 % |
      | changed                                      || _lived      4.15 %    4.15 % |
      | little girl, who had no father and no        || --scale 1.0=0.5              |
      | mother, and who lived with her grandmother   ||>--patch 1:8=Once upon a tim~ |
      +----------------------------------------------++------------------------------+
       marks: restored  none <25 %  . <50 %  + <75 %  # more
       Tab pane | <> head | {} layer | 0 head off | o cells      ? help | Ctrl-Q quit
      """)
  }

  @Test func theOtherTextIsTypedAt80() {
    var player = InsideStories.player(Size(80, 24))
    player.press("enter P")
    expectScreen(
      player.screen,
      """
       …  Classify   Chat   Tree   Compare ┃ Inside ┃ Train      storyteller  ● ready
      ╭─ Other text ──────────────────────────────────────────────────────── 1 of 1 ─╮
      │ / Once upon a time, in village by the sea                                    │
      │                                                                              │
      │ ▸ Take this text                                                             │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯
       Enter choose · Esc close                                           Ctrl-Q quit
      """)
  }

  /// A player with a watched word and another number format.
  private func watchingPlayer(_ size: Size) -> Player {
    var player = InsideStories.player(size)
    player.press("enter i")
    player.type(" little")
    player.press("enter F")
    player.type("q4")
    player.press("enter")
    return player
  }

  @Test func anotherNumberFormatAt120() {
    let player = watchingPlayer(Size(120, 36))
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
      ╭─ Lens ──────────────────────────────────────────── text →  layers ↑ ─╮╭─ Layer 2 after ·sea ───────────── 1.00 bits ─╮
      │       ·time    ,        ·in      ·village ·by      ·the     ·sea     ││ ●  1  ·little  ███████████████       75.27 % │
      │   2 ◆ ·woman   ·boy     ·to      ·mother, ·at      ·mother, ·little  ││    2  ·time    ▎                      0.94 % │
      │   1   ·rich    ·old     ·fisher  ·the     ·last    ·lived   ·rich    ││    3  ·rich    ▏                      0.93 % │
      │ emb   ·cottage ·a       ·father  ·cottage ·Every   ·there   ·time    ││    4  ·good    ▏                      0.92 % │
      │                                                                      ││    5  ·the     ▏                      0.91 % │
      │                                                                      ││    6  ·cottage ▏                      0.91 % │
      │                                                                      ││    7  ·by      ▏                      0.91 % │
      │                                                                      ││                                              │
      │                                                                      ││ rank ·little   306 ██▁ 1                     │
      │                                                                      ││ ·little        18.82 % ▃▅█ 75.27 %           │
      │ ◆ ·little first from layer 2 on                                      ││ entropy, bits  3.00 █▆▃ 1.00                 │
      │                                                                      ││ norm           10.0 ▇▇█ 12.0                 │
      ╰──────────────────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────╯
      ╭─ Attention · layer 2 · head 1 of 2 ────────────────────── from ·sea ─╮╭─ f32 and q4 ───────────────── KL 0.250 bits ─╮
      │ Once ·upon ·a ·time , ·in ·village ·by ·the ·sea                     ││ emb      1.00 % █████▍              KL 0.125 │
      │ ▅▅▅▅                                        ▅▅▅▅                     ││   1      2.00 % ██████████▋         KL 0.250 │
      │▸  1 ▅        ▅ 50.00 % on Once                                       ││   2 ◆    3.00 % ████████████████    KL 0.375 │
      │   2 ▅        ▅ 50.00 % on Once                                       ││                                              │
      │                                                                      ││                                              │
      │                                                                      ││                                              │
      │                                                                      ││                                              │
      │                                                                      ││                                              │
      │                                                                      ││ h.1.mlp.c_fc.weight                          │
      │                                                                      ││ moves it first: alone KL 0.125 bits          │
      │                                                                      ││ kept in f32 it wins 0.125 of 0.250 bits      │
      ╰──────────────────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       Tab pane · <> head · {} layer · 0 head off · m model · f feed-forward off · L layer off           ? help · Ctrl-Q quit
      """)
  }

  @Test func aChangedModelAt40() {
    var player = InsideStories.player(Size(40, 12))
    player.press("enter 0")
    expectScreen(
      player.screen,
      """
       Inside           storyteller changed ●
      ╭─ Text ────────────────────── 10/512 ─╮
      │ sea                                  │
      ╰──────────────────────────────────────╯
      ╭─ Lens ───────────────────────────────╮
      │       ·by     ·the    ·sea           │
      │   2 ◆ ·at     ·mothe… ·little        │
      │   1   ·last   ·lived  ·rich          │
      ╰──────────────────────────────────────╯
       KL 0.500 bits       as it is   without
       ·little              75.27 %      less
       Tab pane · <> head · {} layer   ? help
      """)
  }

  @Test func anotherNumberFormatAt80() {
    let player = watchingPlayer(Size(80, 24))
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
      │                                              ││ ·little    18.82 % █ 75.27 % │
      │ ◆ ·little first from layer 2 on              ││ bits       3.00 █▆▃ 1.00     │
      ╰──────────────────────────────────────────────╯╰──────────────────────────────╯
      ╭─ Attention · layer 2 · head 1 of 2 ──────────╮╭─ f32 and q4 ─ KL 0.250 bits ─╮
      │ Once ·upon ·a ·time , ·in ·village ·by ·the  ││ emb      1.00 %     KL 0.125 │
      │ ▅▅▅▅                                         ││   1      2.00 %     KL 0.250 │
      │ ·sea                                         ││   2 ◆    3.00 %     KL 0.375 │
      │ ▅▅▅▅                                         ││ h.1.mlp.c_fc.weight          │
      │▸  1 ▅        ▅ 50.00 % on Once               ││ first: alone KL 0.125 bits   │
      │   2 ▅        ▅ 50.00 % on Once               ││ kept in f32 it wins 0.125    │
      ╰──────────────────────────────────────────────╯╰──────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       Tab pane · <> head · {} layer · 0 head off · m model      ? help · Ctrl-Q quit
      """)
  }

  @Test func anotherNumberFormatWithoutColorsAt40() {
    let player = watchingPlayer(Size(40, 12))
    expectScreen(
      player.grid(.none, glyphs: .ascii).plainText,
      """
       Inside                   storyteller *
      +- Text ---------------------- 10/512 -+
      | sea                                  |
      +--------------------------------------+
      +- f32 and q4 --------- KL 0.250 bits -+
      | emb      1.00 % ##=         KL 0.125 |
      |   1      2.00 % #####-      KL 0.250 |
      |   2 *    3.00 % ########    KL 0.375 |
      +--------------------------------------+
         2 * +_moth~ +_at    +_moth~  _litt~
         1   +_the   +_last  +_lived #_rich
       Tab pane | <> head | {} layer   ? help
      """)
  }
}
