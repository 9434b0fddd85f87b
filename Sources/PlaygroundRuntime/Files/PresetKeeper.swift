import EngineAPI
import LocalFiles
import PlaygroundApp

/// Saves sampler settings in the configuration file.
@MainActor
final class PresetKeeper {
  private let file: String?
  private let writer: StateWriter
  private let mailbox: Mailbox

  /// Creates a keeper for a file; `nil` if there is no folder for it.
  init(file: String?, writer: StateWriter, mailbox: Mailbox) {
    (self.file, self.writer, self.mailbox) = (file, writer, mailbox)
  }

  /// Saves settings under their name. The answer says so, or why they could not be saved.
  func save(_ preset: SamplerPreset) {
    writer.submit { [file, mailbox] in
      do throws(EngineError) {
        guard let file else { throw EngineError(LocalFilesError.noHome(purpose: "the configuration")) }
        try ConfigurationFile.save(preset, to: file, tabs: TabID.allCases.map(\.rawValue))
        mailbox.post(.presetSaved(preset))
      } catch {
        mailbox.post(.failure(error))
      }
    }
  }
}
