import EngineAPI
import TerminalUI
import Testing

@testable import PlaygroundApp

/// Runs on the Train tab, drawn.
@Suite struct TrainScreens {
  /// A classifier in the middle of its training.
  static func running(_ size: Size) -> Player {
    var player = Player.training(size)
    player.startRun()
    player.tell(ScriptedRun.events(to: 412))
    return player
  }

  /// Two recorded runs and one that is going.
  static func compared(_ size: Size) -> Player {
    var player = Player.training(size)
    player.openRun(ScriptedRun.history("./runs/rank-4", lowest: 0.42))
    player.openRun(ScriptedRun.history("./runs/rank-16", lowest: 0.36))
    player.press("n")
    player.startRun("./runs/whole")
    player.tell(ScriptedRun.events(to: 600))
    return player
  }

  @Test func aRunBeforeItsFirstStep() {
    var player = Player.training(Size(100, 24))
    player.startRun()
    player.tell(ScriptedRun.events(to: 0, samples: { _ in nil }))
    expectScreen(
      player.screen,
      """
       …  Fill mask   Translate   Classify   Chat   Tree   Compare   Inside ┃ Train ┃   critic  ○ reading
      ╭─ Loss · smoothed 0.9 ────────────────────────────────────────────╮╭─ critic ─────────── reading ─╮
      │ the examples are read; the curve begins with the first step      ││ examples               9,600 │
      │                                                                  ││ held-out examples      2,400 │
      │                                                                  ││ weights     10.4 M of 10.4 M │
      │                                                                  ││ optimizer              adamw │
      │                                                                  ││                              │
      │                                                                  ││                              │
      │                                                                  ││                              │
      │                                                                  ││                              │
      │                                                                  ││                              │
      │                                                                  ││                              │
      │                                                                  ││                              │
      ╰──────────────────────────────────────────────────────────────────╯╰──────────────────────────────╯
      ╭─ What is learned ───────────────────────────────────────────────────── bold: the loss counts it ─╮
      │ a dull, lifeless film → negative                                                                 │
      │ a dull, lifeless film → negative                                                                 │
      │ a dull, lifeless film → negative                                                                 │
      │                                                                                                  │
      │                                                                                                  │
      │                                                                                                  │
      │                                                                                                  │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────╯
       p pause · l learning rate · s save now · t try it in its tab                  ? help · Ctrl-Q quit
      """)
  }

  @Test func storiesThenAndNow() {
    var player = Player.training(Size(120, 36))
    player.startRun("./tales", ["objective": "causal", "model": "storyteller-mini"])
    player.tell(ScriptedRun.events(to: 412, samples: ScriptedRun.stories(at:)))
    player.press("tab")
    expectScreen(
      player.screen,
      """
        Generate   Fill mask   Translate   Classify   Chat   Tree   Compare   Inside ┃ Train ┃             tales  ● 40 s left
      ╭─ Loss · smoothed 0.9 ──────────────────────────── ● training 0.384 ○ held out 0.408 ─╮╭─ tales ────────── 40 s left ─╮
      │ 0.80 ┤                                                                               ││ step            412 of 1,200 │
      │      │                                                                               ││ █████████▋                   │
      │ 0.75 ┤⢱                                                                              ││ training loss          0.384 │
      │      │⢸⡆                                                                             ││ held out               0.408 │
      │ 0.70 ┤⠈⢣⡀                                                                            ││ best            0.406 at 350 │
      │      │⠸⠈⠱⡀                                                                           ││ time left               40 s │
      │ 0.65 ┤ ⢸⠹⢱⡀ ○                                                                        ││ learning rate         3.3e-4 │
      │      │   ⣿⢣⡄ ⠱⡀                                                                      ││ gradient norm          0.884 │
      │ 0.60 ┤   ⢹⠘⠲⡀ ⠈⠢⡀                                                                    ││ tokens a second        2,140 │
      │      │   ⠸⢧⢿⠙⡆⣄ ⠑⢄                                                                   ││ memory              412.0 MB │
      │ 0.55 ┤    ⠈⠈⡟⠘⠶⣆⣄⡀⠣○                                                                 ││ KL from the start      0.333 │
      │      │       ⣿⡇⠈⠷⣦⡀⠈⠢⢄                                                               ││ accuracy               0.833 │
      │ 0.50 ┤       ⠉⠁⡿⡏⣿⠙⠧⣀⡀⠑⢄⡀                                                            ││ examples               9,600 │
      │      │         ⠁⠇⡏⣿⣿⠁⠑⣤⣀⠈○⣀   ⡀       ○⡀                                             ││ held-out examples      2,400 │
      │ 0.45 ┤            ⠘⠏⠇⣿⡟⠉⠲⢦⣄⠉⠒⠤⣀⡇⣀ ⣀⠤⠒⠉ ⠈⠑⠒⠤⢄⡀                                        ││ weights     10.4 M of 10.4 M │
      │      │               ⠙⠇⢸⢿⡿⣿⠈⠻⠚⠛⠉○⠉⣿⡄⣼⣿⣦⡆⣦ ⢀⡄⠈○⠒⠤⣀⡀                                   ││ optimizer              adamw │
      │ 0.40 ┤                  ⠈⠃⠘⢸⢿⢸⢸⠈⠉⠳⠶⢆⣠⡜⠲⠶⠶⢄⣾⢀⣀⡀⣄⡇⢰⠈⠑○⠒⠒⠒⠒⠒○⣶⡄                         ││                              │
      │      │                      ⠈ ⠈⠛⠋⠻⠹⠈⣿⠇⡿⡇⡿⠈⠛⠁⠈⠙⠈⠹⣤⣠⣀⣀⡀⣀⣴⣄⣀⣀⣀⡀                         ││                              │
      │ 0.35 ┤                                ⠁  ⠛⠹⠁⠋⠹⢻⢿⡿⡿⠉⠉⠉⠁⢸⠈⠁⡿⠉⠁                         ││                              │
      │      │                                          ⠁ ⠁⠁⠃⠉⠘⠙ ⠃⠿                          ││                              │
      │ 0.30 ┤                                                                               ││                              │
      │      └0───────────100──────────200──────────300─────────400──────────500─────── step ││                              │
      ╰──────────────────────────────────────────────────────────────────────────────────────╯╰──────────────────────────────╯
      ╭─ What it says by now ────────────────────── step 400 · before → now ─╮╭─ "Once upon a time" ────────────── step 400 ─╮
      │▸ "Once upon a time"                                                  ││                                      since 0 │
      │      step 0  , the the a of and was the                              ││ ,      ██████████████        70.00 %   +50.0 │
      │    step 400  , there was a little mouse who lived in a barn          ││ ·there ██                    10.00 %     0.0 │
      │  "The queen said"                                                    ││ ·the   ▋                      3.00 %    -5.0 │
      │      step 0   to the a of the king                                   ││ ·a     ▍                      2.00 %     0.0 │
      │    step 400  to the king that the river was cold                     ││ elsewhere                    15.00 %         │
      │                                                                      ││                                              │
      │ 0 ○─────○──────○─────○──────○─────○──────○─────○──────● 400   9 of 9 ││                                              │
      ╰──────────────────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────╯
       p pause · l learning rate · s save now · t try it in its tab · Esc stop and keep · ↑↓ choose      ? help · Ctrl-Q quit
      """)
  }

  @Test func lookingBackAt80() {
    var player = Player.training(Size(80, 24))
    player.startRun("./tales", ["objective": "causal", "model": "storyteller-mini"])
    player.tell(ScriptedRun.events(to: 412, samples: ScriptedRun.stories(at:)))
    player.press("tab left left left")
    expectScreen(
      player.screen,
      """
       …  Classify   Chat   Tree   Compare   Inside ┃ Train ┃      tales  ● 40 s left
      ╭─ Loss · smoothed 0.9 ─────────── ● 0.382 ○ 0.471 ─╮╭─ tales ────── step 250 ─╮
      │     │⡇                 │                          ││ step                250 │
      │     │⠘⣆                │                          ││ ███████▉                │
      │     │⠙⠘⡆○⡀             │                          ││ training loss     0.382 │
      │ 0.6 ┤ ⠘⠸⣄⠘⢄            │                          ││ held out          0.471 │
      │     │  ⠹⠈⢧⡀⠱⡀          │                          ││ best       0.406 at 350 │
      │     │   ⠈⢿⠙⠶○⠒⢄        │                          ││ learning rate      4e-4 │
      │     │     ⠛⠟⠈⠙⢦⠉○⢄⣠⡀  ⣀○⣀                         ││ gradient norm     0.882 │
      │     │       ⠈⠙⠏⠈⠙⠳⠑○⠒⠉⣶⡀⣤⠉⠑○⠤⣀ ⣀                  ││ tokens a second   2,140 │
      │ 0.4 ┤          ⠈⠈⠋⠻⠿⠉⠙⠚⠉⠙⠶⠖⠖⢦⣀○⠉⠉⠉○⡀              ││ memory         412.0 MB │
      │     │                  ⠁⠘⠙⠉⠋⠻⠈⠉⠉⡿⠁⠉⠁              ││ KL from the start 0.303 │
      │     └0────────────200──┴─────────400──────── step ││ accuracy          0.803 │
      ╰───────────────────────────────────────────────────╯╰─────────────────────────╯
      ╭─ What it says by now ────────────────────────╮╭─ "Once upon … ──── step 250 ─╮
      │▸ "Once upon a time"                          ││ ,      ███████▉      65.45 % │
      │      step 0  , the the a of and was the      ││ ·there █▎            10.00 % │
      │    step 250  , there was a little mouse who… ││ ·the   ▍              3.45 % │
      │  "The queen said"                            ││ ·a     ▎              2.00 % │
      │      step 0   to the a of the king           ││ elsewhere            19.09 % │
      │    step 250  to the king that the river was… ││                              │
      │ 0 ○──○───○──○───○──●───○──○───○ 400   6 of 9 ││                              │
      ╰──────────────────────────────────────────────╯╰──────────────────────────────╯
       p pause · l learning rate · s save now                    ? help · Ctrl-Q quit
      """)
  }

  @Test func severalRunsAt120() {
    let player = Self.compared(Size(120, 36))
    expectScreen(
      player.screen,
      """
        Generate   Fill mask   Translate   Classify   Chat   Tree   Compare   Inside ┃ Train ┃             whole  ● 30 s left
      ╭─ Loss · smoothed 0.9 ──────────── A 0.434 ○ 0.542  B 0.374 ○ 0.482  C 0.341 ○ 0.387 ─╮╭─ Runs ─────────── 30 s left ─╮
      │ 0.9 ┤                                                                                ││  A rank-4              0.542 │
      │     │⡇                                                                               ││  B rank-16             0.482 │
      │     │⢣                                                                               ││▸ C whole               0.387 │
      │ 0.8 ┤⡞⡆                                                                              ││                              │
      │     │⢇⢹A                                                                             ││ step            600 of 1,200 │
      │     │⡜⡄⡇                                                                             ││ ██████████████               │
      │     │⢇⢳⢱⡀                                                                            ││ training loss          0.341 │
      │ 0.7 ┤⠸⡀⡇⢳  ○                                                                         ││ held out               0.387 │
      │     │ ⢳⢣⡈⢷⡀ ⠣⡀                                                                       ││ best            0.387 at 600 │
      │     │ ⠈⡆○ ⠻⣄ ⠘⢄                                                                      ││ time left               30 s │
      │     │  ⢇⠘⢧ ○⢦⡀ ⠣⡀                                                                    ││ learning rate         2.5e-4 │
      │ 0.6 ┤  ⠈⢧⠈⢷⡄ ⠳⣆ ⠑⢄                                                                   ││ gradient norm          0.841 │
      │     │   ⠘⣆⠈⢿⣆ ⠈⢟⢦⢮○⠒⠒⠢⠤⠤○⠤⠤⠤⠤⠤⠤○⡀                                                    ││ tokens a second        2,140 │
      │     │    ⠈⣦○⢢⠷⣄ ⠣⡈⠳⣤⣀⣦⢤⡀⢀⢀      ⠈⠒⢄              ⢀⣀○⡠⠤⠔⠒⠊○                           ││ memory              412.0 MB │
      │ 0.5 ┤      ⠳⣄⠑⡝B⣆⣜○⠤⠭⢄⣀⣛○⣛A⣄⣤⣤⣤○⡀⣀⣀⣉⡢○⣀⡠⠤⠤⠤⠒○⠒⠊⠉⠉⠁                                   ││ KL from the start      0.353 │
      │     │       ⠉⢧⡈○⡈⠘⠷⣀ ○⣄    ⠉⠉⠁⠁⠈⠉⠻⣉⠉⠙⠹⠚⣶⠛⢦⣄⣠⣄A⣠⣠⣤⣀⣠○⣀⣤⣤⢤⣒○                           ││ accuracy               0.853 │
      │     │         ⠙⠦⣜⣄⢀⠔⠋⠈⠈⠷○⠟⣆⡀ ⣠⣀  ⡠○⡓⡤○ ⢀⣀⣀⣀⠤○⠭⠓⠒⠉⠉ ⠉⠙ ⠙⠞⠘⠖                           ││ examples               9,600 │
      │     │           ⠈⠹○⣀ ⣀⣀  ⠉⠪⣙⠛⢁⣉○⠛⠻B⠙⠻○⠿⣷⠶○⣀⣀⣀⡀⢀⣀⣀⡀⣀⢀ ⣀  ⣀                            ││ held-out examples      2,400 │
      │ 0.4 ┤              ⠉⠛⠉⠉C⠶⠶⡄ ○⢁            ⠉⠛○⠙⠋⠉⠉⠉⠉⠛⠛B⠻⠜⠹⡴                           ││ weights     10.4 M of 10.4 M │
      │     │                     ⠙⠳⠶⠋⠛⠻⠶⠶⠳⠻⠳⢦⡤⣀⠤⣄C                                          ││ optimizer              adamw │
      │     │                                  ⠉ ⠉⠛⠉⠉                                        ││                              │
      │ 0.3 ┤                                                                                ││                              │
      │     └0───────────200──────────400──────────600──────────800─────────1,000────── step ││                              │
      ╰──────────────────────────────────────────────────────────────────────────────────────╯╰──────────────────────────────╯
      ╭─ What it says by now ────────────────────── step 600 · before → now ─╮╭─ "a dull, lifeless film" ───────── step 600 ─╮
      │▸ "a dull, lifeless film"       positive 0.52 → negative 0.92  █████▌ ││                                      since 0 │
      │  "moving and often very funn…  positive 0.55 → positive 0.92  █████▌ ││ negative ████████████████▋   92.12 %   +44.1 │
      │  "the actors try, the script…  positive 0.53 → negative 0.65  ███▉   ││ positive █▍                   7.88 %   -44.1 │
      │                                                                      ││                                              │
      │                                                                      ││                                              │
      │                                                                      ││                                              │
      │ 0 ○───○───○───○───○───○────○───○───○───○───○───○────● 600   13 of 13 ││                                              │
      ╰──────────────────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────╯
       p pause · l learning rate · s save now · t try it in its tab · Esc stop and keep · Tab pane       ? help · Ctrl-Q quit
      """)
  }

  @Test func severalRunsWithoutColorAt80() {
    let player = Self.compared(Size(80, 24))
    expectScreen(
      player.grid(.none).plainText,
      """
       …  Classify   Chat   Tree   Compare   Inside ┃ Train ┃      whole  ● 30 s left
      ╭─ Loss · smoothed 0.9 ─────────────────────────────╮╭─ Runs ────── 30 s left ─╮
      │     │⣇                                            ││  A rank-4         0.542 │
      │ 0.8 ┤⡿⡄                                           ││  B rank-16        0.482 │
      │     │⡿⣇                                           ││▸ C whole          0.387 │
      │     │⢻⣏A○⡀                                        ││                         │
      │     │ ⡟○○⡈⢢                                       ││ step       600 of 1,200 │
      │ 0.6 ┤ ⠘⡞⢧⡘⢦⣑○⣀⡀   ⣀○                              ││ training loss     0.341 │
      │     │  ⠙○⣻⢦⣙○⣦⡾⣭○⠉⢀ ⠉⠢⣀  ⣀⣀○⣀⠤○⠔⠒⠊○               ││ held out          0.387 │
      │     │   ⠈⠹○C⠳⣤○B○⠙⠋○⠛○⣛○⠟⠶⣤○⣤⠤○A⢴⣶○               ││ best       0.387 at 600 │
      │ 0.4 ┤     ⠈⠙○⣅⣤⣌○○⠾○⠚⠛⠛○⠿○⡤B⣤⣤⣤⣤⣄⣤⡀               ││ time left          30 s │
      │     │          ⠉⠙⠒⠞⠒⠶⠲⠲C⡴⣤⣨○    ⠈⠉⠁               ││ learning rate    2.5e-4 │
      │     └0────────────────500─────────────────── step ││ gradient norm     0.841 │
      ╰───────────────────────────────────────────────────╯╰─────────────────────────╯
      ╭─ What it says by now ───────────── step 600 ─╮╭─ "a dull, li… ──── step 600 ─╮
      │▸ "a dull, lifeless film"       negative 0.92 ││ negative █████████▎  92.12 % │
      │  "moving and often very funn…  positive 0.92 ││ positive ▊            7.88 % │
      │  "the actors try, the script…  negative 0.65 ││                              │
      │                                              ││                              │
      │                                              ││                              │
      │                                              ││                              │
      │ 0 ──────────────────────────● 600   13 of 13 ││                              │
      ╰──────────────────────────────────────────────╯╰──────────────────────────────╯
       p pause · l learning rate · s save now                    ? help · Ctrl-Q quit
      """)
  }

  @Test func aSmoothedLogarithmicChart() {
    var player = Self.running(Size(120, 36))
    player.press("w a z")
    expectScreen(
      player.screen,
      """
        Generate   Fill mask   Translate   Classify   Chat   Tree   Compare   Inside ┃ Train ┃    critic  zoomed  ● 40 s left
      ╭─ Loss · log · smoothed 0.99 ───────────────────────────────────────────────────── ● training 0.384 ○ held out 0.408 ─╮
      │ 0.80 ┤                                                                                                               │
      │      │                                                                                                               │
      │ 0.75 ┤⢹                                                                                                              │
      │      │⢸⢰                                                                                                             │
      │ 0.70 ┤⢸⠉⢆⡀                                                                                                           │
      │      │⢸⠹⣿⠉⢦⡀                                                                                                         │
      │ 0.65 ┤  ⢻⠻⣷⠙⣄                                                                                                        │
      │      │  ⠘ ⣿⣀⠈⠱⣄○⢄                                                                                                    │
      │      │    ⡿⣿ ⡇ ⠙⢦⠱⡀                                                                                                  │
      │ 0.60 ┤     ⣿ ⣿⣷  ⠉⠈⠢⡀                                                                                                │
      │      │     ⠏⣦⢻⣿⣰ ⢀  ⠈⠢⡀⡀                                                                                             │
      │ 0.55 ┤      ⠉⠘⡇⢿⣇⣾⣤⡀  ⠑⢄⠲⢄⡀                                                                                          │
      │      │        ⠃⠈⣿⣿⢹⣷⣿⣶⡄ ○⢄⠉⠳⢤⡀                                                                                       │
      │      │          ⣿⣿⢸⣿⣿⢸⣷⣷⢠ ⠑⠢⡀⠈⠓⢤⣀                                                                                    │
      │ 0.50 ┤          ⠉⠙⢸⣿⣿⢸⣿⣿⢹⣧⢸⢀⠈⠢⡀ ⠈⠑⠢⣄⡀                                                                                │
      │      │            ⢸⠁⢿⢸⢿⣿⢸⣿⣼⣾⡀⡇⠈⠒⢄⡀  ⠈⠓⠦⣄⣀                                                                            │
      │      │              ⠘⠸ ⣿⢸⣿⡏⢸⣧⣧⢸⣼⣸○⠤⡀    ⠈⠓⠦⣄⡀     ⢀○⣀                                                                │
      │      │                 ⠸⢸⠛⡇⢸⣿⣿⣼⣿⣿⣿⣾⠈⠒⢄⢰⡆⡇⢰  ⠉⠒⠦⢀⡠⠒⠁  ⠉⠒⠤⣀                                                            │
      │ 0.45 ┤                  ⠈ ⠁⢸⣿⠏⢹⣿⣿⣿⣿⣧⣿⣿⠉⠢⢄⢸⢠⢠⢀⡠⠒⠁⠉⠓⠒⠤⢄⣀⡀  ⠉⠒⠤⣀                                                        │
      │      │                     ⠈⠻ ⢸⠟⢻⣿⣿⡟⢹⣿⣿⣿⣿⠑○⠒⠁⣸⢸ ⢠⡇⣿⢠⢠ ⠉⠙⠲⠤⣀⣀⡀○⠢⢄⡀                                                    │
      │      │                        ⠘ ⢸⡇⠘⡇⢸⣿⡇⣿⢻⣿⣾⣿⡇⣿⣾ ⣼⣷⣿⢸⣿⡇⣿⣇ ⢰⣿ ⠉⠙⠒⠒⠈⠑⠢⢄⡀  ⡄ ⡄                                           │
      │ 0.40 ┤                           ⠁ ⠁⢸⠛⡇⡟⢸⣿⣿⣿⡇⣿⣿⡄⣿⣿⡿⣸⣿⠻⣿⣿ ⣿⣿⣼⣿⣧⣿⣸⡄ ⠈⠉⠈⠑○⠒⠒⠒⠊⠉⠉⠉⠉○⡆⡀                                   │
      │      │                                ⠇⠁⢸⢿⡿⡿⢇⣿⣿⡇⣿⣿⡇⣿⣿ ⣿⣿ ⣿⣿⠛⣿⣿⡟⣿⣧ ⣇⣿ ⡇⡇⡇⠈⠉⠉⠙⠒⠒⠤⠤⢤⡀                                   │
      │      │                                   ⠈⠁⠃⠘ ⡏⡇⣿⢸⠇⡟⢿ ⡏⣿⣷⢹⢿ ⣿⣿ ⣿⣿ ⣿⣿ ⣿⡇⣷⣿⣿⢸⣿⣸⣸⣿⣿⣿⡇                                   │
      │      │                                         ⠘ ⠘ ⠃⠘ ⠁⢸⣿⢸⠸ ⡿⢻ ⣿⣿⢸⣿⣿⢸⣿⣷⣿⡟⣿⢸⣿⡿⢿⣿⣿⣿⡇                                   │
      │      │                                                 ⠘ ⠸  ⠁⢸ ⢻⡇⣿⢿⢿⢸⣿⣿⣿⡇⢿⢸⣿⡇⢸⣿⣿⣿⡇                                   │
      │ 0.35 ┤                                                         ⠈ ⠟⠘ ⠇⢸⠹⣿⡇⠸⢸⠻⡇⢸⠈⢸⣿⠁                                   │
      │      │                                                                 ⠁⠁ ⠸ ⠃⠈ ⠸⠏                                    │
      │      │                                                                                                               │
      │      │                                                                                                               │
      │ 0.30 ┤                                                                                                               │
      │      └0───────50───────100──────150──────200──────250───────300──────350──────400──────450──────500──────550─── step │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
       p pause · l learning rate · s save now · t try it in its tab · Esc stop and keep · Tab pane       ? help · Ctrl-Q quit
      """)
  }

  @Test(arguments: [Size(160, 50), Size(120, 36), Size(80, 24), Size(60, 30), Size(40, 12)])
  func marksTellRunsApartWithoutColor(size: Size) {
    let screen = Self.compared(size).grid(.none).plainText
    #expect(size.height == 12 || ["A", "B", "C"].allSatisfy { screen.contains("\($0) ") })
    #expect(screen.contains("○") && screen.contains("C"))
  }

  @Test func colorsOfRunsAreThoseOfTheirMarks() {
    let player = Self.compared(Size(120, 36))
    for colors in ColorDepth.allCases {
      let grid = player.grid(colors)
      let roles = Set((0..<36).flatMap { y in (0..<120).map { grid[Point($0, y)].style.role } })
      #expect(roles.isSuperset(of: [.streamA, .streamB, .streamC]))
    }
  }

  @Test func newWordsAreColoredAndBold() {
    var player = Player.training(Size(120, 36))
    player.startRun("./tales", ["objective": "causal"])
    player.tell(ScriptedRun.events(to: 412, samples: ScriptedRun.stories(at:)))
    let grid = player.grid()
    for (y, line) in grid.lines.enumerated() {
      guard let start = line.range(of: ", there was a little mouse") else { continue }
      let x = line.distance(from: line.startIndex, to: start.lowerBound)
      #expect(grid[Point(x + 8, y)].style == Style(.text))
      #expect(grid[Point(x + 2, y)].style == Style(.accent, .bold))
      return
    }
    Issue.record("no continuation\n\(player.screen)")
  }
}
