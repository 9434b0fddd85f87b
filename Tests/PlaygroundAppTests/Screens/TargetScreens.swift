import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The targets of the Fill mask tab, drawn.
@Suite struct TargetScreens {
  @Test func targetsAt120() {
    var player = TargetStories.player()
    player.press("down")
    expectScreen(
      player.screen,
      """
      """)
  }

  @Test func targetsAt80() {
    let player = TargetStories.player(Size(80, 24))
    expectScreen(
      player.screen,
      """
      """)
  }

  @Test func targetsAt40() {
    let player = TargetStories.player(Size(40, 12))
    expectScreen(
      player.screen,
      """
      """)
  }

  @Test func targetsAt40BelowTheMask() {
    var player = TargetStories.player(Size(40, 12))
    player.press("shift-tab")
    expectScreen(
      player.screen,
      """
      """)
  }

  @Test func targetsInColorAt80() {
    var player = TargetStories.player(Size(80, 24))
    player.press("down")
    expectScreen(
      player.grid().coloredText,
      """
      """)
  }

  @Test func targetsWithoutColorsAt80() {
    var player = TargetStories.player(Size(80, 24))
    player.press("down")
    expectScreen(
      player.grid(.none, glyphs: .ascii).plainText,
      """
      """)
  }

  @Test func theLineForTargetsAt80() {
    var player = TargetStories.player(Size(80, 24))
    player.press("T")
    expectScreen(
      player.screen,
      """
      """)
  }

  @Test func twoMasksAndTargetsAt120() {
    var player = TargetStories.player()
    player.press("shift-tab shift-tab")
    player.type(" [MASK]")
    expectScreen(
      player.screen,
      """
      """)
  }

  @Test func wordsAndTargetsAt80() {
    var player = TargetStories.player(Size(80, 24))
    player.press("enter")
    expectScreen(
      player.screen,
      """
      """)
  }
}
