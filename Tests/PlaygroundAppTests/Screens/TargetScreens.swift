import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The targets of the Fill mask tab, drawn.
@Suite struct TargetScreens {
  @Test func targetsAt120() {
    var player = TargetStories.player()
    player.press("down")
    expectScreen(
      player.screen,
      """
        Generate ┃ Fill mask ┃ Translate   Classify   Chat   Tree   Compare   Inside   Train    cloze · f32 · 11.0 M  ● ready
      ╭─ Prompt ───────────────────────────────────────────────────────────────────────────────── 11 of 256 tokens · 1 mask ─╮
      │                                                                                                                      │
      │ The capital of [MASK] is here.                                                                                       │
      │                                                                                                                      │
      │                                                                                                                      │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
      ╭─ Mask 1 ───────────────────────────────────────────────────────────────────────────────────────────────── 2.47 bits ─╮
      │    #  token                                                                             prob.  log p, nats   covered │
      │    1  france                   █████████████████████▋                                 40.72 %        -0.90   40.72 % │
      │    2  italy                    █████████████▎                                         25.11 %        -1.38   65.83 % │
      │    3  china                    ███████▎                                               13.70 %        -1.99   79.52 % │
      │    4  spain                    ████▎                                                   7.99 %        -2.53   87.51 % │
      │    5  india                    ██▋                                                     5.07 %        -2.98   92.58 % │
      │    6  japan                    █▎                                                      2.24 %        -3.80   94.82 % │
      │    7  one                      ▍                                                       0.61 %        -5.10   95.44 % │
      │    8  berlin                   ▎                                                       0.57 %        -5.17   96.00 % │
      │    9  ·is                      ▎                                                       0.49 %        -5.33   96.49 % │
      │   10  here                     ▎                                                       0.48 %        -5.34   96.97 % │
      │   11  tokyo                    ▎                                                       0.44 %        -5.44   97.41 % │
      │   12  two                      ▎                                                       0.40 %        -5.52   97.81 % │
      │   13  ·capital                 ▎                                                       0.38 %        -5.58   98.18 % │
      │   14  there                    ▏                                                       0.33 %        -5.71   98.51 % │
      │   15  madrid                   ▏                                                       0.32 %        -5.76   98.83 % │
      │                                                                                                                      │
      │ 1–15 of 280 · 98.8 % covered                                                                                         │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
      ╭─ Targets ──────────────────────────────────────────────────────────────────────────────────────────────────── italy ─╮
      │  target                                                                        prob.  log p, nats  per token  pieces │
      │  france    ███████████████████████████████████████████████████████████████   40.72 %        -0.90      -0.90       1 │
      │▸ italy     ██████████████████████████████████████▉                           25.11 %        -1.38      -1.38       1 │
      │  paris     ▎                                                                  0.16 %        -6.45      -6.45       1 │
      │  red green                                                                   <0.01 %       -26.79      -8.93       3 │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       Enter take it · Tab pane · M mask a word · T targets · m model · z zoom · Ctrl-P actions          ? help · Ctrl-Q quit
      """)
  }

  @Test func targetsAt80() {
    let player = TargetStories.player(Size(80, 24))
    expectScreen(
      player.screen,
      """
        Generate ┃ Fill mask ┃ Translate   Classify   Chat   …   cloze · f32  ● ready
      ╭─ Prompt ───────────────────────────────────────── 11 of 256 tokens · 1 mask ─╮
      │                                                                              │
      │ The capital of [MASK] is here.                                               │
      │                                                                              │
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯
      ╭─ Mask 1 ───────────────────────────────────────────────────────── 2.47 bits ─╮
      │    1  france           ████████▌              40.72 %        -0.90   40.72 % │
      │    2  italy            █████▎                 25.11 %        -1.38   65.83 % │
      │    3  china            ██▉                    13.70 %        -1.99   79.52 % │
      │    4  spain            █▋                      7.99 %        -2.53   87.51 % │
      │    5  india            █▏                      5.07 %        -2.98   92.58 % │
      │ 1–5 of 280 · 92.6 % covered                                                  │
      ╰──────────────────────────────────────────────────────────────────────────────╯
      ╭─ Targets ─────────────────────────────────────────────────────────── france ─╮
      │  target                                prob.  log p, nats  per token  pieces │
      │▸ france    ███████████████████████   40.72 %        -0.90      -0.90       1 │
      │  italy     ██████████████▏           25.11 %        -1.38      -1.38       1 │
      │  paris     ▏                          0.16 %        -6.45      -6.45       1 │
      │  red green                           <0.01 %       -26.79      -8.93       3 │
      ╰──────────────────────────────────────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       Enter take it · Tab pane · M mask a word · T targets      ? help · Ctrl-Q quit
      """)
  }

  @Test func targetsAt40() {
    let player = TargetStories.player(Size(40, 12))
    expectScreen(
      player.screen,
      """
       Fill mask                      cloze ●
      ╭─ Prompt ─────────── 11/256 · 1 mask ─╮
      │ The capital of [MASK] is here.       │
      ╰──────────────────────────────────────╯
      ╭─ Targets ─────────────────── france ─╮
      │  target               prob.    log p │
      │▸ france    ██████   40.72 %    -0.90 │
      │  italy     ███▊     25.11 %    -1.38 │
      ╰──────────────────────────────────────╯
         1  france     █████▎         40.72 %
         2  italy      ███▎           25.11 %
       Enter take it · Tab pane        ? help
      """)
  }

  @Test func targetsAt40BelowTheMask() {
    var player = TargetStories.player(Size(40, 12))
    player.press("shift-tab")
    expectScreen(
      player.screen,
      """
       Fill mask                      cloze ●
      ╭─ Prompt ─────────── 11/256 · 1 mask ─╮
      │ The capital of [MASK] is here.       │
      ╰──────────────────────────────────────╯
      ╭─ Mask 1 ───────────────── 2.47 bits ─╮
      │▸  1  france    ████▉         40.72 % │
      │   2  italy     ███           25.11 % │
      │   3  china     █▋            13.70 % │
      ╰──────────────────────────────────────╯
        france    ████████   40.72 %    -0.90
        italy     ████▉      25.11 %    -1.38
       Enter take it · Tab pane        ? help
      """)
  }

  @Test func targetsInColorAt80() {
    var player = TargetStories.player(Size(80, 24))
    player.press("down")
    expectScreen(
      player.grid().coloredText,
      """
        Generate ┃ Fill mask ┃ Translate   Classify   Chat   …   cloze · f32  ● ready
        ........ a aaaa aaaa a .........   ........   ....   .   ..... . ...  s .....
      ╭─ Prompt ───────────────────────────────────────── 11 of 256 tokens · 1 mask ─╮
      -- tttttt ----------------------------------------- .. .. ... ...... . . .... --
      │                                                                              │
      -                                                                              -
      │ The capital of [MASK] is here.                                               │
      -                aaaaaa                                                        -
      │                                                                              │
      -                                                                              -
      │                                                                              │
      -                                                                              -
      ╰──────────────────────────────────────────────────────────────────────────────╯
      --------------------------------------------------------------------------------
      ╭─ Mask 1 ───────────────────────────────────────────────────────── 2.47 bits ─╮
      -- tttt t --------------------------------------------------------- .... .... --
      │    1  france           ████████▌              40.72 %        -0.90   40.72 % │
      -    .                   222222222                             .....   ..... . -
      │    2  italy            █████▎                 25.11 %        -1.38   65.83 % │
      -    .                   333333                                .....   ..... . -
      │    3  china            ██▉                    13.70 %        -1.99   79.52 % │
      -    .                   333                                   .....   ..... . -
      │    4  spain            █▋                      7.99 %        -2.53   87.51 % │
      -    .                   55                                    .....   ..... . -
      │    5  india            █▏                      5.07 %        -2.98   92.58 % │
      -    .                   66                                    .....   ..... . -
      │ 1–5 of 280 · 92.6 % covered                                                  │
      - ... .. ... . .... . .......                                                  -
      ╰──────────────────────────────────────────────────────────────────────────────╯
      --------------------------------------------------------------------------------
      ╭─ Targets ──────────────────────────────────────────────────────────── italy ─╮
      ======================================================================= ..... ==
      │  target                                prob.  log p, nats  per token  pieces │
      =  ......                                .....  ... .. ....  ... .....  ...... =
      │  france    ███████████████████████   40.72 %        -0.90      -0.90       1 │
      =            22222222222222222222222                  .....      .....       . =
      │▸ italy     ██████████████▏           25.11 %        -1.38      -1.38       1 │
      =aSSSSSSSSSSS33333333333333333333333SSSSSSSSSSSSSSSS.......SSSS.......SSSSSSS.S=
      │  paris     ▏                          0.16 %        -6.45      -6.45       1 │
      =            9                                        .....      .....       . =
      │  red green                           <0.01 %       -26.79      -8.93       3 │
      =                                                    ......      .....       . =
      ╰──────────────────────────────────────────────────────────────────────────────╯
      ================================================================================
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       ...... ...........  00 ... .  23 ... .  56 .. .  89 ....
       Enter take it · Tab pane · M mask a word · T targets      ? help · Ctrl-Q quit
       kkkkk .... .. . kkk .... . k .... . .... . k .......      k .... . kkkkkk ....
      """)
  }

  @Test func targetsWithoutColorsAt80() {
    var player = TargetStories.player(Size(80, 24))
    player.press("down")
    expectScreen(
      player.grid(.none, glyphs: .ascii).plainText,
      """
        Generate | Fill mask | Translate   Classify   Chat   ~   cloze | f32  * ready
      +- Prompt ----------------------------------------- 11 of 256 tokens | 1 mask -+
      |                                                                              |
      | The capital of [MASK] is here.                                               |
      |                                                                              |
      |                                                                              |
      +------------------------------------------------------------------------------+
      +- Mask 1 --------------------------------------------------------- 2.47 bits -+
      |    1  france           ########-              40.72 %        -0.90   40.72 % |
      |    2  italy            #####-                 25.11 %        -1.38   65.83 % |
      |    3  china            ##=                    13.70 %        -1.99   79.52 % |
      |    4  spain            #=                      7.99 %        -2.53   87.51 % |
      |    5  india            #-                      5.07 %        -2.98   92.58 % |
      | 1-5 of 280 | 92.6 % covered                                                  |
      +------------------------------------------------------------------------------+
      +- Targets ------------------------------------------------------------ italy -+
      |  target                                prob.  log p, nats  per token  pieces |
      |  france    #######################   40.72 %        -0.90      -0.90       1 |
      |> italy     ##############-           25.11 %        -1.38      -1.38       1 |
      |  paris     -                          0.16 %        -6.45      -6.45       1 |
      |  red green                           <0.01 %       -26.79      -8.93       3 |
      +------------------------------------------------------------------------------+
       bars: probability, from 0 to 100 %
       Enter take it | Tab pane | M mask a word | T targets      ? help | Ctrl-Q quit
      """)
  }

  @Test func theLineForTargetsAt80() {
    var player = TargetStories.player(Size(80, 24))
    player.press("T")
    expectScreen(
      player.screen,
      """
        Generate ┃ Fill mask ┃ Translate   Classify   Chat   …   cloze · f32  ● ready
      ╭─ Targets, between commas ─────────────────────────────────────────── 1 of 1 ─╮
      │ / paris, france, red green, italy                                            │
      │                                                                              │
      │ ▸ Rank 4 targets                                                             │
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

  @Test func twoMasksAndTargetsAt120() {
    var player = TargetStories.player()
    player.press("shift-tab shift-tab")
    player.type(" [MASK]")
    expectScreen(
      player.screen,
      """
        Generate ┃ Fill mask ┃ Translate   Classify   Chat   Tree   Compare   Inside   Train    cloze · f32 · 11.0 M  ● ready
      ╭─ Prompt ──────────────────────────────────────────────────────────────────────────────── 13 of 256 tokens · 2 masks ─╮
      │                                                                                                                      │
      │ The capital of [MASK] is here. [MASK]                                                                                │
      │                                                                                                                      │
      │                                                                                                                      │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
      ╭─ Mask 1 ───────────────────────────────────── 2.21 bits ─╮╭─ Mask 2 ───────────────────────────────────── 2.27 bits ─╮
      │    #  token                           prob.  log p, nats ││    #  token                           prob.  log p, nats │
      │    1  france       ███████▌         49.81 %        -0.70 ││    1  paris        ███████          46.51 %        -0.77 │
      │    2  italy        ███▎             21.37 %        -1.54 ││    2  london       ███▋             23.99 %        -1.43 │
      │    3  china        █▉               12.58 %        -2.07 ││    3  rome         █▊               11.93 %        -2.13 │
      │    4  spain        █                 6.46 %        -2.74 ││    4  madrid       █▎                8.15 %        -2.51 │
      │    5  india        ▋                 4.22 %        -3.17 ││    5  berlin       ▌                 3.26 %        -3.42 │
      │    6  japan        ▍                 2.42 %        -3.72 ││    6  tokyo        ▍                 2.78 %        -3.58 │
      │    7  red                            0.40 %        -5.51 ││    7  two          ▏                 0.54 %        -5.22 │
      │    8  paris                          0.39 %        -5.55 ││    8  ·is          ▏                 0.51 %        -5.29 │
      │    9  two                            0.34 %        -5.68 ││    9  one                            0.37 %        -5.60 │
      │   10  green                          0.29 %        -5.85 ││   10  spain                          0.30 %        -5.82 │
      │   11  there                          0.23 %        -6.08 ││   11  here                           0.23 %        -6.05 │
      │                                                          ││                                                          │
      │ 1–11 of 280 · 98.5 % covered                             ││ 1–11 of 280 · 98.6 % covered                             │
      ╰──────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
      ╭─ Together ─────── log-probability, nats · bars relative ─╮╭─ Targets ────────────────────────────────────────────────╮
      │ The capital of france is here. paris    -1.46 ██████████ ││ targets need one [MASK]: the text has two                │
      │ The capital of france is here. london   -2.12 █████▏     ││                                                          │
      │ The capital of italy is here. paris     -2.31 ████▎      ││                                                          │
      │ The capital of france is here. rome     -2.82 ██▋        ││                                                          │
      │ The capital of china is here. paris     -2.84 ██▌        ││                                                          │
      │ The capital of italy is here. london    -2.97 ██▎        ││                                                          │
      │ The capital of france is here. madrid   -3.20 █▊         ││                                                          │
      │ The capital of china is here. london    -3.50 █▎         ││                                                          │
      │ The capital of spain is here. paris     -3.51 █▎         ││                                                          │
      ╰──────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       Enter candidates · Tab pane · Alt-M mask a word · F2 model · Alt-Enter new line · Alt-T targets  F1 help · Ctrl-Q quit
      """)
  }

  @Test func wordsAndTargetsAt80() {
    var player = TargetStories.player(Size(80, 24))
    player.press("enter")
    expectScreen(
      player.screen,
      """
        Generate ┃ Fill mask ┃ Translate   Classify   Chat   …   cloze · f32  ● ready
      ╭─ Prompt ────────────────────────────────────────────────── 11 of 256 tokens ─╮
      │                                                                              │
      │ The capital of france is here.                                               │
      │                                                                              │
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯
      ╭─ Word by word ──────────────────────────────────────── together -30.48 nats ─╮
      │ The        -2.94                                                             │
      │ capital    -2.45                                                             │
      │ of         -2.80                                                             │
      │ france     -3.54                                                             │
      │ is         -4.12                                                             │
      │ here.     -14.63  least likely: madrid                                       │
      ╰──────────────────────────────────────────────────────────────────────────────╯
      ╭─ Targets ────────────────────────────────────────────────────────────────────╮
      │ targets need one [MASK]: the text has none                                   │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       Enter take it · Tab pane · M mask a word · T targets      ? help · Ctrl-Q quit
      """)
  }
}
