import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The Compare tab, drawn.
@Suite struct CompareScreens {
  /// Two sides that have continued the text, with the cursor where they part.
  private func player(_ width: Int, _ height: Int) -> Player {
    var player = CompareStories.player(
      Size(width, height), text: "Once upon a time, by the sea, there lived an old king who had a girl")
    player.press("enter tab g n n")
    return player
  }

  @Test func compareAt120() {
    expectScreen(
      player(120, 36).screen,
      """
        Generate   Fill mask   Translate   Classify   Chat   Tree ┃ Compare ┃ Inside   Train      two sides · seed 7  ● ready
      ╭─ Text ──────────────────────────────── 19 of 512 tokens ─╮╭─ Where they part ──────── 5 of 18 tokens · JS 0.25 mean ─╮
      │                                                          ││ Once upon a time, by the sea, there lived an old king    │
      │ Once upon a time, by the sea, there lived an old king    ││ who had a girl                                           │
      │ who had a girl                                           ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││ A ▄▅▄█▄▄▅█▅▄▄█▅▅▅▅▅▅                                     │
      │                                                          ││ B ▄▄▄█▄▄▄█▄▅▄█▄▄▅▄▅▅                                     │
      │                                                          ││   ◆─◆◆◆◆─────────────                                    │
      │                                                          ││ KL(A‖B) 6.68  back 5.82  JS 0.85 bits  TV 0.92           │
      ╰──────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
      ╭─ Token 5: , · by difference ───────────────────────────────────────── A 1.00 bits · B 0.73 bits · 6 of 10 in common ─╮
      │                                █   1.11 %  ·by      91.94 % █████████████████████████████   B takes                  │
      │      ███████████████████████████  88.25 %  ·the      0.47 %                                 A takes                  │
      │                                █   0.84 %  ·was      0.16 %                                                          │
      │                                    0.25 %  ·sea      0.89 % █                                                        │
      │                                █   1.16 %  ·who      0.56 %                                                          │
      │                                    0.78 %  ·upon     0.23 %                                                          │
      │                                █   1.15 %  Once      0.66 %                                                          │
      │                                    0.65 %  ·king     0.18 %                                                          │
      │                                    0.37 %  ·young    0.78 %                                                          │
      │                                    5.43 %  the rest  4.13 %                                 1–9 of 58                │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
      ╭─ A  storyteller ───────────────────────── 7 tok · 800/s ─╮╭─ B  storyteller-mini ──────────────────── 8 tok · 800/s ─╮
      │ old young who had the sea. <|end|>                       ││ old had who sang by the sea. <|end|>                     │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      ╰──────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
       Enter fork here · Tab pane · n next parting · w widest gap · o order · s sampler · m model        ? help · Ctrl-Q quit
      """)
  }

  @Test func compareAt80() {
    expectScreen(
      player(80, 24).screen,
      """
       …  Classify   Chat   Tree ┃ Compare ┃ Inside   Train        two sides  ● ready
      ╭─ Text ────────────────────── 19/512 ─╮╭─ Where they part ─── 5 of 18 tokens ─╮
      │                                      ││ Once upon a time, by the sea, there  │
      │ Once upon a time, by the sea, there  ││ lived an old king who had a girl     │
      │ lived an old king who had a girl     ││ A ▄▅▄█▄▄▅█▅▄▄█▅▅▅▅▅▅                 │
      │                                      ││ B ▄▄▄█▄▄▄█▄▅▄█▄▄▅▄▅▅                 │
      │                                      ││   ◆─◆◆◆◆─────────────                │
      │                                      ││ KL(A‖B) 6.68  back 5.82 bits         │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
      ╭─ Token 5: , · by difference ─ A 1.00 bits · B 0.73 bits · 6 of 10 in common ─╮
      │                    1.11 %  ·by      91.94 % ██████████████  B takes          │
      │    █████████████  88.25 %  ·the      0.47 %                 A takes          │
      │                    0.84 %  ·was      0.16 %                                  │
      │                    0.25 %  ·sea      0.89 %                                  │
      │                    9.55 %  the rest  6.54 %                 1–4 of 58        │
      ╰──────────────────────────────────────────────────────────────────────────────╯
      ╭─ A  storyteller ───── 7 tok · 800/s ─╮╭─ B  storyteller-mini ──────── 8 tok ─╮
      │ old young who had the sea. <|end|>   ││ old had who sang by the sea. <|end|> │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
       Enter fork here · Tab pane · n next parting               ? help · Ctrl-Q quit
      """)
  }

  @Test func compareAt40() {
    expectScreen(
      player(40, 12).screen,
      """
       Compare                  storyteller ●
      ╭─ Text ────────────────────── 19/512 ─╮
      │ lived an old king who had a girl     │
      ╰──────────────────────────────────────╯
      ╭─ Where they part ─── 5 of 18 tokens ─╮
      │ Once upon a time, by the sea, there  │
      │ A ▄▅▄█▄▄▅█▅▄▄█▅▅▅▅▅▅                 │
      │ B ▄▄▄█▄▄▄█▄▅▄█▄▄▅▄▅▅                 │
      ╰──────────────────────────────────────╯
        ·by     A  1.11 %    B 91.94 % ██▊
        ·the    A 88.25 % ██▋B  0.47 %
       Enter fork here · Tab pane      ? help
      """)
  }

  @Test func compareOfFourSidesAt120() {
    var player = player(120, 36)
    player.press("+ + tab tab tab o")
    expectScreen(
      player.screen,
      """
        Generate   Fill mask   Translate   Classify   Chat   Tree ┃ Compare ┃ Inside   Train     four sides · seed 7  ● ready
      ╭─ Text ──────────────────────────────── 19 of 512 tokens ─╮╭─ Where they part ──────── 5 of 18 tokens · JS 0.25 mean ─╮
      │                                                          ││ Once upon a time, by the sea, there lived an old king    │
      │ Once upon a time, by the sea, there lived an old king    ││ who had a girl▏                                          │
      │ who had a girl                                           ││                                                          │
      │                                                          ││ A ▄▅▄█▄▄▅█▅▄▄█▅▅▅▅▅▅                                     │
      │                                                          ││ B ▄▄▄█▄▄▄█▄▅▄█▄▄▅▄▅▅                                     │
      │                                                          ││ C ▄▅▄█▄▄▅█▅▄▄█▅▅▅▅▅▅                                     │
      │                                                          ││ D ▄▅▄█▄▄▅█▅▄▄█▅▅▅▅▅▅                                     │
      │                                                          ││   ◆─◆◆◆◆─────────────                                    │
      │                                                          ││ JS AB 0.02  AC 0.00  AD 0.00  BC 0.02  BD 0.02 bits      │
      ╰──────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
      ╭─ Next token · by share of KL ──────────────────────────────── A 1.10 bits · B 0.67 bits · C 1.10 bits · D 1.10 bits ─╮
      │▸ <|end|>  86.82 % ████████▋   92.75 % █████████▎  86.82 % ████████▋   86.82 % ████████▋  A, B, C, D take             │
      │  ·and      1.19 % ▏            0.16 %              1.19 % ▏            1.19 % ▏                                      │
      │  ·young    1.12 % ▏            0.16 %              1.12 % ▏            1.12 % ▏                                      │
      │  ·sang     1.10 % ▏            0.20 %              1.10 % ▏            1.10 % ▏                                      │
      │  ·sea.     0.94 % ▏            0.21 %              0.94 % ▏            0.94 % ▏                                      │
      │  Once      0.95 % ▏            0.29 %              0.95 % ▏            0.95 % ▏                                      │
      │  ·time     1.05 % ▏            0.41 %              1.05 % ▏            1.05 % ▏                                      │
      │  ·had      0.63 % ▏            0.19 %              0.63 % ▏            0.63 % ▏                                      │
      │  ·girl     0.94 % ▏            0.43 %              0.94 % ▏            0.94 % ▏                                      │
      │  the rest  5.26 %              5.21 %              5.26 %              5.26 %            1–9 of 59                   │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
      ╭─ A  storyteller ─── 7 tok ─╮╭─ B  storyteller-mini ──────╮╭─ C  storyteller ───────────╮╭─ D  storyteller ───────────╮
      │ old young who had the sea. ││ old had who sang by the    ││ Enter lets every side go   ││ Enter lets every side go   │
      │ <|end|>                    ││ sea. <|end|>               ││ on                         ││ on                         │
      │                            ││                            ││                            ││                            │
      │                            ││                            ││                            ││                            │
      │                            ││                            ││                            ││                            │
      │                            ││                            ││                            ││                            │
      │                            ││                            ││                            ││                            │
      │                            ││                            ││                            ││                            │
      │                            ││                            ││                            ││                            │
      ╰────────────────────────────╯╰────────────────────────────╯╰────────────────────────────╯╰────────────────────────────╯
       Enter fork here · ↑↓ choose · Tab pane · n next parting · w widest gap · o order · s sampler      ? help · Ctrl-Q quit
      """)
  }

  @Test func compareInAnEmptyTextAt80() {
    expectScreen(
      CompareStories.player(Size(80, 24), text: "").screen,
      """
       …  Classify   Chat   Tree ┃ Compare ┃ Inside   Train        two sides  ● ready
      ╭─ Text ─────────────────────── 0/512 ─╮╭─ Where they part ────────────────────╮
      │                                      ││ write a text, or press the right     │
      │ Once upon a time, in a village by    ││ arrow for an example                 │
      │ the sea, there lived a poor          ││                                      │
      │ fisherman, who had two sons.         ││                                      │
      │                                      ││                                      │
      │ type, or take the example with →     ││                                      │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
      ╭─ Candidates ─────────────────────────────────────────────────────────────────╮
      │ write a text, or press the right arrow for an example                        │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯
      ╭─ A  storyteller ─────────────────────╮╭─ B  storyteller-mini ────────────────╮
      │ Enter lets every side go on          ││ Enter lets every side go on          │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
       Enter go on · Tab pane · F3 sampler · F2 model           F1 help · Ctrl-Q quit
      """)
  }

  @Test func compareInASCIIAt80() {
    expectScreen(
      player(80, 24).grid(.none, glyphs: .ascii).plainText,
      #"""
       ~  Classify   Chat   Tree | Compare | Inside   Train        two sides  * ready
      +- Text ---------------------- 19/512 -++- Where they part --- 5 of 18 tokens -+
      |                                      || Once upon a time, by the sea, there  |
      | Once upon a time, by the sea, there  || lived an old king who had a girl     |
      | lived an old king who had a girl     || A .-.#..-#-..#------                 |
      |                                      || B ...#...#.-.#..-.--                 |
      |                                      ||   *-****-------------                |
      |                                      || KL(A|B) 6.68  back 5.82 bits         |
      +--------------------------------------++--------------------------------------+
      +- Token 5: , | by difference - A 1.00 bits | B 0.73 bits | 6 of 10 in common -+
      |                    1.11 %  _by      91.94 % ##############  B takes          |
      |    #############  88.25 %  _the      0.47 %                 A takes          |
      |                    0.84 %  _was      0.16 %                                  |
      |                    0.25 %  _sea      0.89 %                                  |
      |                    9.55 %  the rest  6.54 %                 1-4 of 58        |
      +------------------------------------------------------------------------------+
      +- A  storyteller ----- 7 tok | 800/s -++- B  storyteller-mini -------- 8 tok -+
      | old young who had the sea. <|end|>   || old had who sang by the sea. <|end|> |
      |                                      ||                                      |
      |                                      ||                                      |
      |                                      ||                                      |
      |                                      ||                                      |
      +--------------------------------------++--------------------------------------+
       Enter fork here | Tab pane | n next parting               ? help | Ctrl-Q quit
      """#)
  }

  @Test func masksOfTwoModelsAt120() {
    var player = SideEntryStories.player(models: ["cloze"], text: "The capital of [MASK] is [MASK]")
    player.press("tab tab")
    expectScreen(
      player.screen,
      """
        Generate   Fill mask   Translate   Classify   Chat   Tree ┃ Compare ┃ Inside   Train      two sides · seed 7  ● ready
      ╭─ Text ──────────────────────────────── 10 of 256 tokens ─╮╭─ Where they part ────────── 0 of 2 masks · JS 0.00 mean ─╮
      │                                                          ││ The capital of [MASK] is [MASK]                          │
      │ The capital of [MASK] is [MASK]                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││ A                                                        │
      │                                                          ││ B                                                        │
      │                                                          ││   ──                                                     │
      │                                                          ││ KL(A‖B) 0.00  back 0.00  JS 0.00 bits  TV 0.00           │
      ╰──────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
      ╭─ Mask 2 of 2 · by difference ─────────────────────────────────────── A 2.41 bits · B 2.41 bits · 10 of 10 in common ─╮
      │▸                                  <0.01 %  \\x1b     <0.01 %                                                          │
      │                                   <0.01 %  \\x1c     <0.01 %                                                          │
      │                                   <0.01 %  6        <0.01 %                                                          │
      │                                   <0.01 %  D        <0.01 %                                                          │
      │                                   <0.01 %  f        <0.01 %                                                          │
      │                                   <0.01 %  i        <0.01 %                                                          │
      │                                   <0.01 %  s        <0.01 %                                                          │
      │                                   <0.01 %  z        <0.01 %                                                          │
      │                                   <0.01 %  \\x81     <0.01 %                                                          │
      │                                  >99.99 %  the rest>99.99 %                                 1–9 of 40                │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
      ╭─ A  cloze ───────────────────────────────────────────────╮╭─ B  cloze@q8 ────────────────────────────────────────────╮
      │ a masked model fills masks and writes nothing            ││ a masked model fills masks and writes nothing            │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      ╰──────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
       Enter fork here · ↑↓ choose · Tab pane · n next parting · w widest gap · o order · s sampler      ? help · Ctrl-Q quit
      """)
  }

  @Test func masksWithoutColorsAt80() {
    var player = SideEntryStories.player(Size(80, 24), models: ["cloze"], text: "The capital of [MASK] is [MASK]")
    player.press("tab left")
    expectScreen(
      player.grid(.none, glyphs: .ascii).plainText,
      """
       ~  Classify   Chat   Tree | Compare | Inside   Train        two sides  * ready
      +- Text ---------------------- 10/256 -++- Where they part ----- 0 of 2 masks -+
      |                                      || The capital of [MASK] is [MASK]      |
      | The capital of [MASK] is [MASK]      ||                                      |
      |                                      || A                                    |
      |                                      || B                                    |
      |                                      ||   --                                 |
      |                                      || KL(A|B) 0.00  back 0.00 bits         |
      +--------------------------------------++--------------------------------------+
      +- Mask 1 of 2 | by difference --------------------------- 10 of 10 in common -+
      |                   <0.01 %  \\x15     <0.01 %                                  |
      |                   <0.01 %  _        <0.01 %                                  |
      |                   <0.01 %  '        <0.01 %                                  |
      |                   <0.01 %  7        <0.01 %                                  |
      |                  >99.99 %  the rest>99.99 %                 1-4 of 40        |
      +------------------------------------------------------------------------------+
      +- A  cloze ---------------------------++- B  cloze@q8 ------------------------+
      | a masked model fills masks and       || a masked model fills masks and       |
      | writes nothing                       || writes nothing                       |
      |                                      ||                                      |
      |                                      ||                                      |
      |                                      ||                                      |
      +--------------------------------------++--------------------------------------+
       Enter fork here | Tab pane | n next parting               ? help | Ctrl-Q quit
      """)
  }

  @Test func aChangedSideAt80() {
    var player = SideEntryStories.player(Size(80, 24), text: "Once upon a time")
    player.press("tab tab tab tab e")
    player.type("1.0")
    player.press("enter")
    expectScreen(
      player.screen,
      """
       …  Classify   Chat   Tree ┃ Compare ┃ Inside   Train   two sides  B changed  ●
      ╭─ Text ─────────────────────── 4/512 ─╮╭─ Where they part ──── 3 of 3 tokens ─╮
      │                                      ││ Once upon a time▏                    │
      │ Once upon a time                     ││                                      │
      │                                      ││ A ▄▅▄                                │
      │                                      ││ B ▄▄▄                                │
      │                                      ││   ◆◆◆◆                               │
      │                                      ││ KL(A‖B) 6.58  back 5.16 bits         │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
      ╭─ Next token · by difference ─ A 1.88 bits · B 1.88 bits · 3 of 10 in common ─╮
      │     ██████████  78.61 %  ·no           0.25 %               A takes          │
      │                  0.93 %  ·had         78.61 % ██████████    B takes          │
      │                  0.16 %  ·grandmother  1.08 %                                │
      │                  0.20 %  ·man          1.09 %                                │
      │                 20.10 %  the rest     18.97 %               1–4 of 47        │
      ╰──────────────────────────────────────────────────────────────────────────────╯
      ╭─ A  storyteller ─────────────────────╮╭─ B  storyteller@q8 · ablate 1.0 ─────╮
      │ Enter lets every side go on          ││ Enter lets every side go on          │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
       Tab pane · r again · s sampler · m model · + side         ? help · Ctrl-Q quit
      """)
  }

  @Test func aChangedSideAt40() {
    var player = SideEntryStories.player(Size(40, 12), text: "Once upon a time")
    player.press("tab tab tab tab e")
    player.type("1.0")
    player.press("enter")
    expectScreen(
      player.screen,
      """
       Compare     storyteller@q8 B changed ●
      ╭─ Text ─────────────────────── 4/512 ─╮
      │ Once upon a time                     │
      ╰──────────────────────────────────────╯
      ╭─ B  storyteller@q8 · ablate 1.0 ─────╮
      │ Enter lets every side go on          │
      │                                      │
      │                                      │
      ╰──────────────────────────────────────╯
        ·no     A 78.61 % ██▍B  0.25 %
        ·had    A  0.93 %    B 78.61 % ██▍
       Tab pane · r again · s sampler  ? help
      """)
  }

  @Test func aChangeIsTypedAt40() {
    var player = SideEntryStories.player(Size(40, 12), text: "Once upon a time")
    player.press("tab tab tab tab e")
    player.type("scale 1.0=")
    expectScreen(
      player.screen,
      """
       Compare               storyteller@q8 ●
      ╭─ Change of B ─────────────── 1 of 1 ─╮
      │ / scale 1.0=                         │
      │                                      │
      │ ▸ ✗ 3.1, scale 3.ffn=0.5, patch 2:5… │
      │                                      │
      │                                      │
      │                                      │
      │                                      │
      │                                      │
      ╰──────────────────────────────────────╯
       Enter choose · Esc close
      """)
  }

  @Test func translationsOfTwoModelsAt120() {
    var player = SideEntryStories.player(
      models: ["interpreter", "interpreter@q8"], text: "translate English to French: How are you?")
    player.press("enter tab tab")
    expectScreen(
      player.screen,
      """
        Generate   Fill mask   Translate   Classify   Chat   Tree ┃ Compare ┃ Inside   Train      two sides · seed 7  ● ready
      ╭─ Text ─────────────────────────────────────── 10 tokens ─╮╭─ Where they part ────────────────────────────────────────╮
      │                                                          ││ translation models are compared by their beams: Enter    │
      │ translate English to French: How are you?                ││ translates with every side                               │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      ╰──────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
      ╭─ Translations ──────────────────────────────────────────────────────────────── score of each side, the best in bold ─╮
      │                                                                                                          A        B  │
      │▸A  Comment allez-vous aujourd'hui ?                                                                 -0.064   -3.973  │
      │ A  ? allez-vous aujourd'hui ?                                                                       -0.951   -4.078  │
      │ A  English allez-vous aujourd'hui ?                                                                 -0.966   -4.163  │
      │ A  va allez-vous aujourd'hui ?                                                                      -1.032   -4.007  │
      │ B  Comment allez-vous aujourd'hui ?                                                                 -3.973   -0.064  │
      │ B  ? allez-vous aujourd'hui ?                                                                       -4.078   -0.951  │
      │ B  English allez-vous aujourd'hui ?                                                                 -4.163   -0.966  │
      │ B  va allez-vous aujourd'hui ?                                                                      -4.007   -1.032  │
      │                                                                                                                      │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
      ╭─ A  interpreter ─────────────────────────────────────────╮╭─ B  interpreter@q8 ──────────────────────────────────────╮
      │  Comment allez-vous aujourd'hui ?                        ││  Comment allez-vous aujourd'hui ?                        │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      ╰──────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
       Enter fork here · ↑↓ choose · Tab pane · n next parting · w widest gap · o order · s sampler      ? help · Ctrl-Q quit
      """)
  }

  @Test func translationsWithoutColorsAt40() {
    var player = SideEntryStories.player(
      Size(40, 12), models: ["interpreter", "interpreter@q8"], text: "translate English to French: How are you?")
    player.press("enter tab tab")
    expectScreen(
      player.grid(.none, glyphs: .ascii).plainText,
      """
       Compare                  interpreter *
      +- Text ---------------------- 10 tok -+
      | are you?                             |
      +--------------------------------------+
      +- Translations -----------------------+
      |                          A        B  |
      |>A  Comment allez~   -0.064   -3.973  |
      | A  ? allez-vous ~   -0.951   -4.078  |
      +--------------------------------------+
       translation models are compared by
       their beams: Enter translates with~
       Enter fork here                 ? help
      """)
  }
}
