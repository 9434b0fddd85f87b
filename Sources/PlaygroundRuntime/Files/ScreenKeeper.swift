import EngineAPI
import LocalFiles
import Platform
import PlaygroundApp
import Sessions

/// Saves pictures of the screen in the working folder, and texts where the user wants them.
@MainActor
final class ScreenKeeper {
  private let folder: String
  private let time: @Sendable () -> SessionTime
  private let writer: StateWriter
  private let mailbox: Mailbox

  /// Creates a keeper that saves in a folder.
  init(folder: String, time: @escaping @Sendable () -> SessionTime, writer: StateWriter, mailbox: Mailbox) {
    (self.folder, self.time, self.writer, self.mailbox) = (folder, time, writer, mailbox)
  }

  /// Saves a picture. Its path, or why it could not be saved, is shown on the screen.
  func save(_ svg: String) {
    writer.submit { [folder, time, mailbox] in
      let path = SessionFolder(folder).newPath(time(), words: "triptych", suffix: ".svg")
      Self.write(svg, to: path, notice: "the screen is saved in \(path)", mailbox)
    }
  }

  /// Writes a text to a file; a relative path is one in the working folder.
  func write(_ text: String, to path: String, notice: String) {
    writer.submit { [folder, mailbox] in
      Self.write(text, to: path.hasPrefix("/") ? path : "\(folder)/\(path)", notice: notice, mailbox)
    }
  }

  /// Writes a text to a new file; a relative path is one in the working folder. The text is made off the main actor.
  func export(to path: String, _ text: @escaping @Sendable () -> String) {
    writer.submit { [folder, mailbox] in
      let path = path.hasPrefix("/") ? path : "\(folder)/\(path)"
      guard access(path, F_OK) != 0 else {
        mailbox.post(
          .failure(
            EngineError(
              .usage, "the file exists already", at: path, expected: "the name of a new file",
              found: "a file of this name", hint: "give another name; nothing was written")))
        return
      }
      Self.write(text(), to: path, notice: "exported to \(path)", mailbox)
    }
  }

  private nonisolated static func write(_ text: String, to path: String, notice: String, _ mailbox: Mailbox) {
    do throws(LocalFilesError) {
      try TextFile.write(text, to: path)
      mailbox.post(.notice(notice))
    } catch {
      mailbox.post(.failure(EngineError(error)))
    }
  }
}
