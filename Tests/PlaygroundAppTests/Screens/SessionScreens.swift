import EngineAPI
import ScriptedSupport
import Sessions
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The list of sessions, drawn.
@Suite struct SessionScreens {
  private func sessions(_ width: Int, _ height: Int) -> Player {
    var player = Player(width, height)
    let model = ModelReference("storyteller")
    player.sessions = [
      SessionSummary(
        path: "/s/2026-11-28-1803-once-upon-a-time", created: "2026-11-28T18:03:00Z", models: [model],
        texts: [
          .init(prompt: "Once upon a time", made: " there was a little girl, who had no father and no mother."),
          .init(prompt: "Once upon a time", made: " there lived a king, and he had three sons."),
        ]),
      SessionSummary(
        path: "/s/2026-11-27-0912-how-are-you", created: "2026-11-27T09:12:00Z",
        models: [ModelReference("interpreter")],
        texts: [.init(prompt: "How are you?", made: "Comment allez-vous ?", isSource: true)]),
      SessionSummary(
        path: "/s/tale", created: nil, models: [model, ModelReference("./qwen3", format: .q8)],
        texts: [.init(prompt: "The sea was dark,", made: " and the wolf slept.")]),
    ]
    player.press("ctrl-o")
    return player
  }

  @Test func sessionsAt120() {
    let player = sessions(120, 36)
    expectScreen(
      player.screen,
      """
      ┃ Generate ┃ Fill mask   Translate   Classify   Chat   Tree   Compare   Inside   Train       storyteller · f32  ● ready
      ╭─ Prompt ─────────────────────────────── 0 of 512 tokens ─╮╭─ Candidates ─────────────────────────────────────────────╮
      │                                                          ││ nothing to go on from: type a prompt                     │
      │ Once upon a time, in a village by the sea, there lived a ││                                                          │
      │       ╭─ Sessions ────────────────────────────────────────────────────────────────────────────────── 1 of 3 ─╮       │
      │ type, │ / words of a name, a model or a text                                                                 │       │
      ╰───────│                                                                                                      │       │
      ╭─ A  st│ ▸ 2026-11-28-1803-once-upon-a-time                    2026-11-28T18:03:00Z                           │       │
      │ Enter │   2026-11-27-0912-how-are-you                         storyteller                                    │       │
      │       │   tale                                                                                               │       │
      │       │                                                       Once upon a time there was a little girl, who  │       │
      │       │                                                       had no father and no mother.                   │       │
      │       │                                                                                                      │       │
      │       │                                                       Once upon a time there lived a king, and he    │       │
      │       │                                                       had three sons.                                │       │
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
      │       │                                                                                                      │       │
      │       ╰──────────────────────────────────────────────────────────────────────────────────────────────────────╯       │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      ╰──────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       Enter choose · Ctrl-X remove · Esc close                                                                   Ctrl-Q quit
      """)
  }

  @Test func sessionsAt80() {
    var player = sessions(80, 24)
    player.press("down ctrl-x")
    expectScreen(
      player.screen,
      """
      ┃ Generate ┃ Fill mask   Translate   Classify   Chat   …   storyteller  ● ready
      ╭─ Sessions ────────────────────────────────────────────────────────── 2 of 3 ─╮
      │ / words of a name, a model or a text                                         │
      │                                                                              │
      │   2026-11-28-1803-once-upon-a-time        2026-11-27T09:12:00Z               │
      │ ▸ 2026-11-27-0912-how-are-you             interpreter                        │
      │   tale                                                                       │
      │                                           How are you?                       │
      │                                           Comment allez-vous ?               │
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
       Ctrl-X again removes 2026-11-27-0912-how-are-you for good
      """)
  }

  @Test func sessionsAt40() {
    var player = sessions(40, 12)
    player.type("sea")
    expectScreen(
      player.screen,
      """
       Generate                 storyteller ●
      ╭─ Sessions ────────────────── 1 of 1 ─╮
      │ / sea                                │
      │                                      │
      │ ▸ tale                               │
      │                                      │
      │                                      │
      │                                      │
      │ The sea was dark, and the wolf       │
      │ slept.                               │
      ╰──────────────────────────────────────╯
       Enter choose · Ctrl-X remove
      """)
  }
}
