import EngineAPI
import TerminalUI
import Testing

@testable import PlaygroundApp

/// A run on the Train tab at several sizes, drawn.
@Suite struct TrainSizeScreens {
  @Test func aRunAt160() {
    let player = TrainScreens.running(Size(160, 50))
    expectScreen(
      player.screen,
      """
       TRIPTYCH    Generate   Fill mask   Translate   Classify   Chat   Tree   Compare   Inside ┃ Train ┃                cloze → critic · step 412/1,200  ● 40 s left
      ╭─ Loss · smoothed 0.9 ────────────────────────────────────────────────────────────── ● training 0.384 ○ held out 0.408 ─╮╭─ critic ─────────────── 40 s left ─╮
      │ 0.80 ┤                                                                                                                 ││ step                  412 of 1,200 │
      │      │                                                                                                                 ││ ███████████▋                       │
      │      │                                                                                                                 ││ training loss                0.384 │
      │ 0.75 ┤⢄                                                                                                                ││ held out                     0.408 │
      │      │⢸                                                                                                                ││ best                  0.406 at 350 │
      │      │⢸⢠                                                                                                               ││ time left                     40 s │
      │      │⢸⢀                                                                                                               ││ learning rate               3.3e-4 │
      │ 0.70 ┤⢸⠙⡄                                                                                                              ││ gradient norm                0.884 │
      │      │⢸⢿⠱⡄                                                                                                             ││ tokens a second              2,140 │
      │      │⠸⠸⣿⠘⡆                                                                                                            ││ memory                    412.0 MB │
      │ 0.65 ┤  ⢿⢿⠸⡄                                                                                                           ││ KL from the start            0.333 │
      │      │  ⢸ ⣿⢧   ○⡀                                                                                                      ││ accuracy                     0.833 │
      │      │    ⣿⣧⡇⡀  ⠑⡄                                                                                                     ││ examples                     9,600 │
      │      │    ⣿⣿⢱⡇   ⠈⢆                                                                                                    ││ held-out examples            2,400 │
      │ 0.60 ┤     ⡿⠈⠓⡄   ⠈⢢                                                                                                   ││ weights           10.4 M of 10.4 M │
      │      │     ⡇⡇⣿⠘⢆    ⠱⡀                                                                                                 ││ optimizer                    adamw │
      │      │     ⠃⣷⠹⣿⠈⣇⢠   ⠘⢄                                                                                                ││                                    │
      │ 0.55 ┤      ⠈ ⢿⠻⠘⢆⣀⢀  ⠈⢆                                                                                               ││                                    │
      │      │        ⢸ ⣿⠈⠈⣇⡀⣆  ○⡀                                                                                             ││                                    │
      │      │          ⣿⣿⢸⠈⢳⠤⡀⡆⡀⠈⠢⡀                                                                                           ││                                    │
      │      │          ⠿⢿ ⣿⣿⢿⠛⢦⣀⢠⢠⠈⠢⣀                                                                                         ││                                    │
      │ 0.50 ┤           ⠈ ⡟⢿⠈⣿⠈⠁⢧⡀⣷ ⢠⠑⢄                                                                                       ││                                    │
      │      │             ⠇⢸ ⡿⢿⠙⣿⠙⠙⣆⢸  ⠑⢄                                                                                     ││                                    │
      │      │              ⠈ ⠇⢸ ⣿⣿⠸⠈⡦⣄⡀⣇⣿○⠤⡀              ⢀○⣀                                                                 ││                                    │
      │      │                 ⠸ ⡏⢻ ⣿⡇⠈⠳⠶⣠⣷⣿⠈⠒⢄⣾⢸⡄⡆     ⢀⠤⠒⠁  ⠉⠒⠤⣀                                                             ││                                    │
      │ 0.45 ┤                   ⠁⠈ ⣿⡇⠉⣿⣿⠙⠛⠲⠦⣄⣧⠑⠢⡀⡇⡄⢠⣀⠤⠊⠁⢠ ⡄      ⠉⠒⠤⣀                                                         ││                                    │
      │      │                      ⠙⠇ ⡿⠛⣿⣿⣿⠛⠈⠻⠊⠋⠈⠑○⠊ ⡇⢸ ⣼ ⣿⢠⢠ ⣦   ⢀  ○⠢⢄⡀                                                     ││                                    │
      │      │                         ⠃ ⣿ ⢻ ⣿⣿ ⡟⣿⠳⢦⡤⡀⣷⣾ ⣿⡇⢀⣼⣿⣿⣿⣇ ⣰⣿ ⣆⡄⣿⢰⠈⠑⠢⢄⡀  ⡄ ⡄                                            ││                                    │
      │ 0.40 ┤                             ⠈ ⡟⢹ ⡇⣿⣿⣿⡿⠳⠟⠚⡆⣠⣤⠏⠚⠲⠒⠛⢦ ⣿⣿⣾⡀⣧⢠⡀⣴ ⡇⢸⠈⠑○⠒⠒⠒⠒⠉⠉⠉⠉○⣿⡄                                    ││                                    │
      │      │                                ⠘  ⠇⣿⢸⠃⣿⢸⡟⠈⠉⣿⢸⣿⣿ ⣿⣿⠣⣤⠾⠉⠙⠻⠃⠑⠦⡀⣧⣼ ⣇⣷⡇⣿⡇⢀⣇⣼⢠⣿⣧⣿⣇                                    ││                                    │
      │      │                                     ⠈ ⠁⠘ ⡿⠸⡟⢸⠋⢻ ⠇⡿⣸⣿⢹ ⣿⣿ ⣿⣿⢣⡦⠔⡄⣀⣀⡀⢀⣤⠟⠦⣤⣤⣤⣤⣠⣀                                    ││                                    │
      │      │                                                  ⠇⠛⡇⠈ ⠏⢸ ⢿⡟⣤⢻⡟⠈⠉⠁⠙⠛⢸⢸⣿⣿⠉⣿⣿⠉⠉                                    ││                                    │
      │ 0.35 ┤                                                        ⠈ ⠘⠁⠿⠸ ⠿⢸⠃⣿⢸⢸⢸⡿⣿ ⡟⢹⣿⠛                                    ││                                    │
      │      │                                                                  ⠉⠈ ⠘ ⠘ ⠁⠈⠿                                     ││                                    │
      │      │                                                                                                                 ││                                    │
      │ 0.30 ┤                                                                                                                 ││                                    │
      │      └0───────50───────100───────150──────200──────250───────300──────350──────400──────450───────500──────550─── step ││                                    │
      ╰────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯╰────────────────────────────────────╯
      ╭─ What it says by now ────────────────────────────────────────────────────── step 400 · before → now ─╮╭─ "a dull, lifeless film" ───────────────── step 400 ─╮
      │▸ "a dull, lifeless film"                positive 0.52 → negative 0.90  █████████████████████▌        ││                                              since 0 │
      │  "moving and often very funny"          positive 0.55 → positive 0.90  █████████████████████▋        ││ negative ███████████████████████▍    89.67 %   +41.7 │
      │  "the actors try, the script does not"  positive 0.53 → negative 0.64  ███████████████▎              ││ positive ██▋                         10.33 %   -41.7 │
      │                                                                                                      ││                                                      │
      │                                                                                                      ││                                                      │
      │                                                                                                      ││                                                      │
      │ 0 ○─────────○──────────○─────────○──────────○─────────○──────────○─────────○──────────● 400   9 of 9 ││                                                      │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────╯
       p pause · l learning rate · s save now · t try it in its tab · Esc stop and keep · Tab pane · a axis · w smooth · o open · n new run      ? help · Ctrl-Q quit
      """)
  }

  @Test func aRunAt120() {
    let player = TrainScreens.running(Size(120, 36))
    expectScreen(
      player.screen,
      """
        Generate   Fill mask   Translate   Classify   Chat   Tree   Compare   Inside ┃ Train ┃            critic  ● 40 s left
      ╭─ Loss · smoothed 0.9 ──────────────────────────── ● training 0.384 ○ held out 0.408 ─╮╭─ critic ───────── 40 s left ─╮
      │ 0.80 ┤                                                                               ││ step            412 of 1,200 │
      │      │                                                                               ││ █████████▋                   │
      │ 0.75 ┤⢲                                                                              ││ training loss          0.384 │
      │      │⢸⡄                                                                             ││ held out               0.408 │
      │ 0.70 ┤⠘⢆⡀                                                                            ││ best            0.406 at 350 │
      │      │⢸⠘⢣                                                                            ││ time left               40 s │
      │ 0.65 ┤ ⢸⢿⢧                                                                           ││ learning rate         3.3e-4 │
      │      │ ⠘⠈⠈⡆⡀○⢢                                                                       ││ gradient norm          0.884 │
      │ 0.60 ┤   ⢿⠸⣄⡀ ⠑⡄                                                                     ││ tokens a second        2,140 │
      │      │   ⢸⡇⠈⢢⡀ ⠈⢢                                                                    ││ memory              412.0 MB │
      │ 0.55 ┤    ⠹⠹⣷⢣⣀⡀ ⠑⡄                                                                  ││ KL from the start      0.333 │
      │      │      ⠃⣿⠉⢷⣄⡀⠈○⡀                                                                ││ accuracy               0.833 │
      │      │       ⠿⡇⣿⠉⠓⢄⡀⠈⠑⢄                                                              ││ examples               9,600 │
      │ 0.50 ┤         ⡏⡇⣿⣿⠙⠦⣄⢸⠑⠢⡀                                                           ││ held-out examples      2,400 │
      │      │          ⠁⠃⢻⣿⡇⠈⠗⢤⣀○⠒⠤⡀⣀⡄⡀    ⢀⡠○⠢⢄⡀                                           ││ weights     10.4 M of 10.4 M │
      │ 0.45 ┤             ⠃⠃⣿⡏⢻⠙⠓⠲⢤⠈⠑⠤⣀⢀⡠⠔⠊⠁⣄   ⠈⠑⠢⢄○                                       ││ optimizer              adamw │
      │      │               ⠈⠃⠸⢻⡟⢿⢹⠙⠉⠉⢦○⡀⣿⡆⣾⢀⣷⡇⣷⡀⢠⣆⡄⠈⠑⠢⢄⡀  ⡀⢀                               ││                              │
      │ 0.40 ┤                  ⠈⠁⠈⠸⢻⠸⢸⣿⣿⠙⠛⢣⡴⠞⠛⠒⠛⢦⣿⣠⣤⣀⢄⡀⢸⠈⠑○⠒⠒⠊⠉⠉○⣿⡄                         ││                              │
      │      │                        ⠈⠋⠃⠛⠹⢿⢿⠃⡟⡇⠿⣿⠉⠁⣿⠈⣿⠙⡤⠤⣀⣀⣀⣠⠶⣤⣤⣤⣤⡀                         ││                              │
      │ 0.35 ┤                                   ⠋⠘ ⠋⠸⢻⢿⡟⡟⠉⣿⠉⠁⢸⣿ ⡿⠉⠇                         ││                              │
      │      │                                             ⠁⠃⠉⠘⠘ ⠁⠻                          ││                              │
      │ 0.30 ┤                                                                               ││                              │
      │      └0───────────100──────────200──────────300─────────400──────────500─────── step ││                              │
      ╰──────────────────────────────────────────────────────────────────────────────────────╯╰──────────────────────────────╯
      ╭─ What it says by now ────────────────────── step 400 · before → now ─╮╭─ "a dull, lifeless film" ───────── step 400 ─╮
      │▸ "a dull, lifeless film"       positive 0.52 → negative 0.90  █████▍ ││                                      since 0 │
      │  "moving and often very funn…  positive 0.55 → positive 0.90  █████▍ ││ negative ████████████████▏   89.67 %   +41.7 │
      │  "the actors try, the script…  positive 0.53 → negative 0.64  ███▉   ││ positive █▉                  10.33 %   -41.7 │
      │                                                                      ││                                              │
      │                                                                      ││                                              │
      │                                                                      ││                                              │
      │ 0 ○─────○──────○─────○──────○─────○──────○─────○──────● 400   9 of 9 ││                                              │
      ╰──────────────────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────╯
       p pause · l learning rate · s save now · t try it in its tab · Esc stop and keep · Tab pane       ? help · Ctrl-Q quit
      """)
  }

  @Test func aRunAt80() {
    let player = TrainScreens.running(Size(80, 24))
    expectScreen(
      player.screen,
      """
       …  Classify   Chat   Tree   Compare   Inside ┃ Train ┃     critic  ● 40 s left
      ╭─ Loss · smoothed 0.9 ─────────── ● 0.384 ○ 0.408 ─╮╭─ critic ──── 40 s left ─╮
      │     │⡇                                            ││ step       412 of 1,200 │
      │     │⠘⣆                                           ││ ███████▉                │
      │     │⠙⠘⡆○⡀                                        ││ training loss     0.384 │
      │ 0.6 ┤ ⠘⠸⣄⠘⢄                                       ││ held out          0.408 │
      │     │  ⠹⠈⢧⡀⠱⡀                                     ││ best       0.406 at 350 │
      │     │   ⠈⢿⠙⠶○⠒⢄                                   ││ time left          40 s │
      │     │     ⠛⠟⠈⠙⢦⠉○⢄⣠⡀  ⣀○⣀                         ││ learning rate    3.3e-4 │
      │     │       ⠈⠙⠏⠈⠙⠳⠑○⠒⠉⣶⡀⣤⠉⠑○⠤⣀ ⣀                  ││ gradient norm     0.884 │
      │ 0.4 ┤          ⠈⠈⠋⠻⠿⠉⠙⠚⠉⠙⠶⠖⠖⢦⣀○⠉⠉⠉○⡀              ││ tokens a second   2,140 │
      │     │                  ⠁⠘⠙⠉⠋⠻⠈⠉⠉⡿⠁⠉⠁              ││ memory         412.0 MB │
      │     └0────────────200────────────400──────── step ││ KL from the start 0.333 │
      ╰───────────────────────────────────────────────────╯╰─────────────────────────╯
      ╭─ What it says by now ───────────── step 400 ─╮╭─ "a dull, li… ──── step 400 ─╮
      │▸ "a dull, lifeless film"       negative 0.90 ││ negative █████████   89.67 % │
      │  "moving and often very funn…  positive 0.90 ││ positive █           10.33 % │
      │  "the actors try, the script…  negative 0.64 ││                              │
      │                                              ││                              │
      │                                              ││                              │
      │                                              ││                              │
      │ 0 ○──○───○──○───○──○───○──○───● 400   9 of 9 ││                              │
      ╰──────────────────────────────────────────────╯╰──────────────────────────────╯
       p pause · l learning rate · s save now                    ? help · Ctrl-Q quit
      """)
  }

  @Test func aRunAt40() {
    var player = TrainScreens.running(Size(40, 12))
    player.press("tab")
    expectScreen(
      player.screen,
      """
       Train                         critic ●
      ╭─ What it says by now ───── step 400 ─╮
      │▸ "a dull, lifeless f…  negative 0.90 │
      │  "moving and often v…  positive 0.90 │
      │  "the actors try, th…  negative 0.64 │
      │                                      │
      │                                      │
      │ 0 ────────────────────● 400   9 of 9 │
      ╰──────────────────────────────────────╯
       40 s left · step 412 of 1,200
       loss 0.384 · held out 0.408
       p pause · l learning rate       ? help
      """)
  }

  @Test func theChartAt40() {
    let player = TrainScreens.running(Size(40, 12))
    expectScreen(
      player.screen,
      """
       Train                         critic ●
      ╭─ Loss · smoothed 0.9 ────────────────╮
      │1.0 ┤                                 │
      │    │⠦⢤○⡀                             │
      │0.5 ┤ ⠈⠉⠈⠉○⠒⠤○⢄⣀○⡠○⠤⣀○⣀⣀○⣀○⡀          │
      │    │         ⠈⠉⠉⠈⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉          │
      │0.0 ┤                                 │
      │    └0─────────200───────400──────────│
      ╰──────────────────────────────────────╯
       40 s left · step 412 of 1,200
       loss 0.384 · held out 0.408
       p pause · l learning rate       ? help
      """)
  }

  @Test func aRunInATallTerminal() {
    let player = TrainScreens.running(Size(60, 30))
    expectScreen(
      player.screen,
      """
       Train                                     cloze → critic ●
      ╭─ Loss · smoothed 0.9 ────────────────── ● 0.384 ○ 0.408 ─╮
      │     │⢱                                                   │
      │     │⠈⠳⡄                                                 │
      │ 0.6 ┤ ⠁⠘⣄○⢄                                              │
      │     │  ⠘⠈⠳⣄⠉⠢⡀                                           │
      │     │    ⠹⠟⠙⠳○⠒⠤⣀                                        │
      │     │      ⠉⠋⠿⠿⠙⠲○⠑⠢⢄⡀⣀⣀⠤⠔○⠢⠤⢄○⡀                         │
      │ 0.4 ┤          ⠉⠈⠛⠙⠈⠁⠈○⠶⠦⠴⠶⠶⣄⡤⣤⠈⠉⠑○⠒⠒⠒○⣦                 │
      │     │                  ⠈⠉⠉⠉⠙⠛⠁⠛⠻⠈⠉⠋⠛⠉⠉⠉⠉                 │
      │     └0───────────────200─────────────400─────────── step │
      ╰──────────────────────────────────────────────────────────╯
      ╭─ critic ───────────────────────────────────── 40 s left ─╮
      │ step                                        412 of 1,200 │
      │ training loss                                      0.384 │
      │ held out                                           0.408 │
      │ best                                        0.406 at 350 │
      │ time left                                           40 s │
      ╰──────────────────────────────────────────────────────────╯
      ╭─ What it says by now ────────── step 400 · before → now ─╮
      │▸ "a dull, lifeless film"   positive 0.52 → negative 0.90 │
      │  "moving and often very …  positive 0.55 → positive 0.90 │
      │  "the actors try, the sc…  positive 0.53 → negative 0.64 │
      │                                                          │
      │                                                          │
      │                                                          │
      │                                                          │
      │ 0 ○────○────○────○────○────○────○────○────● 400   9 of 9 │
      ╰──────────────────────────────────────────────────────────╯
       p pause · l learning rate · s save now              ? help
      """)
  }

  @Test func aRunInASCII() {
    let player = TrainScreens.running(Size(80, 24))
    expectScreen(
      player.grid(glyphs: .ascii).plainText,
      """
       ~  Classify   Chat   Tree   Compare   Inside | Train |     critic  * 40 s left
      +- Loss | smoothed 0.9 ----------- * 0.384 o 0.408 -++- critic ---- 40 s left -+
      |     |:                                            || step       412 of 1,200 |
      |     |':                                           || #######=                |
      |     |'':o.                                        || training loss     0.384 |
      | 0.6 + ':.'.                                       || held out          0.408 |
      |     |  :':.:.                                     || best       0.406 at 350 |
      |     |   ':':o'.                                   || time left          40 s |
      |     |     ':'':'o...  .o.                         || learning rate    3.3e-4 |
      |     |       '':'':'o'':..''o.. .                  || gradient norm     0.884 |
      | 0.4 +          '''::'''''::::.o'''o.              || tokens a second   2,140 |
      |     |                  ''''':''':'''              || memory         412.0 MB |
      |     +0------------200------------400-------- step || KL from the start 0.333 |
      +---------------------------------------------------++-------------------------+
      +- What it says by now ------------- step 400 -++- "a dull, li~ ---- step 400 -+
      |> "a dull, lifeless film"       negative 0.90 || negative #########   89.67 % |
      |  "moving and often very funn~  positive 0.90 || positive #           10.33 % |
      |  "the actors try, the script~  negative 0.64 ||                              |
      |                                              ||                              |
      |                                              ||                              |
      |                                              ||                              |
      | 0 o--o---o--o---o--o---o--o---* 400   9 of 9 ||                              |
      +----------------------------------------------++------------------------------+
       p pause | l learning rate | s save now                    ? help | Ctrl-Q quit
      """)
  }
}
