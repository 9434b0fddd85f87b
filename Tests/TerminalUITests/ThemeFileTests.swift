import Foundation
import TestSupport
import Testing

@testable import TerminalUI

@Suite("The theme files")
struct ThemeFileTests {
  /// The path of the folder `themes`.
  static let folder = URL(fileURLWithPath: Fixtures.folder).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("themes").path

  static let names: [String] = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
    .filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()

  /// Reads a bundled theme by name.
  static func theme(_ name: String) throws -> Theme {
    let path = ThemeFileTests.folder + "/" + name + ".yaml"
    return try Theme(yaml: Array(Data(contentsOf: URL(fileURLWithPath: path))), name: name, file: path)
  }

  @Test("All documented themes are bundled")
  func promised() {
    for name in ["triptych-dark", "triptych-light", "high-contrast", "color-blind", "monochrome"] {
      #expect(ThemeFileTests.names.contains(name))
    }
  }

  @Test("The built-in theme equals its file")
  func standard() throws {
    #expect(try ThemeFileTests.theme("triptych-dark") == Theme.standard)
  }

  @Test("Every role is readable on every background", arguments: names)
  func contrast(_ name: String) throws {
    let theme = try ThemeFileTests.theme(name)
    let ground = theme.color(.background)
    #expect(theme.color(.text).contrast(to: ground) >= 4.5)
    #expect(theme.color(.title).contrast(to: ground) >= 4.5)
    let weaker: [Role] = [
      .dim, .accent, .heading, .key, .error, .warning, .success, .focusedBorder, .streamA, .streamB, .streamC, .streamD,
    ]
    for role in weaker { #expect(theme.color(role).contrast(to: ground) >= 4.5, "\(role)") }
    for role in [Role.selection, .cursor, .panel, .tokenShade] {
      #expect(theme.color(.text).contrast(to: theme.color(role)) >= 4.5, "text on \(role)")
      let painted = theme.paint(Style(.dim, on: role), depth: .trueColor)
      guard case .rgb(let text) = painted.foreground, case .rgb(let under) = painted.background else {
        Issue.record("no colors")
        continue
      }
      #expect(text.contrast(to: under) >= 4.5, "dim on \(role)")
    }
  }

  @Test("Roles that must be distinguishable have different colors", arguments: names)
  func distinct(_ name: String) throws {
    let theme = try ThemeFileTests.theme(name)
    #expect(theme.color(.border) != theme.color(.focusedBorder))
    #expect(theme.color(.selection) != theme.color(.background))
    #expect(theme.color(.tokenShade) != theme.color(.background))
    #expect(theme.color(.error) != theme.color(.success) || theme.isBold(.error))
    #expect(theme.isDark == !["triptych-light", "parchment", "glacier"].contains(name))
    #expect(!theme.author.isEmpty)
    #expect(theme.title != name)
  }

  @Test("With 256 colors, text and background colors differ", arguments: names)
  func indexed(_ name: String) throws {
    let theme = try ThemeFileTests.theme(name)
    for role in [Role.text, .dim, .accent, .error, .heat(0), .heat(128), .heat(255)] {
      for ground in [Role.background, .selection, .cursor, .panel, .tokenShade] {
        let paint = theme.paint(Style(role, on: ground), depth: .indexed256)
        guard case .indexed(let text) = paint.foreground, case .indexed(let under) = paint.background else {
          Issue.record("no colors")
          continue
        }
        let contrast = XtermPalette.color(text).contrast(to: XtermPalette.color(under))
        #expect(contrast >= 4.5, "\(role) on \(ground)")
      }
    }
  }

  @Test("The color-blind theme distinguishes error and success without red and green")
  func colorBlind() throws {
    let theme = try ThemeFileTests.theme("color-blind")
    for blindness in ColorBlindness.allCases {
      let (one, other) = (blindness.seen(theme.color(.error)), blindness.seen(theme.color(.success)))
      #expect(one.squaredDistance(to: other).squareRoot() > 0.1, "\(blindness)")
    }
  }
}
