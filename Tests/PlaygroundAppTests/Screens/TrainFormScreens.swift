import EngineAPI
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The form and the entries of the Train tab, drawn.
@Suite struct TrainFormScreens {
  @Test func theFormAt120() {
    var player = Player.training()
    player.press("down down down")
    expectScreen(
      player.screen,
      """
        Generate   Fill mask   Translate   Classify   Chat   Tree   Compare   Inside ┃ Train ┃                       ○ no run
      ╭─ New run ────────────────────────────────────────────────────────────╮╭─ held out ───────────────── validation_file ─╮
      │  task              causal                                            ││ examples to evaluate with, which are not     │
      │  model             needed                                            ││ learned                                      │
      │  examples          needed                                            ││                                              │
      │▸ held out          none                                              ││                                              │
      │  share held out    0                                                 ││                                              │
      │  folder            needed                                            ││                                              │
      │  weights           of the model                                      ││                                              │
      │  epochs            3                                                 ││                                              │
      │  steps             -                                                 ││                                              │
      │  batch             8                                                 ││                                              │
      │  batches in a step 1                                                 ││                                              │
      │  learning rate     5e-5                                              ││                                              │
      │  schedule          linear                                            ││                                              │
      │  warmup            0                                                 ││                                              │
      │  optimizer         adamw                                             ││                                              │
      │  LoRA rank         0                                                 ││                                              │
      │  evaluate every    epoch                                             ││                                              │
      │  save every        500                                               ││                                              │
      │  prompts           none                                              ││                                              │
      │  KL text           none                                              ││                                              │
      │  seed              42                                                ││                                              │
      │  more options      none                                              ││                                              │
      │                                                                      ││                                              │
      │                                                                      ││                                              │
      │                                                                      ││                                              │
      │                                                                      ││                                              │
      │                                                                      ││                                              │
      │                                                                      ││                                              │
      │                                                                      ││                                              │
      │                                                                      ││                                              │
      │                                                                      ││                                              │
      │                                                                      ││                                              │
      ╰──────────────────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────╯
       Enter start · ↑↓ line · Tab pane · Alt-O open a run · F2 model · Ctrl-P actions                  F1 help · Ctrl-Q quit
      """)
  }

  @Test func theFormWithErrorsAt160() {
    var player = Player.training(Size(160, 50))
    player.startRun("", ["learning_rate": "fast", "more": "speed=9"])
    expectScreen(
      player.screen,
      """
       TRIPTYCH    Generate   Fill mask   Translate   Classify   Chat   Tree   Compare   Inside ┃ Train ┃                                             cloze  ○ no run
      ╭─ New run ────────────────────────────────────────────────────────────────────────────────────╮╭─ folder ──────────────────────────────────────── output_dir ─╮
      │  task              classify                                                                  ││ ✗ needed                                                     │
      │  model             cloze                                                                     ││ a new folder for the model, the log and the checkpoints      │
      │  examples          films.tsv                                                                 ││                                                              │
      │  held out          none                                                                      ││                                                              │
      │  share held out    0                                                                         ││                                                              │
      │▸ folder                                                                             ✗ needed ││                                                              │
      │  weights           of the model                                                              ││                                                              │
      │  epochs            3                                                                         ││                                                              │
      │  steps             -                                                                         ││                                                              │
      │  batch             8                                                                         ││                                                              │
      │  batches in a step 1                                                                         ││                                                              │
      │  learning rate     fast                                   ✗ expected a number from 0 to 1000 ││                                                              │
      │  schedule          linear                                                                    ││                                                              │
      │  warmup            0                                                                         ││                                                              │
      │  optimizer         adamw                                                                     ││                                                              │
      │  LoRA rank         0                                                                         ││                                                              │
      │  evaluate every    epoch                                                                     ││                                                              │
      │  save every        500                                                                       ││                                                              │
      │  prompts           none                                                                      ││                                                              │
      │  KL text           none                                                                      ││                                                              │
      │  seed              42                                                                        ││                                                              │
      │  more options      speed=9                                           ✗ no such option: speed ││                                                              │
      │                                                                                              ││                                                              │
      │                                                                                              ││                                                              │
      │                                                                                              ││                                                              │
      │                                                                                              ││                                                              │
      │                                                                                              ││                                                              │
      │                                                                                              ││                                                              │
      │                                                                                              ││                                                              │
      │                                                                                              ││                                                              │
      │                                                                                              ││                                                              │
      │                                                                                              ││                                                              │
      │                                                                                              ││                                                              │
      │                                                                                              ││                                                              │
      │                                                                                              ││                                                              │
      │                                                                                              ││                                                              │
      │                                                                                              ││                                                              │
      │                                                                                              ││                                                              │
      │                                                                                              ││                                                              │
      │                                                                                              ││                                                              │
      │                                                                                              ││                                                              │
      │                                                                                              ││                                                              │
      │                                                                                              ││                                                              │
      │                                                                                              ││                                                              │
      │                                                                                              ││                                                              │
      │                                                                                              ││                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────────╯
       Enter start · ↑↓ line · Tab pane · Alt-O open a run · F2 model · Ctrl-P actions                                                          F1 help · Ctrl-Q quit
      """)
  }

  @Test func theFormAt80() {
    var player = Player.training(Size(80, 24))
    player.press("down")
    player.type("cloze")
    player.press("enter")
    expectScreen(
      player.screen,
      """
       …  Classify   Chat   Tree   Compare   Inside ┃ Train ┃         cloze  ○ no run
      ╭─ New run ─────────────────────────────────────────────────────── 1–15 of 22 ─╮
      │  task              masked                                                    │
      │  model             cloze                                                     │
      │▸ examples                                                           ✗ needed │
      │  held out          none                                                      │
      │  share held out    0                                                         │
      │  folder            needed                                           ✗ needed │
      │  weights           of the model                                              │
      │  epochs            3                                                         │
      │  steps             -                                                         │
      │  batch             8                                                         │
      │  batches in a step 1                                                         │
      │  learning rate     5e-5                                                      │
      │  schedule          linear                                                    │
      │  warmup            0                                                         │
      │  optimizer         adamw                                                     │
      ╰──────────────────────────────────────────────────────────────────────────────╯
      ╭─ examples ────────────────────────────────────────────────────── train_file ─╮
      │ ✗ needed                                                                     │
      │ text, JSON lines, CSV, TSV or CoNLL, gzip-compressed too; several files are  │
      │ separated by commas                                                          │
      ╰──────────────────────────────────────────────────────────────────────────────╯
       Enter start · ↑↓ line · Tab pane · Alt-O open a run      F1 help · Ctrl-Q quit
      """)
  }

  @Test func theFormAt40() {
    var player = Player.training(Size(40, 12))
    player.press("down")
    player.type("cloze")
    expectScreen(
      player.screen,
      """
       Train                          cloze ○
      ╭─ New run ──────────────── 1–6 of 22 ─╮
      │  task             masked             │
      │▸ model            cloze              │
      │  examples         needed             │
      │  held out         none               │
      │  share held out   0                  │
      │  folder           needed             │
      ╰──────────────────────────────────────╯
       the model to start from: its name or
       its folder; F2 lists the models
       Enter start · ↑↓ line          F1 help
      """)
  }

  @Test func aLearningRateIsTyped() {
    var player = TrainScreens.running(Size(80, 24))
    player.press("l")
    player.type("3e-5x")
    player.press("enter")
    expectScreen(
      player.screen,
      """
       …  Classify   Chat   Tree   Compare   Inside ┃ Train ┃     critic  ● 40 s left
      ╭─ Learning rate from the next step on ────────────────────────────────────────╮
      │ 3e-5x                                                                        │
      │ ✗ expected a number, at least 0                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯
      ╭─ Loss · smoothed 0.9 ─────────── ● 0.384 ○ 0.408 ─╮╭─ critic ──── 40 s left ─╮
      │     │⢇                                            ││ step       412 of 1,200 │
      │     │⠈⢣⡀                                          ││ ███████▉                │
      │ 0.6 ┤ ⢹⢳○⠢⡀                                       ││ training loss     0.384 │
      │     │  ⠻⠙⢦⠈⠢⡀                                     ││ held out          0.408 │
      │     │   ⠈⠿⠙⠳○⠒⠤⣀                                  ││ best       0.406 at 350 │
      │     │     ⠉⠋⠿⠈⠓⠦○⠢⢄⡀⢀⡠⠔○⠤⠤⣀○                      ││ time left          40 s │
      │ 0.4 ┤         ⠁⠙⠙⠈⠉○⠁⠦⠴⠲⠶⣄⣤⡤⠉⠉○⠒⠒⠒○⡀              ││ learning rate    3.3e-4 │
      │     │                ⠉⠉⠉⠙⠛⠙⠛⠈⠉⠛⠛⠉⠉⠉⠁              ││ gradient norm     0.884 │
      │     └0────────────200────────────400──────── step ││ tokens a second   2,140 │
      ╰───────────────────────────────────────────────────╯╰─────────────────────────╯
      ╭─ What it says by now ───────────── step 400 ─╮╭─ "a dull, li… ──── step 400 ─╮
      │▸ "a dull, lifeless film"       negative 0.90 ││ negative █████████   89.67 % │
      │  "moving and often very funn…  positive 0.90 ││ positive █           10.33 % │
      │  "the actors try, the script…  negative 0.64 ││                              │
      │                                              ││                              │
      │ 0 ○──○───○──○───○──○───○──○───● 400   9 of 9 ││                              │
      ╰──────────────────────────────────────────────╯╰──────────────────────────────╯
       Enter use it · Esc leave · Tab pane · F2 model           F1 help · Ctrl-Q quit
      """)
  }

  @Test func aPathIsTypedAt40() {
    var player = TrainScreens.running(Size(40, 12))
    player.press("o")
    player.type("./runs/critic")
    expectScreen(
      player.screen,
      """
       Train                         critic ●
      ╭─ Open a run ─────────────────────────╮
      │ ./runs/critic                        │
      ╰──────────────────────────────────────╯
      ╭─ Loss · smoothed 0.9 ────────────────╮
      │    │⠓⠦○⢄⣀                            │
      │0.5 ┤  ⠈⠉⠉○⠉⠒○⠒⠒○⠒○⠒⠒○⠒⠤○⠤○⠤          │
      │    └0─────────200───────400──────────│
      ╰──────────────────────────────────────╯
       40 s left · step 412 of 1,200
       loss 0.384 · held out 0.408
       Enter use it · Esc leave       F1 help
      """)
  }
}
