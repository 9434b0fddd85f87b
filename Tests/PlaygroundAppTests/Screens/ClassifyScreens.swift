import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The Classify tab, drawn.
@Suite struct ClassifyScreens {
  private static let text = "A dull film, but the actors are kind and the end is a joy."

  @Test func labelsAt120() {
    var player = ClassifyStories.player(Size(120, 36), "mood", text: Self.text)
    player.press("tab tab tab down")
    expectScreen(
      player.screen,
      """
        Generate   Fill mask   Translate ┃ Classify ┃ Chat   Tree   Compare   Inside   Train      mood · f32 · 4.4 M  ● ready
      ╭─ Text ──────────────────────────────── 45 of 512 tokens ─╮╭─ Labels ───────────────────────────────────────────── 2 ─╮
      │                                                          ││  label                                    prob.    logit │
      │ A dull film, but the actors are kind and the end is a    ││▸ good ███████████████████████████████   97.07 %     1.75 │
      │ joy.                                                     ││  bad  █                                  2.93 %    -1.75 │
      │                                                          ││                                                          │
      ╰──────────────────────────────────────────────────────────╯│                                                          │
      ╭─ What each word does to good ─────────────────── points ─╮╰──────────────────────────────────────────────────────────╯
      │ A dull film, but the actors are kind and the end is a    │╭─ Words ───────────────────────────────────────────── 14 ─╮
      │   -3                            +35                      ││  word                                             change │
      │ joy.                                                     ││  joy                       ███████████████████    +59.31 │
      │ +59                                                      ││▸ kind                      ███████████▏           +34.82 │
      │                                                          ││  dull                     █                        -2.84 │
      │                                                          ││  A                                                  0.00 │
      │                                                          ││  film                                               0.00 │
      │                                                          ││  but                                                0.00 │
      │                                                          ││  the                                                0.00 │
      │                                                          ││  actors                                             0.00 │
      │                                                          ││  are                                                0.00 │
      │                                                          ││  and                                                0.00 │
      │                                                          ││  the                                                0.00 │
      │                                                          ││  end                                                0.00 │
      │                                                          ││  is                                                 0.00 │
      │                                                          ││  a                                                  0.00 │
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
       ↑↓ choose · Tab pane · m model · z zoom · Ctrl-P actions · x example                              ? help · Ctrl-Q quit
      """)
  }

  @Test func labelsAt80() {
    var player = ClassifyStories.player(Size(80, 24), "mood", text: Self.text)
    player.press("enter")
    expectScreen(
      player.screen,
      """
       …  Fill mask   Translate ┃ Classify ┃ Chat   Tree   …      mood · f32  ● ready
      ╭─ Text ────────────────────── 45/512 ─╮╭─ Labels ───────────────────────── 2 ─╮
      │                                      ││  label                         prob. │
      │ A dull film, but the actors are      ││▸ good ████████████████████▍  97.07 % │
      │ kind and the end is a joy.           ││  bad  ▋                       2.93 % │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
      ╭─ What each word does to good ────────╮╭─ Words ───────────────────────── 14 ─╮
      │ A dull film, but the actors are kind ││  word                         change │
      │   -3                            +35  ││  joy             █████████    +59.31 │
      │ and the end is a joy.                ││  kind            █████▎       +34.82 │
      │                  +59                 ││  dull           █              -2.84 │
      │                                      ││  A                              0.00 │
      │                                      ││  film                           0.00 │
      │                                      ││  but                            0.00 │
      │                                      ││  the                            0.00 │
      │                                      ││  actors                         0.00 │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
       ↑↓ choose · Tab pane · m model · z zoom · Ctrl-P actions  ? help · Ctrl-Q quit
      """)
  }

  @Test func labelsAt40() {
    var player = ClassifyStories.player(Size(40, 12), "mood", text: Self.text)
    player.press("enter")
    expectScreen(
      player.screen,
      """
       Classify                        mood ●
      ╭─ Text ────────────────────── 45/512 ─╮
      │ kind and the end is a joy.           │
      ╰──────────────────────────────────────╯
      ╭─ Labels ───────────────────────── 2 ─╮
      │  label                         prob. │
      │▸ good ████████████████████▍  97.07 % │
      │  bad  ▋                       2.93 % │
      ╰──────────────────────────────────────╯
       A dull film, but the actors are kind
         -3                            +35
       ↑↓ choose · Tab pane · m model  ? help
      """)
  }

  @Test func labelsWithoutColor() {
    var player = ClassifyStories.player(Size(80, 24), "mood", text: Self.text)
    player.press("tab tab")
    expectScreen(
      player.grid(.none).plainText,
      """
       …  Fill mask   Translate ┃ Classify ┃ Chat   Tree   …      mood · f32  ● ready
      ╭─ Text ────────────────────── 45/512 ─╮╭─ Labels ───────────────────────── 2 ─╮
      │                                      ││  label                         prob. │
      │ A dull film, but the actors are      ││▸ good ████████████████████▍  97.07 % │
      │ kind and the end is a joy.           ││  bad  ▋                       2.93 % │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
      ╭─ What each word does to good ────────╮╭─ Words ───────────────────────── 14 ─╮
      │ A dull film, but the actors are kind ││  word                         change │
      │   -3                            +35  ││  joy             █████████    +59.31 │
      │ and the end is a joy.                ││  kind            █████▎       +34.82 │
      │                  +59                 ││  dull           █              -2.84 │
      │                                      ││  A                              0.00 │
      │                                      ││  film                           0.00 │
      │                                      ││  but                            0.00 │
      │                                      ││  the                            0.00 │
      │                                      ││  actors                         0.00 │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
       ↑↓ choose · Tab pane · m model · z zoom · Ctrl-P actions  ? help · Ctrl-Q quit
      """)
  }

  @Test func entitiesAt120() {
    var player = ClassifyStories.player(Size(120, 36), "names", text: "Hans lives in Berlin and Anna in Rome.")
    player.press("tab down")
    expectScreen(
      player.screen,
      """
        Generate   Fill mask   Translate ┃ Classify ┃ Chat   Tree   Compare   Inside   Train   names · labels tokens  ● ready
      ╭─ Text ──────────────────────────────── 30 of 512 tokens ─╮╭─ Entities ─────────────────────────────────────────── 4 ─╮
      │                                                          ││  entity                                            score │
      │ Hans lives in Berlin and Anna in Rome.                   ││  NAME  Hans   ████████████████████████▊          75.00 % │
      │                                                          ││▸ NAME  Berlin ████████████████████████▊          75.00 % │
      │                                                          ││  NAME  Anna   ████████████████████████▊          75.00 % │
      ╰──────────────────────────────────────────────────────────╯│  NAME  Rome.  ████████████████████████▊          75.00 % │
      ╭─ Entities in the text ───────────────────────────────────╮│                                                          │
      │ Hans lives in Berlin and Anna in Rome.                   ││                                                          │
      │ NAME 75 %     NAME 75 %  75 %    NAME 75 %               ││                                                          │
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
       ↑↓ choose · Tab pane · m model · z zoom · Ctrl-P actions · x example                              ? help · Ctrl-Q quit
      """)
  }

  @Test func entitiesAt80() {
    var player = ClassifyStories.player(Size(80, 24), "names", text: "Hans lives in Berlin and Anna in Rome.")
    player.press("tab")
    expectScreen(
      player.screen,
      """
       …  Fill mask   Translate ┃ Classify ┃ Chat   Tree   …           names  ● ready
      ╭─ Text ────────────────────── 30/512 ─╮╭─ Entities ─────────────────────── 4 ─╮
      │                                      ││  entity                        score │
      │ Hans lives in Berlin and Anna in     ││▸ NAME  Hans   █████████▊     75.00 % │
      │ Rome.                                ││  NAME  Berlin █████████▊     75.00 % │
      │                                      ││  NAME  Anna   █████████▊     75.00 % │
      │                                      ││  NAME  Rome.  █████████▊     75.00 % │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
      ╭─ Entities in the text ───────────────────────────────────────────────────────╮
      │ Hans lives in Berlin and Anna in Rome.                                       │
      │ NAME 75 %     NAME 75 %  75 %    NAME 75 %                                   │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯
       ↑↓ choose · Tab pane · m model · z zoom · Ctrl-P actions  ? help · Ctrl-Q quit
      """)
  }

  @Test func entitiesAt40() {
    var player = ClassifyStories.player(Size(40, 12), "names", text: "Hans lives in Berlin and Anna in Rome.")
    player.press("tab tab")
    expectScreen(
      player.screen,
      """
       Classify                       names ●
      ╭─ Text ────────────────────── 30/512 ─╮
      │ Rome.                                │
      ╰──────────────────────────────────────╯
      ╭─ Entities in the text ───────────────╮
      │ Hans lives in Berlin and Anna in     │
      │ NAME 75 %     NAME 75 %  NAME 75 %   │
      │                                      │
      ╰──────────────────────────────────────╯
        NAME  Hans   ███████████▎     75.00 %
        NAME  Berlin ███████████▎     75.00 %
       ↑↓ choose · Tab pane · m model  ? help
      """)
  }

  @Test func noModelAt80() {
    var player = ClassifyStories.player(Size(80, 24), nil, text: "A text")
    player.press("tab")
    expectScreen(
      player.screen,
      """
       …  Fill mask   Translate ┃ Classify ┃ Chat   Tree   …               no model ○
      ╭─ Text ───────────────────────────────╮╭─ Labels ─────────────────────────────╮
      │                                      ││ no classifier is open: F2 chooses    │
      │ A text                               ││ one of 2 that were found             │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
      ╭─ What each word does ────────────────╮╭─ Words ──────────────────────────────╮
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      │                                      ││                                      │
      ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
       ↑↓ choose · Tab pane · m model · z zoom · Ctrl-P actions  ? help · Ctrl-Q quit
      """)
  }
}
