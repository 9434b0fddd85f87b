import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The Chat tab, drawn.
@Suite struct ChatScreens {
  private func player(_ size: Size, _ model: ScriptedModel = ChatStories.talker()) -> Player {
    var player = ChatStories.player(size, model)
    player.type("Why is the sea salty?")
    player.press("enter")
    return player
  }

  @Test func aDialogueAt120() {
    var player = player(Size(120, 36))
    player.type("And why are lakes not salty?")
    player.press("enter tab left left left")
    expectScreen(
      player.screen,
      """
        Generate   Fill mask   Translate   Classify ┃ Chat ┃ Tree   Compare   Inside   Train  talker · 111/512 · f32  ● ready
      ╭─ Chat ─────────────────────────────────────────────────────────────╮╭─ What the model reads ─────────────── v hides ─╮
      │   you    Why is the sea salty?                                     ││ user: Why is the sea salty?<|end|>             │
      │                                                                    ││ assistant: Rain washes tiny bits of salt out   │
      │   talker Rain washes tiny bits of salt out of the rocks, and       ││ of the rocks, and rivers carry them to the     │
      │          rivers carry them to the sea.                             ││ sea.<|end|>                                    │
      │          17 tok · 0.0 s · 800/s · perplexity 1.1                   ││ user: And why are lakes not salty?<|end|>      │
      │                                                                    ││ assistant: Rain washes tiny bits of salt out   │
      │   you    And why are lakes not salty?                              ││ of the rocks, and rivers carry them            │
      │                                                                    ││                                                │
      │ ▸ talker Rain washes tiny bits of salt out of the rocks, and       ││                                                │
      │          rivers carry them to the sea.                             ││                                                │
      │          17 tok · 0.0 s · 800/s · perplexity 1.1                   │╰────────────────────────────────────────────────╯
      │                                                                    │╭─ Answer 2, token 15 ─────── model · 0.73 bits ─╮
      │                                                                    ││    #  token                     prob.     nats │
      │                                                                    ││ ●  1  ·to       ███████████   91.37 %    -0.09 │
      │                                                                    ││ ✗  2  ·out      ▏              1.19 %    -4.43 │
      │                                                                    ││ ✗  3  ·tiny     ▏              1.10 %    -4.51 │
      │                                                                    ││ ✗  4  ·them     ▏              1.10 %    -4.51 │
      │                                                                    ││ ✗  5  ·washes   ▏              1.03 %    -4.58 │
      │                                                                    ││ ✗  6  ·and      ▏              0.97 %    -4.63 │
      │                                                                    ││ ✗  7  ·of       ▏              0.80 %    -4.83 │
      │                                                                    ││ ✗  8  ·salt     ▏              0.56 %    -5.18 │
      │                                                                    ││ ✗  9  ·rivers                  0.39 %    -5.55 │
      │                                                                    ││ ✗ 10  ·carry                   0.37 %    -5.60 │
      │                                                                    ││ ✗ 11  ·rocks,                  0.35 %    -5.66 │
      │                                                                    ││ ✗ 12  ·Rain                    0.20 %    -6.22 │
      │                                                                    ││ ✗ 13  ·sea.                    0.18 %    -6.32 │
      │                                                                    ││                                                │
      │                                                                    ││ 1–13 of 273 · the chain keeps 1 · ✗ removed    │
      ╰────────────────────────────────────────────────────────────────────╯╰────────────────────────────────────────────────╯
      ╭─ You ────────────────────────────────────────────────────────────────────────────────────────────── 0 of 512 tokens ─╮
      │                                                                                                                      │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
       p colors the answers                                         91.37 % · rank 1 · surprise 0.13 bits · entropy 0.73 bits
       Enter go on · Tab pane · ←→ token · c color · r again · e edit · < other answers · n surprise     ? help · Ctrl-Q quit
      """)
  }

  @Test func anEmptyDialogueAt80() {
    let player = ChatStories.player(Size(80, 24), ScriptedModel.bundled[0])
    expectScreen(
      player.screen,
      """
       …  Translate   Classify ┃ Chat ┃ Tree   Compare   Inside   …    storyteller  ●
      ╭─ Chat ───────────────────────────────────────────────────────────────────────╮
      │ Write to storyteller below; Enter sends.                                     │
      │ A line that begins with / is a command: /system /retry /continue /edit /undo │
      │ /new /template /score /save /model /help /quit                               │
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
      ╭─ You ────────────────────────────────────────────────────── 0 of 512 tokens ─╮
      │ Why is the sea salty?                                                        │
      ╰──────────────────────────────────────────────────────────────────────────────╯
       p colors the answers
       Enter send · Tab pane · F3 sampler · F2 model            F1 help · Ctrl-Q quit
      """)
  }

  @Test func aTranscriptAt80() {
    var player = player(Size(80, 24), ChatStories.talker(template: false))
    player.press("tab")
    expectScreen(
      player.screen,
      """
       …  Translate   Classify ┃ Chat ┃ Tree   Compare   Inside   …   talker  ● ready
      ╭─ Chat ─────────────────────────────── transcript: no chat template · 49/512 ─╮
      │   you    Why is the sea salty?                                               │
      │                                                                              │
      │ ▸ talker Rain washes tiny bits of salt out of the rocks, and rivers carry    │
      │          them to the sea.                                                    │
      │          17 tok · 0.0 s · 800/s · perplexity 1.1                             │
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
      ╭─ You ────────────────────────────────────────────────────── 0 of 512 tokens ─╮
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯
       p colors the answers
       Enter go on · Tab pane · ←→ token · c color · r again     ? help · Ctrl-Q quit
      """)
  }

  @Test func underTheWordsAt80() {
    var player = player(Size(80, 24))
    player.press("tab left left tab")
    expectScreen(
      player.screen,
      """
       …  Translate   Classify ┃ Chat ┃ Tree   Compare   Inside   …   talker  ● ready
      ╭─ Chat ────────────────────── 50/512 ─╮╭─ Answer 1, token 16 ───── 0.58 bits ─╮
      │   you                                ││    #  token                    prob. │
      │   Why is the sea salty?              ││▸●  1  ·the      ██████████▎  93.66 % │
      │                                      ││ ✗  2  ·salt     ▏             0.90 % │
      │ ▸ talker                             ││ ✗  3  ·rocks,   ▏             0.78 % │
      │   Rain washes tiny bits of salt out  ││ ✗  4  ·washes   ▏             0.74 % │
      │   of the rocks, and rivers carry     ││ ✗  5  ·of       ▏             0.60 % │
      │   them to the sea.                   ││ ✗  6  ·Rain                   0.56 % │
      │   17 tok · 0.0 s · 800/s             ││ ✗  7  ·rivers                 0.52 % │
      │                                      ││ ✗  8  ·and                    0.40 % │
      │                                      ││ ✗  9  ·sea.                   0.37 % │
      │                                      ││ ✗ 10  ·carry                  0.32 % │
      │                                      ││ ✗ 11  ·to                     0.27 % │
      │                                      ││ ✗ 12  ·them                   0.23 % │
      │                                      ││ ✗ 13  ·bits                   0.22 % │
      │                                      ││                                      │
      │                                      ││ log p -0.07 · ✗ removed              │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
      ╭─ You ────────────────────────────────────────────────────── 0 of 512 tokens ─╮
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯
       p colors the answers               93.66 % · rank 1 · 0.09 bits · entropy 0.58
       Enter take it · Tab pane · ↑↓ candidate · / search        ? help · Ctrl-Q quit
      """)
  }

  @Test func aDialogueAt40() {
    let player = player(Size(40, 12))
    expectScreen(
      player.screen,
      """
       Chat                          talker ●
      ╭─ Chat ────────────────────── 50/512 ─╮
      │   talker                             │
      │   Rain washes tiny bits of salt out  │
      │   of the rocks, and rivers carry     │
      │   them to the sea.                   │
      │   17 tok · 0.0 s · 800/s             │
      ╰──────────────────────────────────────╯
      ╭─ You ──────────────────────── 0/512 ─╮
      │                                      │
      ╰──────────────────────────────────────╯
       Enter send · Tab pane          F1 help
      """)
  }

  @Test func probabilitiesWithoutColors() {
    var player = player(Size(80, 24))
    player.press("tab p")
    expectScreen(
      player.grid(.none).plainText,
      """
       …  Translate   Classify ┃ Chat ┃ Tree   Compare   Inside   …   talker  ● ready
      ╭─ Chat ────────────────────────────────────────────────────────────── 50/512 ─╮
      │   you    Why is the sea salty?                                               │
      │                                                                              │
      │ ▸ talker Rain washes tiny bits of salt out of the rocks, and rivers carry    │
      │          them to the sea.                                                    │
      │          17 tok · 0.0 s · 800/s · perplexity 1.1                             │
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
      ╭─ You ────────────────────────────────────────────────────── 0 of 512 tokens ─╮
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯
       bold: less than 10 %
       Enter go on · Tab pane · ←→ token · c color · r again     ? help · Ctrl-Q quit
      """)
  }
}
