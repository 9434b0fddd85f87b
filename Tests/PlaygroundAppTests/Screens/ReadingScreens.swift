import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The reading view, drawn.
@Suite struct ReadingScreens {
  @Test func readingAt120() {
    var player = ReadingStories.player(Size(120, 36))
    player.press("down n")
    expectScreen(
      player.screen,
      """
      ┃ Generate ┃ Fill mask   Translate   Classify   Chat   Tree   Compare   Inside   Train       storyteller · f32  ● ready
      ╭─ Read by storyteller ──────────────────────────────────────────────────────────────────────────────────── 53 tokens ─╮
      │ Once upon a time, in a village by the sea, there lived a little girl.⏎      │ whole text                             │
      │ She had no father and no mother, and she was poor.⏎                         │ perplexity       2083.34 a token       │
      │ ⏎                                                                           │ bits               3.772 a byte        │
      │ Every morning she went to the sea.                                          │ surprise           11.02 bits a token  │
      │                                                                             │ read                  53 of 53         │
      │                                                                             │                                        │
      │                                                                             │ token 25  h                            │
      │                                                                             │ probability      <0.01 %               │
      │                                                                             │ rank                 172               │
      │                                                                             │ surprise           17.44 bits          │
      │                                                                             │ entropy             5.39 bits          │
      │                                                                             │ likely here     4.69 %   ·father       │
      │                                                                             │                 4.37 %   ·down         │
      │                                                                             │                 4.33 %   ·last         │
      │                                                                             │                                        │
      │                                                                             │ word  She                              │
      │                                                                             │ probability      <0.01 %               │
      │                                                                             │ surprise           50.95 bits          │
      │                                                                             │                                        │
      │                                                                             │ line 2                                 │
      │                                                                             │ perplexity       2514.04 a token       │
      │                                                                             │ bits               3.987 a byte        │
      │                                                                             │                                        │
      │                                                                             │                                        │
      │                                                                             │                                        │
      │                                                                             │                                        │
      │                                                                             │                                        │
      │                                                                             │                                        │
      │                                                                             │                                        │
      │                                                                             │                                        │
      │                                                                                                                      │
      │ color: probability by token  ██ >50 %  ██ >10 %  ██ >1 %  ██ less                                                    │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
       w token, word, line · ←→ token · Enter edit here · c color · Esc close · n surprise                        Ctrl-Q quit
      """)
  }

  @Test func readingWithoutColorsAt80() {
    var player = ReadingStories.player(Size(80, 24))
    player.press("c c w right right")
    expectScreen(
      player.grid(.none).plainText,
      """
      ┃ Generate ┃ Fill mask   Translate   Classify   Chat   …   storyteller  ● ready
      ╭─ Read by storyteller ──────────────────────────────────────────── 53 tokens ─╮
      │ Once upon a time, in a village by the sea, there lived a little girl.⏎       │
      │     ▒▒▒▒▒▒▒██████▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒█████▒▒▒▒▒▒▒▒▒▒▒▒██▒▒▒▒▒▒▒██████        │
      │ She had no father and no mother, and she was poor.⏎                          │
      │ ███▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒██████████                           │
      │ ⏎                                                                            │
      │                                                                              │
      │ Every morning she went to the sea.                                           │
      │ █████▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒████▒▒▒▒▒                                           │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │ ·a 1.09 % · rank 36 · 6.52 bits · entropy 5.40 bits                          │
      │ word ·a  1.09 % · 6.52 bits                                                  │
      │ line 1  perplexity 1539.99 · 10.59 bits a token                              │
      │ perplexity 2083.34 · 3.772 bits a byte · 11.02 bits a token                  │
      │ marks: surprise by word  none <1 bit  ░ <3  ▒ <7  █ more                     │
      ╰──────────────────────────────────────────────────────────────────────────────╯
       w token, word, line · ←→ token · Enter edit here · c color         Ctrl-Q quit
      """)
  }

  @Test func readingAt40() {
    var player = ReadingStories.player(Size(40, 12))
    player.press("right right")
    expectScreen(
      player.screen,
      """
       Generate                 storyteller ●
      ╭─ Read by storyteller ────────────────╮
      │ Once upon a time, in a village by    │
      │ the sea, there lived a little girl.⏎ │
      │ She had no father and no mother, and │
      │ she was poor.⏎                       │
      │ ⏎                                    │
      │ ·a 1.09 % · rank 36 · 6.5 bits       │
      │ perplexity 2083.34 · 3.772 bits a b… │
      │ █ >50 %  █ >10 %  █ >1 %  █ less     │
      ╰──────────────────────────────────────╯
       w token, word, line · ←→ token
      """)
  }

  @Test func readingInColorsAt40() {
    let player = ReadingStories.player(Size(40, 12))
    expectScreen(
      player.grid().coloredText,
      """
       Generate                 storyteller ●
       aaaaaaaa                 ........... s
      ╭─ Read by storyteller ────────────────╮
      ========================================
      │ Once upon a time, in a village by    │
      = CCCC 6666 6 66669 66 6 6666666 88    =
      │ the sea, there lived a little girl.⏎ │
      = 666 6669 66666 66666 8 666666 999999 =
      │ She had no father and no mother, and │
      = 999 666 66 666666 666 66 6666666 666 =
      │ she was poor.⏎                       │
      = 666 999 888899                       =
      │ ⏎                                    │
      = 9                                    =
      │ Once nothing predicts it             │
      =      ....... ........ ..             =
      │ perplexity 2083.34 · 3.772 bits a b… │
      = .......... ....... . ..... .... . .. =
      │ █ >50 %  █ >10 %  █ >1 %  █ less     │
      = 0 ... .  3 ... .  6 .. .  9 ....     =
      ╰──────────────────────────────────────╯
      ========================================
       w token, word, line · ←→ token
       k ...... ..... .... . kk .....
      """)
  }
}
