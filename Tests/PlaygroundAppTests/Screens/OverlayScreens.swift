import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The overlays, drawn.
@Suite struct OverlayScreens {
  @Test func samplerAt120() {
    var player = Player(120, 36, settings: .steady)
    player.press("right tab d s down")
    expectScreen(
      player.screen,
      """
      ┃ Generate ┃ Fill mask   Translate   Classify   Chat   Tree   Compare   Inside   Train       storyteller · f32  ● ready
      ╭─ Sampler A ──────────────────────────────── storyteller ─╮╭─ Candidates ─────── after the chain · entropy 0.00 bits ─╮
      │  stage               value     keeps  removes      bits  ││    #  token                           chain  log p, nats │
      │  logit-bias            off       306               1.92  ││    1  ·little      ███████████████ 100.00 %         0.00 │
      │  repetition            off       306               1.92  ││    2  ·woman       ✗ min-p           0.00 %              │
      │  presence              off       306               1.92  ││    3  ·upon        ✗ min-p           0.00 %              │
      │  frequency             off       306               1.92  ││    4  ·went        ✗ min-p           0.00 %              │
      │  no-repeat-ngram       off       306               1.92  ││    5  Once         ✗ min-p           0.00 %              │
      │  min-tokens            off       306               1.92  ││    6  ·last        ✗ min-p           0.00 %              │
      │  temperature          0.80       306               0.77  ││    7  ·certain     ✗ min-p           0.00 %              │
      │▸ top-k                 off       306               0.77  ││    8  ·village     ✗ min-p           0.00 %              │
      │  top-p                 off       306               0.77  ││    9  ·down        ✗ min-p           0.00 %              │
      │  min-p                0.10         1     -305      0.00  ││   10  ·of          ✗ min-p           0.00 %              │
      │  typical-p             off         1               0.00  ││   11  ·at          ✗ min-p           0.00 %              │
      │  seed                    7                               ││   12  ·had         ✗ min-p           0.00 %              │
      │  max tokens            256                               ││   13  ·father      ✗ min-p           0.00 %              │
      │  dynatemp-range        off                               ││   14  ·she         ✗ min-p           0.00 %              │
      │  dry                   off                               ││   15  ·Every       ✗ min-p           0.00 %              │
      │  top-n-sigma           off                               ││   16  ·the         ✗ min-p           0.00 %              │
      │  top-h                 off                               ││   17  ·grandmother ✗ min-p           0.00 %              │
      │  epsilon-cutoff        off                               ││   18  ·time        ✗ min-p           0.00 %              │
      │  eta-cutoff            off                               ││   19  ·old         ✗ min-p           0.00 %              │
      │  xtc                   off                               ││   20  ·boy         ✗ min-p           0.00 %              │
      │  mirostat              off                               ││   21  ·sea.        ✗ min-p           0.00 %              │
      │                                                          ││   22  ·good        ✗ min-p           0.00 %              │
      │  keeps 1 of 306 tokens · 1.92 → 0.00 bits                ││   23  ·rich        ✗ min-p           0.00 %              │
      ╰──────────────────────────────────────────────────────────╯│   24  ·very        ✗ min-p           0.00 %              │
      ╭─ A  storyteller · T 0.8 · min-p 0.1 ──────────── seed 7 ─╮│   25  ·sea         ✗ min-p           0.00 %              │
      │ Enter in the prompt begins                               ││   26  ·who         ✗ min-p           0.00 %              │
      │                                                          ││   27  ·a           ✗ min-p           0.00 %              │
      │                                                          ││   28  ·morning     ✗ min-p           0.00 %              │
      │                                                          ││                                                          │
      │                                                          ││ 1–28 of 306 · the chain keeps 1                          │
      ╰──────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       ←→ value · Backspace off · Esc close · K earlier · J later · D defaults · p presets · S save               Ctrl-Q quit
      """)
  }

  @Test func helpAt120() {
    var player = Player(120, 36, settings: .steady)
    player.press("f1")
    expectScreen(
      player.screen,
      """
      ┃ Generate ┃ Fill mask   Translate   Classify   Chat   Tree   Compare   Inside   Train       storyteller · f32  ● ready
      ╭─ Keys ───────────────────────────────────────────────────────────────────────────────────────────────── 1–32 of 101 ─╮
      │ Everywhere                                                                                                           │
      │   Tab               Next pane                                                                                        │
      │   Shift-Tab         Previous pane                                                                                    │
      │   z Alt-Z           The pane alone on the screen, and back (also Esc)                                                │
      │   u Ctrl-Z          Undo: the text or the token taken last                                                           │
      │   Ctrl-R            Redo                                                                                             │
      │   s F3              Sampler settings                                                                                 │
      │   m F2              Choose a model                                                                                   │
      │   Alt-P             Sampler settings by name                                                                         │
      │   Alt-S             Save the sampler settings under a name                                                           │
      │   Alt-R             Read the prompt as a document, in colors                                                         │
      │   t F4              Choose a theme                                                                                   │
      │   Ctrl-O F9         Sessions: open what was made before                                                              │
      │   Alt-E             Export the session or the screen to a file                                                       │
      │   ]                 Next tab                                                                                         │
      │   [                 Previous tab                                                                                     │
      │   Alt-1             Generate                                                                                         │
      │   Alt-2             Fill mask                                                                                        │
      │   Alt-3             Translate                                                                                        │
      │   Alt-4             Classify                                                                                         │
      │   Alt-5             Chat                                                                                             │
      │   Alt-6             Tree                                                                                             │
      │   Alt-7             Compare                                                                                          │
      │   Alt-8             Inside                                                                                           │
      │   Alt-9             Train                                                                                            │
      │   Ctrl-P            All actions                                                                                      │
      │   ? F1              Keys                                                                                             │
      │   F7 l              Lessons: ten short walks through the tabs                                                        │
      │   F10               Save a picture of the screen (SVG)                                                               │
      │   F8                Mouse: for Triptych or the terminal                                                              │
      │   Esc               Stop the generation                                                                              │
      │   Ctrl-C            Stop the generation; when nothing runs, leave                                                    │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
       ↑↓ scroll · l lessons · Esc close                                                                          Ctrl-Q quit
      """)
  }

  @Test func modelsAt120() {
    var player = Player(120, 36, settings: .steady)
    player.press("f2 down")
    expectScreen(
      player.screen,
      """
      ┃ Generate ┃ Fill mask   Translate   Classify   Chat   Tree   Compare   Inside   Train       storyteller · f32  ● ready
      ╭─ Prompt ─────────────────────────────── 0 of 512 tokens ─╮╭─ Candidates ─────────────────────────────────────────────╮
      │                                                          ││ nothing to go on from: type a prompt                     │
      │ Once upon a time, in a village by the sea, there lived a ││                                                          │
      │                                                          ││                                                          │
      │ type, or take the example with →                         ││                                                          │
      ╰───────╭─ Model of A ──────────────────────────────────────────────────────────────────────────────── 2 of 5 ─╮       │
      ╭─ A  st│ / a name, or the path of a folder                                                                    │       │
      │ Enter │                                                                                                      │       │
      │       │   storyteller                   generate    21.3 M  storyteller-mini                                 │       │
      │       │ ▸ storyteller-mini              generate     5.2 M  gpt2, 5.2 M weights, 20.8 MB f32                 │       │
      │       │   broken                        generate    21.3 M  context of 512 tokens                            │       │
      │       │   cloze                        fill mask    11.0 M  /models/storyteller-mini                         │       │
      │       │   interpreter                  translate    31.0 M                                                   │       │
      │       │                                                     no card: the folder has no README.md             │       │
      │       │                                                                                                      │       │
      │       │                                                                                                      │       │
      │       │                                                                                                      │       │
      │       │                                                                                                      │       │
      │       │                                                                                                      │       │
      │       │                                                                                                      │       │
      │       │                                                                                                      │       │
      │       │                                                                                                      │       │
      │       │                                                                                                      │       │
      │       │                                                                                                      │       │
      │       │                                                                                                      │       │
      │       │                                                                                                      │       │
      │       │                                                                                                      │       │
      │       │                                                                                                      │       │
      │       ╰──────────────────────────────────────────────────────────────────────────────────────────────────────╯       │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      ╰──────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       Enter choose · Tab card · Esc close                                                                        Ctrl-Q quit
      """)
  }

  @Test func errorAt120() {
    var player = Player(120, 36, settings: .steady)
    player.press("f2 down")
    player.type("broken")
    player.press("enter")
    expectScreen(
      player.screen,
      """
      ┃ Generate ┃ Fill mask   Translate   Classify   Chat   Tree   Compare   Inside   Train  broken · f32 · 21.3 M  ✗ failed
      ╭─ Prompt ─────────────────────────────────────────────────╮╭─ Candidates ─────────────────────────────────────────────╮
      │                                                          ││ can't open the weights                                   │
      │ Once upon a time, in a village by the sea, there lived a ││                                                          │
      │                                                          ││                                                          │
      │ type, or take the example with →                         ││                                                          │
      ╰──────────────────────────────────────────────────────────╯│                                                          │
      ╭─ A  broken · T 0.8 · min-p 0.1 ───────────────── seed 7 ─╮│                                                          │
      │ can't open the weights                                   ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                    ╭─ Error ────────────────────────────────────╮                                    │
      │                                    │ can't open the weights                     │                                    │
      │                                    │                                            │                                    │
      │                                    │ where     /models/broken/model.safetensors │                                    │
      │                                    │ expected  a header of 812 bytes            │                                    │
      │                                    │ found     a file of 17 bytes               │                                    │
      │                                    │ hint      fetch the file again             │                                    │
      │                                    │                                            │                                    │
      │                                    │                             any key closes │                                    │
      │                                    ╰────────────────────────────────────────────╯                                    │
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
                                                                                                                  Ctrl-Q quit
      """)
  }

  @Test func samplerAt80() {
    var player = Player(80, 24, settings: .steady)
    player.press("right tab d s down")
    expectScreen(
      player.screen,
      """
      ┃ Generate ┃ Fill mask   Translate   Classify   Chat   …   storyteller  ● ready
      ╭─ Sampler A ───────────── 6–13 of 21 ─╮╭─ Candidates ───── chain · 0.00 bits ─╮
      │  stage               value    keeps  ││   #  token                     chain │
      │  min-tokens            off      306  ││   1  ·little   ████████████ 100.00 % │
      │  temperature          0.80      306  ││   2  ·woman    ✗ min-p        0.00 % │
      │▸ top-k                 off      306  ││   3  ·upon     ✗ min-p        0.00 % │
      │  top-p                 off      306  ││   4  ·went     ✗ min-p        0.00 % │
      │  min-p                0.10        1  ││   5  Once      ✗ min-p        0.00 % │
      │  typical-p             off        1  ││   6  ·last     ✗ min-p        0.00 % │
      │  seed                    7           ││   7  ·certain  ✗ min-p        0.00 % │
      │  max tokens            256           ││ 1–7 of 306 · the chain keeps 1       │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
      ╭─ A  storyteller · T 0.8 · min-p 0.1 ──────────────────────────────── seed 7 ─╮
      │ Enter in the prompt begins                                                   │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       ←→ value · Backspace off · Esc close · K earlier · J later         Ctrl-Q quit
      """)
  }

  @Test func helpAt80() {
    var player = Player(80, 24, settings: .steady)
    player.press("f1")
    expectScreen(
      player.screen,
      """
      ┃ Generate ┃ Fill mask   Translate   Classify   Chat   …   storyteller  ● ready
      ╭─ Keys ────────────────────────────────────────────────────────── 1–20 of 96 ─╮
      │ Everywhere                                                                   │
      │   Tab               Next pane                                                │
      │   Shift-Tab         Previous pane                                            │
      │   z Alt-Z           The pane alone on the screen, and back (also Esc)        │
      │   u Ctrl-Z          Undo: the text or the token taken last                   │
      │   Ctrl-R            Redo                                                     │
      │   s F3              Sampler settings                                         │
      │   m F2              Choose a model                                           │
      │   Alt-P             Sampler settings by name                                 │
      │   Alt-S             Save the sampler settings under a name                   │
      │   Alt-R             Read the prompt as a document, in colors                 │
      │   t F4              Choose a theme                                           │
      │   Ctrl-O F9         Sessions: open what was made before                      │
      │   Alt-E             Export the session or the screen to a file               │
      │   ]                 Next tab                                                 │
      │   [                 Previous tab                                             │
      │   Alt-1             Generate                                                 │
      │   Alt-2             Fill mask                                                │
      │   Alt-3             Translate                                                │
      │   Alt-4             Classify                                                 │
      ╰──────────────────────────────────────────────────────────────────────────────╯
       ↑↓ scroll · l lessons · Esc close                                  Ctrl-Q quit
      """)
  }

  @Test func modelsAt80() {
    var player = Player(80, 24, settings: .steady)
    player.press("f2 down")
    expectScreen(
      player.screen,
      """
      ┃ Generate ┃ Fill mask   Translate   Classify   Chat   …   storyteller  ● ready
      ╭─ Model of A ──────────────────────────────────────────────────────── 2 of 5 ─╮
      │ / a name, or the path of a folder                                            │
      │                                                                              │
      │   storyteller                                             generate    21.3 M │
      │ ▸ storyteller-mini                                        generate     5.2 M │
      │   broken                                                  generate    21.3 M │
      │   cloze                                                  fill mask    11.0 M │
      │   interpreter                                            translate    31.0 M │
      │                                                                              │
      │ storyteller-mini                                                             │
      │ gpt2, 5.2 M weights, 20.8 MB f32                                             │
      │ context of 512 tokens                                                        │
      │ /models/storyteller-mini                                                     │
      │                                                                              │
      │ no card: the folder has no README.md                                         │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯
       Enter choose · Tab card · Esc close                                Ctrl-Q quit
      """)
  }

  @Test func errorAt80() {
    var player = Player(80, 24, settings: .steady)
    player.press("f2 down")
    player.type("broken")
    player.press("enter")
    expectScreen(
      player.screen,
      """
      ┃ Generate ┃ Fill mask   Translate   Classify   Chat   … broken · f32  ✗ failed
      ╭─ Prompt ─────────────────────────────╮╭─ Candidates ─────────────────────────╮
      │                                      ││ can't open the weights               │
      │ Once upon a time, in a village by    ││                                      │
      │ the sea, there lived a               ││                                      │
      │                                      ││                                      │
      │ type, or take the example with →     ││                                      │
      │                ╭─ Error ────────────────────────────────────╮                │
      │                │ can't open the weights                     │                │
      │                │                                            │                │
      │                │ where     /models/broken/model.safetensors │                │
      ╰────────────────│ expected  a header of 812 bytes            │────────────────╯
      ╭─ A  broken · T │ found     a file of 17 bytes               │─────── seed 7 ─╮
      │ can't open the │ hint      fetch the file again             │                │
      │                │                                            │                │
      │                │                             any key closes │                │
      │                ╰────────────────────────────────────────────╯                │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
                                                                          Ctrl-Q quit
      """)
  }

  @Test func samplerAt40() {
    var player = Player(40, 12, settings: .steady)
    player.press("right tab d s down")
    expectScreen(
      player.screen,
      """
       Generate                 storyteller ●
      ╭─ Sampler A ───────────── 7–13 of 21 ─╮
      │  stage               value    keeps  │
      │  temperature          0.80      306  │
      │▸ top-k                 off      306  │
      │  top-p                 off      306  │
      │  min-p                0.10        1  │
      │  typical-p             off        1  │
      │  seed                    7           │
      │  max tokens            256           │
      ╰──────────────────────────────────────╯
       ←→ value · Backspace off · Esc close
      """)
  }

  @Test func helpAt40() {
    var player = Player(40, 12, settings: .steady)
    player.press("f1")
    expectScreen(
      player.screen,
      """
       Generate                 storyteller ●
      ╭─ Keys ────────────────── 1–8 of 225 ─╮
      │ Everywhere                           │
      │   Tab                                │
      │     Next pane                        │
      │   Shift-Tab                          │
      │     Previous pane                    │
      │   z Alt-Z                            │
      │     The pane alone on the screen,    │
      │     and back (also Esc)              │
      ╰──────────────────────────────────────╯
       ↑↓ scroll · l lessons · Esc close
      """)
  }

  @Test func modelsAt40() {
    var player = Player(40, 12, settings: .steady)
    player.press("f2 down")
    expectScreen(
      player.screen,
      """
       Generate                 storyteller ●
      ╭─ Model of A ──────────────── 2 of 5 ─╮
      │ / a name, or the path of a folder    │
      │                                      │
      │   storyteller                 21.3 M │
      │ ▸ storyteller-mini             5.2 M │
      │   broken                      21.3 M │
      │   cloze                       11.0 M │
      │   interpreter                 31.0 M │
      │                                      │
      ╰──────────────────────────────────────╯
       Enter choose · Tab card · Esc close
      """)
  }

  @Test func errorAt40() {
    var player = Player(40, 12, settings: .steady)
    player.press("f2 down")
    player.type("broken")
    player.press("enter")
    expectScreen(
      player.screen,
      """
      ╭─ Error ──────────────────────────────╮
      │ can't open the weights               │
      │                                      │
      │ where     /models/broken/model.safet │
      │           ensors                     │
      │ expected  a header of 812 bytes      │
      │ found     a file of 17 bytes         │
      │ hint      fetch the file again       │
      │                                      │
      │                                      │
      │                       any key closes │
      ╰──────────────────────────────────────╯
      """)
  }

  @Test func paletteAt80() {
    var player = Player(80, 24, settings: .steady)
    player.press("right tab + shift-tab shift-tab shift-tab enter ctrl-p")
    player.type("stream")
    expectScreen(
      player.screen,
      """
      ┃ Generate ┃ Fill mask   Translate   Classify   Chat   …   storyteller  ● ready
      ╭─ All actions ─────────────────────────────────────────────────────── 1 of 8 ─╮
      │ / stream                                                                     │
      │                                                                              │
      │ ▸ Close the leading stream                                                 - │
      │   Generate in every stream                                             Enter │
      │   Go to stream A                                                           1 │
      │   Go to stream B                                                           2 │
      │   Go to stream C                                                           3 │
      │   Go to stream D                                                           4 │
      │   One more stream (four at most)                                           + │
      │   Walk through all streams together, or one by one                         w │
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
}
