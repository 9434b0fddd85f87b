import LocalFiles
import PlaygroundApp

/// Adds prompts to the history file.
@MainActor
final class HistoryKeeper {
  private let file: HistoryFile?
  private let writer: StateWriter
  private let mailbox: Mailbox

  /// A keeper of a file; without one prompts are forgotten with the session.
  init(_ file: HistoryFile?, writer: StateWriter, mailbox: Mailbox) {
    self.file = file
    self.writer = writer
    self.mailbox = mailbox
  }

  /// Adds a prompt; a failure is told on the screen.
  func append(_ task: TabID, _ prompt: String) {
    guard let file, !prompt.isEmpty else { return }
    writer.submit { [mailbox] in
      do {
        try file.append(HistoryFile.Entry(task: task.rawValue, prompt: prompt))
      } catch {
        mailbox.post(.notice("The history is not kept: \(error)"))
      }
    }
  }
}
