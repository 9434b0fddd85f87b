import EngineAPI
import ScriptedSupport
import Sessions
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The Tree tab, drawn.
@Suite struct TreeScreens {
  /// A tree with forks of several depths, a name, a mark and a text that another tab shows.
  private func player(_ width: Int, _ height: Int) -> Player {
    var settings = PlaygroundSettings()
    settings.maxTokens = 12
    var player = Player(width, height, settings: settings)
    player.press("right enter tab tab r r")
    player.open(.tree)
    player.press("left right * e")
    player.type("kept")
    // A fork in the middle of a text.
    player.press("enter tab G left left left left 2 shift-tab")
    return player
  }

  @Test func treeAt120() {
    var player = player(120, 36)
    player.press("left right down")
    expectScreen(
      player.screen,
      """
        Generate   Fill mask   Translate   Classify   Chat ┃ Tree ┃ Compare   Inside   Train       storyteller · f32  ● ready
      ╭─ Tree ─────────────────────────────────────────────────────────── % of the first token · tokens · log p of the path ─╮
      │ Once upon a time, in a village by the sea, there lived a                                                 15          │
      │ ├─  78.36 % little of who had no father and no                                                            8     -7.4 │
      │ │  ├─   0.26 % went and who lived                                                              kept ★     4    -14.1 │
      │ │  ├─  77.63 % mother, and who lived with her grandmother in a cottage at the                            12    -10.3 │
      │ │  └─  77.63 % mother, and who lived with village grandmother in a cottage Every the                     12    -19.9 │
      │▸├─  78.36 % little girl, at had no woman and by mother, and who lived                                    12    -18.6 │
      │ └─  78.36 % little girl, to had fisher time and no mother, and who girl,                       ● here    12    -22.7 │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
      ╭─ This path ──────────────────── 27 tokens · log p -18.6 ─╮╭─ Next token here ──────────── model · entropy 1.78 bits ─╮
      │ storyteller · sampled, seed 8                            ││    #  token                           prob.  log p, nats │
      │ Once upon a time, in a village by the sea, there lived a ││    1  ·with        ████████████     80.27 %        -0.22 │
      │ little girl, at had no woman and by mother, and who      ││    2  ·poor        ▏                 0.93 %        -4.68 │
      │ lived                                                    ││    3  ·her         ▏                 0.91 %        -4.69 │
      │                                                          ││    4  ·she         ▏                 0.75 %        -4.90 │
      │                                                          ││    5  ·and         ▏                 0.75 %        -4.90 │
      │                                                          ││    6  ·down        ▏                 0.73 %        -4.92 │
      │                                                          ││    7  ·a           ▏                 0.72 %        -4.93 │
      │                                                          ││    8  ·cottage     ▏                 0.70 %        -4.96 │
      │                                                          ││    9  ·sea.        ▏                 0.69 %        -4.97 │
      │                                                          ││   10  ·mother,     ▏                 0.66 %        -5.02 │
      │                                                          ││   11  ·upon        ▏                 0.66 %        -5.02 │
      │                                                          ││   12  Once         ▏                 0.60 %        -5.12 │
      │                                                          ││                                                          │
      │                                                          ││ 1–12 of 306 · 88.4 % covered                             │
      ╰──────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less                                                        7 rows
       Enter take · ↑↓ choose · ←→ parent, child · Tab pane · 3 grow three · * mark · e name · p prune   ? help · Ctrl-Q quit
      """)
  }

  @Test func treeAt160() {
    let player = player(160, 50)
    expectScreen(
      player.screen,
      """
       TRIPTYCH    Generate   Fill mask   Translate   Classify   Chat ┃ Tree ┃ Compare   Inside   Train                           storyteller · f32 · 21.3 M  ● ready
      ╭─ Tree ─────────────────────────────────────────────────────────────────────────────────────────────────── % of the first token · tokens · log p of the path ─╮
      │ Once upon a time, in a village by the sea, there lived a                                                                                         15          │
      │▸├─  78.36 % little of who had no father and no                                                                                                    8     -7.4 │
      │ │  ├─   0.26 % went and who lived                                                                                                      kept ★     4    -14.1 │
      │ │  ├─  77.63 % mother, and who lived with her grandmother in a cottage at the                                                                    12    -10.3 │
      │ │  └─  77.63 % mother, and who lived with village grandmother in a cottage Every the                                                             12    -19.9 │
      │ ├─  78.36 % little girl, at had no woman and by mother, and who lived                                                                            12    -18.6 │
      │ └─  78.36 % little girl, to had fisher time and no mother, and who girl,                                                               ● here    12    -22.7 │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      │                                                                                                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
      ╭─ This path ───────────────────────────────────────── 23 tokens · log p -7.4 ─╮╭─ Next token here ──────────────────────────────── model · entropy 1.97 bits ─╮
      │ storyteller · sampled, seed 7                                                ││    #  token                                     prob.  log p, nats   covered │
      │ Once upon a time, in a village by the sea, there lived a little of who had   ││    1  ·mother,         ████████████████▎      77.63 %        -0.25   77.63 % │
      │ no father and no                                                             ││    2  ·the             ▎                       1.09 %        -4.52   78.72 % │
      │                                                                              ││    3  ·in              ▎                       1.07 %        -4.53   79.80 % │
      │                                                                              ││    4  Once             ▎                       1.00 %        -4.61   80.79 % │
      │                                                                              ││    5  ·sea.            ▎                       0.92 %        -4.69   81.71 % │
      │                                                                              ││    6  ·cottage         ▎                       0.91 %        -4.70   82.62 % │
      │                                                                              ││    7  ·she             ▏                       0.84 %        -4.79   83.46 % │
      │                                                                              ││    8  ·last            ▏                       0.83 %        -4.80   84.29 % │
      │                                                                              ││    9  ·lived           ▏                       0.80 %        -4.83   85.09 % │
      │                                                                              ││   10  ·end             ▏                       0.80 %        -4.83   85.89 % │
      │                                                                              ││   11  ·little          ▏                       0.79 %        -4.84   86.68 % │
      │                                                                              ││   12  ·who             ▏                       0.69 %        -4.97   87.38 % │
      │                                                                              ││   13  ·down            ▏                       0.69 %        -4.97   88.07 % │
      │                                                                              ││   14  ·great           ▏                       0.66 %        -5.01   88.73 % │
      │                                                                              ││   15  ·rich            ▏                       0.66 %        -5.02   89.39 % │
      │                                                                              ││   16  ·a               ▏                       0.60 %        -5.11   89.99 % │
      │                                                                              ││   17  ·grandmother     ▏                       0.59 %        -5.14   90.58 % │
      │                                                                              ││   18  ·village         ▏                       0.57 %        -5.17   91.15 % │
      │                                                                              ││   19  ·of              ▏                       0.56 %        -5.19   91.70 % │
      │                                                                              ││                                                                              │
      │                                                                              ││ 1–19 of 306 · 91.7 % covered                                                 │
      ╰──────────────────────────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less                                                                                                7 rows
       Enter take · ↑↓ choose · ←→ parent, child · Tab pane · 3 grow three · * mark · e name · p prune · = compare · m model · z zoom            ? help · Ctrl-Q quit
      """)
  }

  @Test func treeAt80() {
    let player = player(80, 24)
    expectScreen(
      player.screen,
      """
       …  Classify   Chat ┃ Tree ┃ Compare   Inside   Train      storyteller  ● ready
      ╭─ Tree ─────────────────── % of the first token · tokens · log p of the path ─╮
      │ Once upon a time, in a village by the sea, there lived a         15          │
      │▸├─  78.36 % little of who had no father and no                    8     -7.4 │
      │ │  ├─   0.26 % went and who lived                      kept ★     4    -14.1 │
      │ │  ├─  77.63 % mother, and who lived with her grandmother…       12    -10.3 │
      │ │  └─  77.63 % mother, and who lived with village…               12    -19.9 │
      │ ├─  78.36 % little girl, at had no woman and by mother,…         12    -18.6 │
      │ └─  78.36 % little girl, to had fisher time and no…    ● here    12    -22.7 │
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯
      ╭─ This path ─ 23 tokens · log p -7.4 ─╮╭─ Next token here ──────── 1.97 bits ─╮
      │ storyteller · sampled, seed 7        ││   #  token                     prob. │
      │ Once upon a time, in a village by    ││   1  ·mother,  █████████▍    77.63 % │
      │ the sea, there lived a little of who ││   2  ·the      ▏              1.09 % │
      │ had no father and no                 ││   3  ·in       ▏              1.07 % │
      │                                      ││   4  Once      ▏              1.00 % │
      │                                      ││   5  ·sea.     ▏              0.92 % │
      │                                      ││   6  ·cottage  ▏              0.91 % │
      │                                      ││   7  ·she      ▏              0.84 % │
      │                                      ││ 1–7 of 306 · 83.5 % covered          │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less                7 rows
       Enter take · ↑↓ choose · ←→ parent, child · Tab pane      ? help · Ctrl-Q quit
      """)
  }

  @Test func treeAt80WithoutColors() {
    let player = player(80, 24)
    expectScreen(
      player.grid(.none, glyphs: .ascii).plainText,
      """
       ~  Classify   Chat | Tree | Compare   Inside   Train      storyteller  * ready
      +- Tree ------------------- % of the first token | tokens | log p of the path -+
      | Once upon a time, in a village by the sea, there lived a         15          |
      |>+-  78.36 % little of who had no father and no                    8     -7.4 |
      | |  +-   0.26 % went and who lived                      kept *     4    -14.1 |
      | |  +-  77.63 % mother, and who lived with her grandmother~       12    -10.3 |
      | |  `-  77.63 % mother, and who lived with village~               12    -19.9 |
      | +-  78.36 % little girl, at had no woman and by mother,~         12    -18.6 |
      | `-  78.36 % little girl, to had fisher time and no~    * here    12    -22.7 |
      |                                                                              |
      +------------------------------------------------------------------------------+
      +- This path - 23 tokens | log p -7.4 -++- Next token here -------- 1.97 bits -+
      | storyteller | sampled, seed 7        ||   #  token                     prob. |
      | Once upon a time, in a village by    ||   1  _mother,  #########-    77.63 % |
      |                                      ||   2  _the      -              1.09 % |
      | the sea, there lived a little of who ||   3  _in       -              1.07 % |
      |                              ###     ||   4  Once      -              1.00 % |
      | had no father and no                 ||   5  _sea.     -              0.92 % |
      |                                      ||   6  _cottage  -              0.91 % |
      |                                      ||   7  _she      -              0.84 % |
      |                                      || 1-7 of 306 | 83.5 % covered          |
      +--------------------------------------++--------------------------------------+
       marks: probability  none >50 %  . >10 %  + >1 %  # less                 7 rows
       Enter take | UpDown choose | LeftRight parent, child      ? help | Ctrl-Q quit
      """)
  }

  @Test func treeAt60By30() {
    let player = player(60, 30)
    expectScreen(
      player.screen,
      """
       Tree                                         storyteller ●
      ╭─ Tree ───────────────────────────────────────────────────╮
      │ …in a village by the sea, there lived a      15          │
      │▸├─  78.36 % little of who had no…             8     -7.4 │
      │ │  ├─   0.26 % went and who…       kept ★     4    -14.1 │
      │ │  ├─  77.63 % mother, and who lived…        12    -10.3 │
      │ │  └─  77.63 % mother, and who lived…        12    -19.9 │
      │ ├─  78.36 % little girl, at had no…          12    -18.6 │
      │ └─  78.36 % little girl, to had…        ●    12    -22.7 │
      │                                                          │
      │                                                          │
      │                                                          │
      │                                                          │
      │                                                          │
      ╰──────────────────────────────────────────────────────────╯
      ╭─ This path ───────────────────── 23 tokens · log p -7.4 ─╮
      │ storyteller · sampled, seed 7                            │
      │ Once upon a time, in a village by the sea, there lived a │
      │ little of who had no father and no                       │
      │                                                          │
      │                                                          │
      ╰──────────────────────────────────────────────────────────╯
      ╭─ Next token here ──────────── model · entropy 1.97 bits ─╮
      │    1  ·mother,     ███████████▋     77.63 %        -0.25 │
      │    2  ·the         ▏                 1.09 %        -4.52 │
      │    3  ·in          ▏                 1.07 %        -4.53 │
      │    4  Once         ▏                 1.00 %        -4.61 │
      │ 1–4 of 306 · 80.8 % covered                              │
      ╰──────────────────────────────────────────────────────────╯
       Enter take · ↑↓ choose · ←→ parent, child           ? help
      """)
  }

  @Test func treeAt40() {
    let player = player(40, 12)
    expectScreen(
      player.screen,
      """
       Tree                     storyteller ●
      ╭─ Tree ───────────────────────────────╮
      │ … village by the sea, there lived a  │
      │▸├─  78.36 % little of who had no…    │
      │ │  ├─   0.26 % went and who…   kept ★│
      │ │  ├─  77.63 % mother, and who…      │
      │ │  └─  77.63 % mother, and who…      │
      ╰──────────────────────────────────────╯
       Once upon a time, in a village by the
       sea, there lived a little of who had
       no father and no
       Enter take · ↑↓ choose          ? help
      """)
  }

  @Test func twoBranchesAt120() {
    var player = player(120, 36)
    player.press("= down =")
    expectScreen(
      player.screen,
      """
        Generate   Fill mask   Translate   Classify   Chat ┃ Tree ┃ Compare   Inside   Train       storyteller · f32  ● ready
      ╭─ Tree ─────────────────────────────────────────────────────────── % of the first token · tokens · log p of the path ─╮
      │ Once upon a time, in a village by the sea, there lived a                                                 15          │
      │ ├─  78.36 % little of who had no father and no                                                      =     8     -7.4 │
      │ │  ├─   0.26 % went and who lived                                                              kept ★     4    -14.1 │
      │ │  ├─  77.63 % mother, and who lived with her grandmother in a cottage at the                            12    -10.3 │
      │ │  └─  77.63 % mother, and who lived with village grandmother in a cottage Every the                     12    -19.9 │
      │▸├─  78.36 % little girl, at had no woman and by mother, and who lived                                    12    -18.6 │
      │ └─  78.36 % little girl, to had fisher time and no mother, and who girl,                       ● here    12    -22.7 │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
      ╭─ First ────────────────────── 7 of its own · log p -7.4 ─╮╭─ Second ─────────────────── 11 of its own · log p -18.6 ─╮
      │ storyteller · sampled, seed 7                            ││ storyteller · sampled, seed 8                            │
      │ , in a village by the sea, there lived a little of who   ││ , in a village by the sea, there lived a little girl, at │
      │ had no father and no                                     ││ had no woman and by mother, and who lived                │
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
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      ╰──────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less                                                        7 rows
       Enter take · ↑↓ choose · ←→ parent, child · Tab pane · 3 grow three · * mark · e name · p prune   ? help · Ctrl-Q quit
      """)
  }

  @Test func twoBranchesAt40() {
    var player = player(40, 12)
    player.press("= down =")
    expectScreen(
      player.screen,
      """
       Tree                     storyteller ●
      ╭─ Tree ───────────────────────────────╮
      │ │  └─  77.63 % mother, and who…      │
      │▸├─  78.36 % little girl, at had no…  │
      ╰──────────────────────────────────────╯
      ╭─ First ──────────╮╭─ Second ─────────╮
      │ there lived a    ││ little girl, at  │
      │ little of who    ││ had no woman and │
      │ had no father    ││ by mother, and   │
      │ and no           ││ who lived        │
      ╰──────────────────╯╰──────────────────╯
       Enter take · ↑↓ choose          ? help
      """)
  }

  @Test func aNameBeingTypedAt80() {
    var player = player(80, 24)
    player.press("e ctrl-u")
    player.type("the wolf")
    expectScreen(
      player.screen,
      """
       …  Classify   Chat ┃ Tree ┃ Compare   Inside   Train      storyteller  ● ready
      ╭─ Tree ─────────────────── % of the first token · tokens · log p of the path ─╮
      │ Once upon a time, in a village by the sea, there lived a         15          │
      │▸├─  78.36 % little of who had no father and no                    8     -7.4 │
      │ │  ├─   0.26 % went and who lived                      kept ★     4    -14.1 │
      │ │  ├─  77.63 % mother, and who lived with her grandmother…       12    -10.3 │
      │ │  └─  77.63 % mother, and who lived with village…               12    -19.9 │
      │ ├─  78.36 % little girl, at had no woman and by mother,…         12    -18.6 │
      │ └─  78.36 % little girl, to had fisher time and no…    ● here    12    -22.7 │
      │ name: the wolf                                                               │
      ╰──────────────────────────────────────────────────────────────────────────────╯
      ╭─ This path ─ 23 tokens · log p -7.4 ─╮╭─ Next token here ──────── 1.97 bits ─╮
      │ storyteller · sampled, seed 7        ││   #  token                     prob. │
      │ Once upon a time, in a village by    ││   1  ·mother,  █████████▍    77.63 % │
      │ the sea, there lived a little of who ││   2  ·the      ▏              1.09 % │
      │ had no father and no                 ││   3  ·in       ▏              1.07 % │
      │                                      ││   4  Once      ▏              1.00 % │
      │                                      ││   5  ·sea.     ▏              0.92 % │
      │                                      ││   6  ·cottage  ▏              0.91 % │
      │                                      ││   7  ·she      ▏              0.84 % │
      │                                      ││ 1–7 of 306 · 83.5 % covered          │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less                7 rows
       Enter take the name · Tab pane · F2 model                F1 help · Ctrl-Q quit
      """)
  }

  @Test func anEmptyTreeAt80() {
    var player = Player(80, 24)
    player.open(.tree)
    expectScreen(
      player.screen,
      """
       …  Classify   Chat ┃ Tree ┃ Compare   Inside   Train                no model ○
      ╭─ Tree ─────────────────── % of the first token · tokens · log p of the path ─╮
      │ no text yet: generate one in another tab, then come back                     │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯
      ╭─ This path ──────────────────────────╮╭─ Next token here ────────────────────╮
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       Enter take · ↑↓ choose · ←→ parent, child · Tab pane      ? help · Ctrl-Q quit
      """)
  }
}
