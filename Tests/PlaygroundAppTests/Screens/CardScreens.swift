import Testing

@testable import PlaygroundApp

/// A model's card over the playground, drawn.
@Suite struct CardScreens {
  @Test func at120() {
    var player = Player(120, 36, settings: .steady, catalogue: Cards.models(Cards.story))
    player.press("f2 tab")
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
      │                   ╭─ storyteller ────────────────────────────────────────────────────────────────╮                   │
      │                   │ A GPT-2 of 10.2 million weights (6 layers of 320, 5 heads, context 512),     │                   │
      │                   │ trained from nothing on story books. A first version: it keeps the tone of   │                   │
      │                   │ its books and makes up words.                                                │                   │
      │                   │                                                                              │                   │
      │                   │ data               13 novels and story books, 9 books from Project Gutenberg │                   │
      │                   │ quality, held-out  1.94 bits per byte                                        │                   │
      │                   │ limits             English of the 19th century; no facts, no instructions    │                   │
      │                   │                                                                              │                   │
      │                   │ First words                                                                  │                   │
      │                   │                                                                              │                   │
      │                   │ Once upon a time (むかしむかし), in a village by the sea, there lived an old │                   │
      │                   │ man who had three sons.                                                      │                   │
      │                   │                                                                              │                   │
      │                   │ Opens in transformers as well.                                               │                   │
      │                   ╰──────────────────────────────────────────────────────────────────────────────╯                   │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      ╰──────────────────────────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
       color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less
       Enter choose · Esc close                                                                                   Ctrl-Q quit
      """)
  }

  @Test func at80() {
    var player = Player(80, 24, settings: .steady, catalogue: Cards.models(Cards.story))
    player.press("f2 tab")
    expectScreen(
      player.screen,
      """
      ┃ Generate ┃ Fill mask   Translate   Classify   Chat   …   storyteller  ● ready
      ╭─ storyteller ────────────────────────────────────────────────────────────────╮
      │ A GPT-2 of 10.2 million weights (6 layers of 320, 5 heads, context 512),     │
      │ trained from nothing on story books. A first version: it keeps the tone of   │
      │ its books and makes up words.                                                │
      │                                                                              │
      │ data               13 novels and story books, 9 books from Project Gutenberg │
      │ quality, held-out  1.94 bits per byte                                        │
      │ limits             English of the 19th century; no facts, no instructions    │
      │                                                                              │
      │ First words                                                                  │
      │                                                                              │
      │ Once upon a time (むかしむかし), in a village by the sea, there lived an old │
      │ man who had three sons.                                                      │
      │                                                                              │
      │ Opens in transformers as well.                                               │
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

  @Test func at40() {
    var player = Player(40, 12, settings: .steady, catalogue: Cards.models(Cards.story))
    player.press("f2 tab pagedown")
    expectScreen(
      player.screen,
      """
       Generate                 storyteller ●
      ╭─ storyteller ─────────── 8–15 of 25 ─╮
      │ data               13 novels and     │
      │                    story books, 9    │
      │                    books from        │
      │                    Project Gutenberg │
      │ quality, held-out  1.94 bits per     │
      │                    byte              │
      │ limits             English of the    │
      │                    19th century; no  │
      ╰──────────────────────────────────────╯
       ↑↓ scroll · Enter choose · Esc close
      """)
  }

  @Test func noneAt80() {
    var player = Player(80, 24, settings: .steady, catalogue: Cards.models(nil))
    player.press("f2 tab")
    expectScreen(
      player.screen,
      """
      ┃ Generate ┃ Fill mask   Translate   Classify   Chat   …   storyteller  ● ready
      ╭─ Prompt ───────────────────── 0/512 ─╮╭─ Candidates ─────────────────────────╮
      │                                      ││ nothing to go on from: type a prompt │
      │ Once upon a time, in a village by    ││                                      │
      │ the sea, there lived a               ││                                      │
      │                                      ││                                      │
      │ type, or take the example with →     ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                   ╭─ storyteller ────────────────────────╮                   │
      ╰───────────────────│ no card: the folder has no README.md │───────────────────╯
      ╭─ A  storyteller · ╰──────────────────────────────────────╯────────── seed 7 ─╮
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
       Enter choose · Esc close                                           Ctrl-Q quit
      """)
  }
}
