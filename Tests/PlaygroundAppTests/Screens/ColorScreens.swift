import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The Chat and Tree tabs, drawn with their colors.
@Suite struct ColorScreens {
  @Test func answersInTheColorsOfTheirProbabilities() {
    var player = ChatStories.player(Size(80, 24))
    player.type("Why is the sea salty?")
    player.press("enter tab p left left left")
    expectScreen(
      player.grid().coloredText,
      """
       …  Translate   Classify ┃ Chat ┃ Tree   Compare   Inside   …   talker  ● ready
       .  .........   ........ a aaaa a ....   .......   ......   .   ......  s .....
      ╭─ Chat ────────────────────────────────────────────────────────────── 50/512 ─╮
      ====================================================================== ...... ==
      │   you    Why is the sea salty?                                               │
      =                                                                              =
      │                                                                              │
      =                                                                              =
      │ ▸ talker Rain washes tiny bits of salt out of the rocks, and rivers carry    │
      = a aaaaaa 0000 000000 0000 0000 00 0000 000 00 000 000000 000 000000 00000    =
      │          them to the sea.                                                    │
      =          0000CCC 000 0000                                                    =
      │          17 tok · 0.0 s · 800/s · perplexity 1.1                             │
      =          .. ... . ... . . ..... . .......... ...                             =
      │                                                                              │
      =                                                                              =
      │                                                                              │
      =                                                                              =
      │                                                                              │
      =                                                                              =
      │                                                                              │
      =                                                                              =
      │                                                                              │
      =                                                                              =
      │                                                                              │
      =                                                                              =
      │                                                                              │
      =                                                                              =
      │                                                                              │
      =                                                                              =
      │                                                                              │
      =                                                                              =
      │                                                                              │
      =                                                                              =
      │                                                                              │
      =                                                                              =
      ╰──────────────────────────────────────────────────────────────────────────────╯
      ================================================================================
      ╭─ You ────────────────────────────────────────────────────── 0 of 512 tokens ─╮
      -- ttt ------------------------------------------------------ . .. ... ...... --
      │                                                                              │
      -                                                                              -
      ╰──────────────────────────────────────────────────────────────────────────────╯
      --------------------------------------------------------------------------------
       █ >50 %  █ >10 %  █ >1 %  █ less   94.36 % · rank 1 · 0.08 bits · entropy 0.52
       0 ... .  3 ... .  6 .. .  9 ....   ..... . . .... . . .... .... . ....... ....
       Enter go on · Tab pane · ←→ token · c color · r again     ? help · Ctrl-Q quit
       kkkkk .. .. . kkk .... . kk ..... . k ..... . k .....     k .... . kkkkkk ....
      """)
  }

  @Test func answersSideBySide() {
    var player = ChatSideStories.twoModels(Size(80, 24))
    player.type("Why is the sea salty?")
    player.press("enter tab 2 p")
    expectScreen(
      player.grid().coloredText,
      """
       …  Translate   Classify ┃ Chat ┃ Tree   Compare   Inside   …   talker  ● ready
       .  .........   ........ a aaaa a ....   .......   ......   .   ......  s .....
      ╭─ Chat ────────────────────────────────────────────────────────────── 32/512 ─╮
      -- tttt -------------------------------------------------------------- ...... --
      │   you Why is the sea salty?                                                  │
      -                                                                              -
      │       ‹ 1/2 ›                                                                │
      -       . ... .                                                                -
      │                                                                              │
      -                                                                              -
      │                                                                              │
      -                                                                              -
      │                                                                              │
      -                                                                              -
      ╰──────────────────────────────────────────────────────────────────────────────╯
      --------------------------------------------------------------------------------
      ╭─ A  talker · greedy ──────── 17 tok ─╮╭─ B  terse ── 4 tok · perplexity 1.0 ─╮
      -- A  tttttt t tttttt -------- .. ... --===B========== . ... . .......... ... ==
      │ Rain washes tiny bits of salt out of ││ Salt comes from rocks.               │
      - 0000 000000 0000 0000 00 0000 000 00 -= 0000 00000 0000 000000               =
      │ the rocks, and rivers carry them to  ││                                      │
      - 000 000000 000 000000 00000 0000 00  -=                                      =
      │ the sea.                             ││                                      │
      - 000 0000                             -=                                      =
      │                                      ││                                      │
      -                                      -=                                      =
      │                                      ││                                      │
      -                                      -=                                      =
      │                                      ││                                      │
      -                                      -=                                      =
      │                                      ││                                      │
      -                                      -=                                      =
      │                                      ││                                      │
      -                                      -=                                      =
      │                                      ││                                      │
      -                                      -=                                      =
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
      ----------------------------------------========================================
      ╭─ You ────────────────────────────────────────────────────── 0 of 512 tokens ─╮
      -- ttt ------------------------------------------------------ . .. ... ...... --
      │                                                                              │
      -                                                                              -
      ╰──────────────────────────────────────────────────────────────────────────────╯
      --------------------------------------------------------------------------------
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       ...... ...........  00 ... .  23 ... .  56 .. .  89 ....
       Enter go on with it · Tab pane · ←→ token · c color       ? help · Ctrl-Q quit
       kkkkk .. .. .... .. . kkk .... . kk ..... . k .....       k .... . kkkkkk ....
      """)
  }

  @Test func aTreeOfTexts() {
    var settings = PlaygroundSettings.steady
    settings.texts.maxTokens = 8
    var player = Player(80, 24, settings: settings)
    player.press("right enter tab tab r")
    player.press("alt-6 left right *")
    expectScreen(
      player.grid().coloredText,
      """
       …  Classify   Chat ┃ Tree ┃ Compare   Inside   Train      storyteller  ● ready
       .  ........   .... a aaaa a .......   ......   .....      ...........  s .....
      ╭─ Tree ─────────────────── % of the first token · tokens · log p of the path ─╮
      =========================== . .. ... ..... ..... . ...... . ... . .. ... .... ==
      │ Once upon a time, in a village by the sea, there lived a         15          │
      =                                                                  ..          =
      │▸├─  78.36 % little girl, who had no father and no           ★     8     -2.0 │
      =a---0000000000000000000000000000000000000000000000SSSSSSSSSSww................=
      │ └─  78.36 % little girl, who had no father and no      ● here     8     -2.0 │
      = --- 00000 0 000000 00000 000 000 00 000000 000 00      a aaaa     .     .... =
      │                                                                              │
      =                                                                              =
      │                                                                              │
      =                                                                              =
      │                                                                              │
      =                                                                              =
      │                                                                              │
      =                                                                              =
      │                                                                              │
      =                                                                              =
      ╰──────────────────────────────────────────────────────────────────────────────╯
      ================================================================================
      ╭─ This path ─ 23 tokens · log p -2.0 ─╮╭─ Next token here ──────── 1.97 bits ─╮
      -- tttt tttt - .. ...... . ... . .... ---- tttt ttttt tttt -------- .... .... --
      │ storyteller · sampled, seed 7        ││   #  token                     prob. │
      - ........... . ........ .... .        --   .  .....                     ..... -
      │ Once upon a time, in a village by    ││   1  ·mother,  █████████▍    77.63 % │
      -                                      --   .            0000000000            -
      │ the sea, there lived a little girl,  ││ ✗ 2  ·the      ▏              1.09 % │
      -                        000000 00000  -- . .            6                     -
      │ who had no father and no             ││ ✗ 3  ·in       ▏              1.07 % │
      - 000 000 00 000000 000 00             -- . .            6                     -
      │                                      ││ ✗ 4  Once      ▏              1.00 % │
      -                                      -- . .            7                     -
      │                                      ││ ✗ 5  ·sea.     ▏              0.92 % │
      -                                      -- . .            8                     -
      │                                      ││ ✗ 6  ·cottage  ▏              0.91 % │
      -                                      -- . .            8                     -
      │                                      ││ ✗ 7  ·she      ▏              0.84 % │
      -                                      -- . .            8                     -
      │                                      ││ 1–7 of 306 · ✗ removed               │
      -                                      -- ... .. ... . . .......               -
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
      --------------------------------------------------------------------------------
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less                3 rows
       ...... ...........  00 ... .  23 ... .  56 .. .  89 ....                . ....
       Enter take · ↑↓ choose · ←→ parent, child · Tab pane      ? help · Ctrl-Q quit
       kkkkk .... . kk ...... . kk ....... ..... . kkk ....      k .... . kkkkkk ....
      """)
  }
}
