import EngineAPI
import LocalFiles
import PlaygroundApp
import Sessions

/// Saves pictures of the screen in the working folder.
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
      do throws(LocalFilesError) {
        try TextFile.write(svg, to: path)
        mailbox.post(.notice("the screen is saved in \(path)"))
      } catch {
        mailbox.post(.failure(EngineError(error)))
      }
    }
  }
}
