import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// A translation that is translated back, drawn.
@Suite struct WayBackScreens {
  @Test func backAt120() {
    let player = WayBackStories.player()
    expectScreen(
      player.screen,
      """
      """)
  }

  @Test func backAt80() {
    let player = WayBackStories.player(Size(80, 24))
    expectScreen(
      player.screen,
      """
      """)
  }

  @Test func backAt40() {
    let player = WayBackStories.player(Size(40, 12))
    expectScreen(
      player.screen,
      """
      """)
  }

  @Test func backZoomedAt40() {
    var player = WayBackStories.player(Size(40, 12))
    player.press("z")
    expectScreen(
      player.screen,
      """
      """)
  }

  @Test func backInColorAt80() {
    let player = WayBackStories.player(Size(80, 24))
    expectScreen(
      player.grid().coloredText,
      """
      """)
  }

  @Test func backWithoutColorsAt80() {
    let player = WayBackStories.player(Size(80, 24))
    expectScreen(
      player.grid(.none, glyphs: .ascii).plainText,
      """
      """)
  }
}
