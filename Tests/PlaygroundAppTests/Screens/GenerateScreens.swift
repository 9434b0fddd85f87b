import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The Generate tab, drawn.
@Suite struct GenerateScreens {
  @Test func atTheStart() {
    let player = Player(120, 36, settings: .steady)
    expectScreen(
      player.screen,
      """
      ┃ Generate ┃ Fill mask   Translate   Classify   Chat   Tree   Compare   Inside   Train       storyteller · f32  ● ready
      ╭─ Prompt ─────────────────────────────── 0 of 512 tokens ─╮╭─ Candidates ─────────────────────────────────────────────╮
      │                                                          ││ nothing to go on from: type a prompt                     │
      │ Once upon a time, in a village by the sea, there lived a ││                                                          │
      │                                                          ││                                                          │
      │ type, or take the example with →                         ││                                                          │
      ╰──────────────────────────────────────────────────────────╯│                                                          │
      ╭─ A  storyteller · T 0.8 · min-p 0.1 ──────────── seed 7 ─╮│                                                          │
      │ Enter in the prompt begins                               ││                                                          │
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
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       Enter generate · Tab pane · F3 sampler · F2 model · Alt-Enter new line · Ctrl-G editor           F1 help · Ctrl-Q quit
      """)
  }

  @Test func twoStreamsAt120() {
    var player = Player(120, 36, settings: .steady)
    player.press("right tab + m down enter shift-tab shift-tab shift-tab")
    player.holdsStreams = true
    player.press("enter")
    player.stream(30)
    expectScreen(
      player.screen,
      """
      ┃ Generate ┃ Fill mask   Translate   Classify   Chat   Tree   Compare   Inside   Train     storyteller · f32  ● running
      ╭─ Prompt ────────────────────────────── 15 of 512 tokens ─╮╭─ Candidates ───────────────── model · entropy 1.92 bits ─╮
      │                                                          ││    #  token                           prob.  log p, nats │
      │ Once upon a time, in a village by the sea, there lived   ││    1  ·little      ███████████▊     78.36 %        -0.24 │
      │ a                                                        ││ ✗  2  ·woman       ▏                 0.99 %        -4.61 │
      │                                                          ││ ✗  3  ·upon        ▏                 0.93 %        -4.68 │
      │                                                          ││ ✗  4  ·went        ▏                 0.92 %        -4.69 │
      │                                                          ││ ✗  5  Once         ▏                 0.91 %        -4.70 │
      │                                                          ││ ✗  6  ·last        ▏                 0.83 %        -4.79 │
      │                                                          ││ ✗  7  ·certain     ▏                 0.77 %        -4.86 │
      │                                                          ││ ✗  8  ·village     ▏                 0.76 %        -4.87 │
      │                                                          ││ ✗  9  ·down        ▏                 0.75 %        -4.90 │
      │                                                          ││ ✗ 10  ·of          ▏                 0.73 %        -4.92 │
      │                                                          ││ ✗ 11  ·at          ▏                 0.69 %        -4.97 │
      │                                                          ││ ✗ 12  ·had         ▏                 0.65 %        -5.03 │
      │                                                          ││                                                          │
      │                                                          ││ 1–12 of 306 · the chain keeps 1 · ✗ removed              │
      ╰──────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
      ╭─ A  storyteller · T 0.8 · seed 7 ─────── 30 tok · 100/s ─╮╭─ B  storyteller-mini · T 0.8 · seed 8 ── 30 tok · 100/s ─╮
      │ ▂▃▂▃▂▂▃▂▂▃▃▂▂▂▂▂▃▂▂▂▃▃▂▂▃▂▂▃▃▂                 1.95 bits ││ ▃▃▂▂▂▂▃▂▂▂▃▂▂▃▂▂▂▂▃▂▂▃▃▂▂▃▂▂▂▂                 1.93 bits │
      │                                                          ││                                                          │
      │ little girl, who had no father and no mother, and who    ││ young fisherman called Peter, and he was the poorest man │
      │ lived with her grandmother in a cottage at the end of    ││ on all that coast; but he sang at his nets as if he      │
      │ the last street. Every morning she went down▏            ││ owned the whole of the sea and▏                          │
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
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less                              two streams · 200 tok/s together
       Enter generate · Tab pane · F3 sampler · F2 model · Alt-Enter new line · Ctrl-G editor           F1 help · Ctrl-Q quit
      """)
  }

  @Test func twoStreamsAt80() {
    var player = Player(80, 24, settings: .steady)
    player.press("right tab + m down enter shift-tab shift-tab shift-tab")
    player.holdsStreams = true
    player.press("enter")
    player.stream(30)
    expectScreen(
      player.screen,
      """
      ┃ Generate ┃ Fill mask   Translate   Classify   Chat   … storyteller  ● running
      ╭─ Prompt ──────────────────── 15/512 ─╮╭─ Candidates ───── model · 1.92 bits ─╮
      │                                      ││   #  token                     prob. │
      │ Once upon a time, in a village by    ││   1  ·little   █████████▍    78.36 % │
      │ the sea, there lived a               ││ ✗ 2  ·woman    ▏              0.99 % │
      │                                      ││ ✗ 3  ·upon     ▏              0.93 % │
      │                                      ││ ✗ 4  ·went     ▏              0.92 % │
      │                                      ││ ✗ 5  Once      ▏              0.91 % │
      │                                      ││ ✗ 6  ·last     ▏              0.83 % │
      │                                      ││ ✗ 7  ·certain  ▏              0.77 % │
      │                                      ││ 1–7 of 306 · ✗ removed               │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
      ╭─ A  storyteller ──── 30 tok · 100/s ─╮╭─ B  storytel…-mini ─ 30 tok · 100/s ─╮
      │ ▂▂▂▂▃▂▂▂▃▂▃▂▂▂▃            1.95 bits ││ ▃▂▂▂▂▃▃▂▂▃▂▂▃▂▂            1.93 bits │
      │ little girl, who had no father and   ││ young fisherman called Peter, and he │
      │ no mother, and who lived with her    ││ was the poorest man on all that      │
      │ grandmother in a cottage at the end  ││ coast; but he sang at his nets as if │
      │ of the last street. Every morning    ││ he owned the whole of the sea and▏   │
      │ she went down▏                       ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       Enter generate · Tab pane · F3 sampler · F2 model        F1 help · Ctrl-Q quit
      """)
  }

  @Test func twoStreamsAt40() {
    var player = Player(40, 12, settings: .steady)
    player.press("right tab + m down enter shift-tab shift-tab shift-tab")
    player.holdsStreams = true
    player.press("enter")
    player.stream(30)
    expectScreen(
      player.screen,
      """
       Generate                 storyteller ●
      ╭─ Prompt ──────────────────── 15/512 ─╮
      │ the sea, there lived a               │
      ╰──────────────────────────────────────╯
      ╭─ Candidates ───── model · 1.92 bits ─╮
      │   1  ·little   █████████▍    78.36 % │
      │ ✗ 2  ·woman    ▏              0.99 % │
      │ ✗ 3  ·upon     ▏              0.93 % │
      ╰──────────────────────────────────────╯
       the last street. Every morning she
       went down▏
       Enter generate          F1 help  100/s
      """)
  }

  @Test func theCursorInAStreamAt120() {
    var player = Player(120, 36, settings: .steady)
    player.press("right tab + m down enter shift-tab shift-tab shift-tab")
    player.holdsStreams = true
    player.press("enter")
    player.stream(30)
    player.holdsStreams = false
    player.answer()
    player.press("tab tab left left left left")
    expectScreen(
      player.screen,
      """
      ┃ Generate ┃ Fill mask   Translate   Classify   Chat   Tree   Compare   Inside   Train       storyteller · f32  ● ready
      ╭─ Prompt ────────────────────────────── 15 of 512 tokens ─╮╭─ Candidates in A, token 31 ── model · entropy 2.05 bits ─╮
      │                                                          ││    #  token                           prob.  log p, nats │
      │ Once upon a time, in a village by the sea, there lived   ││ ●  1  ·to          ███████████▌     76.77 %        -0.26 │
      │ a                                                        ││ ✗  2  ·morning     ▏                 1.08 %        -4.52 │
      │                                                          ││ ✗  3  ·had         ▏                 0.93 %        -4.68 │
      │                                                          ││ ✗  4  ·very        ▏                 0.91 %        -4.69 │
      │                                                          ││ ✗  5  ·king        ▏                 0.87 %        -4.75 │
      │                                                          ││ ✗  6  ·good        ▏                 0.76 %        -4.88 │
      │                                                          ││ ✗  7  ·man         ▏                 0.68 %        -4.99 │
      │                                                          ││ ✗  8  ·at          ▏                 0.68 %        -4.99 │
      │                                                          ││ ✗  9  ·in          ▏                 0.68 %        -5.00 │
      │                                                          ││ ✗ 10  ·who         ▏                 0.65 %        -5.03 │
      │                                                          ││ ✗ 11  ·old         ▏                 0.65 %        -5.03 │
      │                                                          ││ ✗ 12  ·end         ▏                 0.65 %        -5.04 │
      │                                                          ││                                                          │
      │                                                          ││ 1–12 of 306 · the chain keeps 1 · ✗ removed              │
      ╰──────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
      ╭─ A  storyteller · T 0.8 · seed 7 ──────── 34 tok · done ─╮╭─ B  storyteller-mini · T 0.8 · seed 8 ─── 35 tok · done ─╮
      │ ▂▃▂▃▂▂▃▂▂▃▃▂▂▂▂▂▃▂▂▂▃▃▂▂▃▂▂▃▃▂▃▂▃▂             1.95 bits ││ ▃▃▂▂▂▂▃▂▂▂▃▂▂▃▂▂▂▂▃▂▂▃▃▂▂▃▂▂▂▂▃▂▂▂▃            1.95 bits │
      │                                                          ││                                                          │
      │ little girl, who had no father and no mother, and who    ││ young fisherman called Peter, and he was the poorest man │
      │ lived with her grandmother in a cottage at the end of    ││ on all that coast; but he sang at his nets as if he      │
      │ the last street. Every morning she went down to the sea. ││ owned the whole of the sea and every ship upon it.       │
      │ <|end|>                                                  ││ <|end|>                                                  │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      ╰──────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less     76.77 % · rank 1 · surprise 0.38 bits · entropy 2.05 bits
       Enter go on · Tab pane · ←→ token · c color · . one token · n surprise · r again · s sampler      ? help · Ctrl-Q quit
      """)
  }

  @Test func theCursorInAStreamAt80() {
    var player = Player(80, 24, settings: .steady)
    player.press("right tab + m down enter shift-tab shift-tab shift-tab")
    player.holdsStreams = true
    player.press("enter")
    player.stream(30)
    player.holdsStreams = false
    player.answer()
    player.press("tab tab left left left left")
    expectScreen(
      player.screen,
      """
      ┃ Generate ┃ Fill mask   Translate   Classify   Chat   …   storyteller  ● ready
      ╭─ Prompt ──────────────────── 15/512 ─╮╭─ A, token 31 ──── model · 2.05 bits ─╮
      │                                      ││   #  token                     prob. │
      │ Once upon a time, in a village by    ││ ● 1  ·to       █████████▎    76.77 % │
      │ the sea, there lived a               ││ ✗ 2  ·morning  ▏              1.08 % │
      │                                      ││ ✗ 3  ·had      ▏              0.93 % │
      │                                      ││ ✗ 4  ·very     ▏              0.91 % │
      │                                      ││ ✗ 5  ·king     ▏              0.87 % │
      │                                      ││ ✗ 6  ·good     ▏              0.76 % │
      │                                      ││ ✗ 7  ·man      ▏              0.68 % │
      │                                      ││ 1–7 of 306 · ✗ removed               │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
      ╭─ A  storyteller ───── 34 tok · done ─╮╭─ B  storytell…-mini ─ 35 tok · done ─╮
      │ ▂▂▂▂▂▂▃▂▂▂▂▃▂▂▃▂▂▂▂▃▂▂▃▂   1.95 bits ││ ▃▂▂▂▂▂▂▂▃▂▂▂▃▂▃▂▂▂▂▂▃▂▂▃   1.95 bits │
      │ little girl, who had no father and   ││ young fisherman called Peter, and he │
      │ no mother, and who lived with her    ││ was the poorest man on all that      │
      │ grandmother in a cottage at the end  ││ coast; but he sang at his nets as if │
      │ of the last street. Every morning    ││ he owned the whole of the sea and    │
      │ she went down to the sea. <|end|>    ││ every ship upon it. <|end|>          │
      │                                      ││                                      │
      │                                      ││                                      │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
       █ >50 %  █ >10 %  █ >1 %  █ less   76.77 % · rank 1 · 0.38 bits · entropy 2.05
       Enter go on · Tab pane · ←→ token · c color               ? help · Ctrl-Q quit
      """)
  }

  @Test func theCursorInAStreamAt40() {
    var player = Player(40, 12, settings: .steady)
    player.press("right tab + m down enter shift-tab shift-tab shift-tab")
    player.holdsStreams = true
    player.press("enter")
    player.stream(30)
    player.holdsStreams = false
    player.answer()
    player.press("tab tab left left left left")
    expectScreen(
      player.screen,
      """
       Generate                 storyteller ●
      ╭─ Prompt ──────────────────── 15/512 ─╮
      │ the sea, there lived a               │
      ╰──────────────────────────────────────╯
      ╭─ A  storyteller ───── 34 tok · done ─╮
      │ grandmother in a cottage at the end  │
      │ of the last street. Every morning    │
      │ she went down to the sea. <|end|>    │
      ╰──────────────────────────────────────╯
       ● 1  ·to        ██████████     76.77 %
       ✗ 2  ·morning   ▏               1.08 %
       Enter go on · Tab pane          ? help
      """)
  }

  @Test func whileTheModelIsOpened() {
    var player = Player(80, 24, settings: .steady, holdsAnswers: true)
    player.type("Once")
    player.press("enter")
    player.send(.loading(ModelReference("storyteller"), LoadProgress(fraction: 0.45, step: "packing")))
    expectScreen(
      player.screen,
      """
      ┃ Generate ┃ Fill mask   Translate   Classify   Chat   … stor…  ████▌      45 %
      ╭─ Prompt ─────────────────────────────╮╭─ Candidates ─────────────────────────╮
      │                                      ││ storyteller is being opened          │
      │ Once                                 ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
      ╭─ A  storyteller · T 0.8 · min-p 0.1 · seed 7 ────────────────────── waiting ─╮
      │ begins as soon as storyteller is open                                        │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       Enter generate · Tab pane · F3 sampler · F2 model        F1 help · Ctrl-Q quit
      """)
  }

  @Test func fourStreams() {
    var player = Player(120, 36, settings: .steady)
    player.press("right tab + + + shift-tab shift-tab shift-tab shift-tab shift-tab enter")
    expectScreen(
      player.screen,
      """
      ┃ Generate ┃ Fill mask   Translate   Classify   Chat   Tree   Compare   Inside   Train       storyteller · f32  ● ready
      ╭─ Prompt ────────────────────────────── 15 of 512 tokens ─╮╭─ Candidates ───────────────── model · entropy 1.92 bits ─╮
      │                                                          ││    #  token                           prob.  log p, nats │
      │ Once upon a time, in a village by the sea, there lived   ││    1  ·little      ███████████▊     78.36 %        -0.24 │
      │ a                                                        ││ ✗  2  ·woman       ▏                 0.99 %        -4.61 │
      │                                                          ││ ✗  3  ·upon        ▏                 0.93 %        -4.68 │
      │                                                          ││ ✗  4  ·went        ▏                 0.92 %        -4.69 │
      │                                                          ││ ✗  5  Once         ▏                 0.91 %        -4.70 │
      │                                                          ││ ✗  6  ·last        ▏                 0.83 %        -4.79 │
      │                                                          ││ ✗  7  ·certain     ▏                 0.77 %        -4.86 │
      │                                                          ││ ✗  8  ·village     ▏                 0.76 %        -4.87 │
      │                                                          ││ ✗  9  ·down        ▏                 0.75 %        -4.90 │
      │                                                          ││ ✗ 10  ·of          ▏                 0.73 %        -4.92 │
      │                                                          ││ ✗ 11  ·at          ▏                 0.69 %        -4.97 │
      │                                                          ││ ✗ 12  ·had         ▏                 0.65 %        -5.03 │
      │                                                          ││                                                          │
      │                                                          ││ 1–12 of 306 · the chain keeps 1 · ✗ removed              │
      ╰──────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
      ╭─ A  seed 7 ──── 34 · done ─╮╭─ B  seed 8 ──── 34 · done ─╮╭─ C  seed 9 ──── 34 · done ─╮╭─ D  seed 10 ─── 34 · done ─╮
      │ ▂▂▂▃▂▂▂▂▃▂▂▃▂▃   1.95 bits ││ ▂▂▂▃▂▂▂▂▃▂▂▃▂▃   1.95 bits ││ ▂▂▂▃▂▂▂▂▃▂▂▃▂▃   1.95 bits ││ ▂▂▂▃▂▂▂▂▃▂▂▃▂▃   1.95 bits │
      │                            ││                            ││                            ││                            │
      │ little girl, who had no    ││ little girl, who had no    ││ little girl, who had no    ││ little girl, who had no    │
      │ father and no mother, and  ││ father and no mother, and  ││ father and no mother, and  ││ father and no mother, and  │
      │ who lived with her         ││ who lived with her         ││ who lived with her         ││ who lived with her         │
      │ grandmother in a cottage   ││ grandmother in a cottage   ││ grandmother in a cottage   ││ grandmother in a cottage   │
      │ at the end of the last     ││ at the end of the last     ││ at the end of the last     ││ at the end of the last     │
      │ street. Every morning she  ││ street. Every morning she  ││ street. Every morning she  ││ street. Every morning she  │
      │ went down to the sea.      ││ went down to the sea.      ││ went down to the sea.      ││ went down to the sea.      │
      │ <|end|>                    ││ <|end|>                    ││ <|end|>                    ││ <|end|>                    │
      │                            ││                            ││                            ││                            │
      │                            ││                            ││                            ││                            │
      │                            ││                            ││                            ││                            │
      │                            ││                            ││                            ││                            │
      ╰────────────────────────────╯╰────────────────────────────╯╰────────────────────────────╯╰────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less                                                  four streams
       Enter generate · Tab pane · F3 sampler · F2 model · Alt-Enter new line · Ctrl-G editor           F1 help · Ctrl-Q quit
      """)
  }

  @Test func withoutColors() {
    var player = Player(80, 24, settings: .steady)
    player.press("right tab + shift-tab shift-tab shift-tab enter")
    expectScreen(
      player.grid(.none).plainText,
      """
      ┃ Generate ┃ Fill mask   Translate   Classify   Chat   …   storyteller  ● ready
      ╭─ Prompt ──────────────────── 15/512 ─╮╭─ Candidates ───── model · 1.92 bits ─╮
      │                                      ││   #  token                     prob. │
      │ Once upon a time, in a village by    ││   1  ·little   █████████▍    78.36 % │
      │ the sea, there lived a               ││ ✗ 2  ·woman    ▏              0.99 % │
      │                                      ││ ✗ 3  ·upon     ▏              0.93 % │
      │                                      ││ ✗ 4  ·went     ▏              0.92 % │
      │                                      ││ ✗ 5  Once      ▏              0.91 % │
      │                                      ││ ✗ 6  ·last     ▏              0.83 % │
      │                                      ││ ✗ 7  ·certain  ▏              0.77 % │
      │                                      ││ 1–7 of 306 · ✗ removed               │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
      ╭─ A  story… · seed 7 ─ 34 tok · done ─╮╭─ B  story… · seed 8 ─ 34 tok · done ─╮
      │ ▂▂▂▂▂▂▃▂▂▂▂▃▂▂▃▂▂▂▂▃▂▂▃▂   1.95 bits ││ ▂▂▂▂▂▂▃▂▂▂▂▃▂▂▃▂▂▂▂▃▂▂▃▂   1.95 bits │
      │ grandmother in a cottage at the end  ││ grandmother in a cottage at the end  │
      │                                      ││                                      │
      │ of the last street. Every morning    ││ of the last street. Every morning    │
      │                                      ││                                      │
      │ she went down to the sea. <|end|>    ││ she went down to the sea. <|end|>    │
      │                                      ││                                      │
      │                                      ││                                      │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
       marks: probability  none >50 %  ░ >10 %  ▒ >1 %  █ less            two streams
       Enter generate · Tab pane · F3 sampler · F2 model        F1 help · Ctrl-Q quit
      """)
  }

  @Test func inASCII() {
    var player = Player(80, 24, settings: .steady)
    player.press("right tab + shift-tab shift-tab shift-tab enter")
    expectScreen(
      player.grid(.none, glyphs: .ascii).plainText,
      """
      | Generate | Fill mask   Translate   Classify   Chat   ~   storyteller  * ready
      +- Prompt -------------------- 15/512 -++- Candidates ----- model | 1.92 bits -+
      |                                      ||   #  token                     prob. |
      | Once upon a time, in a village by    ||   1  _little   #########-    78.36 % |
      | the sea, there lived a               || x 2  _woman    -              0.99 % |
      |                                      || x 3  _upon     -              0.93 % |
      |                                      || x 4  _went     -              0.92 % |
      |                                      || x 5  Once      -              0.91 % |
      |                                      || x 6  _last     -              0.83 % |
      |                                      || x 7  _certain  -              0.77 % |
      |                                      || 1-7 of 306 | x removed               |
      +--------------------------------------++--------------------------------------+
      +- A  story~ | seed 7 - 34 tok | done -++- B  story~ | seed 8 - 34 tok | done -+
      | ______.____.__.____.__._   1.95 bits || ______.____.__.____.__._   1.95 bits |
      | grandmother in a cottage at the end  || grandmother in a cottage at the end  |
      |                                      ||                                      |
      | of the last street. Every morning    || of the last street. Every morning    |
      |                                      ||                                      |
      | she went down to the sea. <|end|>    || she went down to the sea. <|end|>    |
      |                                      ||                                      |
      |                                      ||                                      |
      +--------------------------------------++--------------------------------------+
       marks: probability  none >50 %  . >10 %  + >1 %  # less            two streams
       Enter generate | Tab pane | F3 sampler | F2 model        F1 help | Ctrl-Q quit
      """)
  }
}
