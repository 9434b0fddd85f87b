import EngineAPI
import Sampling
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The sampler waterfall, drawn.
@Suite struct WaterfallScreens {
  private static let settings: PlaygroundSettings = {
    var chain = SamplingSettings()
    (chain.temperature, chain.topK, chain.topP, chain.minP) = (0.8, 8, 0.9, 0.02)
    return PlaygroundSettings(sampling: chain, maxTokens: 40)
  }()

  @Test func waterfallBesideTheSamplerAt120() {
    var player = Player(120, 36, settings: Self.settings)
    player.press("right tab s W down")
    expectScreen(
      player.screen,
      """
      ┃ Generate ┃ Fill mask   Translate   Classify   Chat   Tree   Compare   Inside   Train       storyteller · f32  ● ready
      ╭─ Sampler A ──────────────────────────────── storyteller ─╮╭─ Candidates ───────────── waterfall, in % · 1–28 of 306 ─╮
      │  stage               value     keeps  removes      bits  ││    #  token            model      T  top-k  top-p  min-p │
      │  logit-bias            off       306               1.92  ││    1  ·little          78.36  92.66  97.52 100.00 100.00 │
      │  repetition            off       306               1.92  ││    2  ·woman            0.99   0.39   0.42    ✗          │
      │  presence              off       306               1.92  ││    3  ·upon             0.93   0.36   0.38    ✗          │
      │  frequency             off       306               1.92  ││    4  ·went             0.92   0.36   0.38    ✗          │
      │  no-repeat-ngram       off       306               1.92  ││    5  Once              0.91   0.35   0.37    ✗          │
      │  min-tokens            off       306               1.92  ││    6  ·last             0.83   0.32   0.33    ✗          │
      │  temperature          0.80       306               0.77  ││    7  ·certain          0.77   0.29   0.30    ✗          │
      │▸ top-k                   8         8     -298      0.24  ││    8  ·village          0.76   0.28   0.30    ✗          │
      │  top-p                0.90         1       -7      0.00  ││    9  ·down             0.75   0.28    ✗                 │
      │  min-p                0.02         1               0.00  ││   10  ·of               0.73   0.27    ✗                 │
      │  typical-p             off         1               0.00  ││   11  ·at               0.69   0.25    ✗                 │
      │  seed                    7                               ││   12  ·had              0.65   0.23    ✗                 │
      │  max tokens             40                               ││   13  ·father           0.60   0.21    ✗                 │
      │  dynatemp-range        off                               ││   14  ·she              0.59   0.20    ✗                 │
      │  dry                   off                               ││   15  ·Every            0.56   0.19    ✗                 │
      │  top-n-sigma           off                               ││   16  ·the              0.54   0.19    ✗                 │
      │  top-h                 off                               ││   17  ·grandmother      0.52   0.18    ✗                 │
      │  epsilon-cutoff        off                               ││   18  ·time             0.52   0.18    ✗                 │
      │  eta-cutoff            off                               ││   19  ·old              0.51   0.17    ✗                 │
      │  xtc                   off                               ││   20  ·boy              0.49   0.16    ✗                 │
      │  mirostat              off                               ││   21  ·sea.             0.46   0.15    ✗                 │
      │                                                          ││   22  ·good             0.45   0.15    ✗                 │
      │  keeps 1 of 306 tokens · 1.92 → 0.00 bits                ││   23  ·rich             0.42   0.14    ✗                 │
      ╰──────────────────────────────────────────────────────────╯│   24  ·very             0.42   0.14    ✗                 │
      ╭─ A  storyteller · T 0.8 · k 8 · p 0.9 ────────── seed 7 ─╮│   25  ·sea              0.42   0.13    ✗                 │
      │ Enter in the prompt begins                               ││   26  ·who              0.38   0.12    ✗                 │
      │                                                          ││   27  ·a                0.38   0.12    ✗                 │
      │                                                          ││   28  ·morning          0.36   0.11    ✗                 │
      │                                                          ││       kept               306    306      8      1      1 │
      │                                                          ││       bits              1.92   0.77   0.24   0.00   0.00 │
      ╰──────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       ←→ value · Backspace off · Esc close · K earlier · J later · D defaults · p presets · S save               Ctrl-Q quit
      """)
  }

  @Test func waterfallAt80() {
    var player = Player(80, 24, settings: Self.settings)
    player.press("right tab W")
    expectScreen(
      player.screen,
      """
      ┃ Generate ┃ Fill mask   Translate   Classify   Chat   …   storyteller  ● ready
      ╭─ Prompt ──────────────────── 15/512 ─╮╭─ Candidates ─────── waterfall, in % ─╮
      │                                      ││    #  token    … top-k  top-p  min-p │
      │ Once upon a time, in a village by    ││▸   1  ·little    97.52 100.00 100.00 │
      │ the sea, there lived a               ││    2  ·woman      0.42    ✗          │
      │                                      ││    3  ·upon       0.38    ✗          │
      │                                      ││    4  ·went       0.38    ✗          │
      │                                      ││    5  Once        0.37    ✗          │
      │                                      ││    6  ·last       0.33    ✗          │
      │                                      ││       kept           8      1      1 │
      │                                      ││       bits        0.24   0.00   0.00 │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
      ╭─ A  storyteller · T 0.8 · k 8 · p 0.9 · min-p 0.02 ───────────────── seed 7 ─╮
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
       Enter take it · Tab pane · ↑↓ candidate · / search        ? help · Ctrl-Q quit
      """)
  }

  @Test func waterfallAt40() {
    var player = Player(40, 12, settings: Self.settings)
    player.press("right tab W")
    expectScreen(
      player.screen,
      """
       Generate                 storyteller ●
      ╭─ Prompt ──────────────────── 15/512 ─╮
      │ the sea, there lived a               │
      ╰──────────────────────────────────────╯
      ╭─ Candidates ─── waterfall · keeps 1 ─╮
      │    #  token    … top-k  top-p  min-p │
      │▸   1  ·little    97.52 100.00 100.00 │
      │    2  ·woman      0.42    ✗          │
      ╰──────────────────────────────────────╯
       Enter in the prompt begins

       Enter take it · Tab pane        ? help
      """)
  }

  @Test func waterfallWithoutColorsAt80() {
    var player = Player(80, 24, settings: Self.settings)
    player.press("right tab W")
    expectScreen(
      player.grid(.none, glyphs: .ascii).plainText,
      """
      | Generate | Fill mask   Translate   Classify   Chat   ~   storyteller  * ready
      +- Prompt -------------------- 15/512 -++- Candidates ------- waterfall, in % -+
      |                                      ||    #  token    ~ top-k  top-p  min-p |
      | Once upon a time, in a village by    ||>   1  _little    97.52 100.00 100.00 |
      | the sea, there lived a               ||    2  _woman      0.42    x          |
      |                                      ||    3  _upon       0.38    x          |
      |                                      ||    4  _went       0.38    x          |
      |                                      ||    5  Once        0.37    x          |
      |                                      ||    6  _last       0.33    x          |
      |                                      ||       kept           8      1      1 |
      |                                      ||       bits        0.24   0.00   0.00 |
      +--------------------------------------++--------------------------------------+
      +- A  storyteller | T 0.8 | k 8 | p 0.9 | min-p 0.02 ----------------- seed 7 -+
      | Enter in the prompt begins                                                   |
      |                                                                              |
      |                                                                              |
      |                                                                              |
      |                                                                              |
      |                                                                              |
      |                                                                              |
      |                                                                              |
      +------------------------------------------------------------------------------+
       marks: probability  none >50 %  . >10 %  + >1 %  # less
       Enter take it | Tab pane | UpDown candidate | / search    ? help | Ctrl-Q quit
      """)
  }
}
