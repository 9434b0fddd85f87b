import EngineAPI
import Synchronization
import Tokenizers

/// The tokenizers that are open, by folder. Reading one is independent of the engine's queue: a prompt is cut into
/// tokens while its model still loads, or while another one computes.
final class TokenizerStore: Sendable {
  /// An open tokenizer.
  struct Entry: Sendable {
    /// The tokenizer.
    let tokenizer: Tokenizer
    /// The text that was tokenized last as a draft.
    fileprivate(set) var draft: TokenizedText?
    /// Identifies this reading of the folder among all of them.
    fileprivate let number: Int
  }

  private struct State {
    var open: [String: Entry] = [:]
    var readings = 0
    /// How often a folder was forgotten.
    var forgotten = 0
  }

  private let state = Mutex(State())

  /// The tokenizer of a folder, read at the first call.
  func tokenizer(folder: String) throws(EngineError) -> Tokenizer { try entry(folder: folder).tokenizer }

  /// The tokenizer of a folder with the draft before.
  func entry(
    folder: String, read: (String) throws(TokenizerError) -> Tokenizer = { try Tokenizer(folder: $0) }
  ) throws(EngineError) -> Entry {
    let (known, forgotten) = state.withLock { ($0.open[folder], $0.forgotten) }
    if let known { return known }
    let tokenizer: Tokenizer
    do throws(TokenizerError) {
      tokenizer = try read(folder)
    } catch {
      throw EngineError(error)
    }
    // Two callers may read the same folder at once; the first one to finish is kept, so that all share one. What was
    // read before the folder was forgotten is not kept: its files may have changed since.
    return state.withLock { state in
      if let earlier = state.open[folder] { return earlier }
      state.readings += 1
      let entry = Entry(tokenizer: tokenizer, number: state.readings)
      if state.forgotten == forgotten { state.open[folder] = entry }
      return entry
    }
  }

  /// Forgets a folder's tokenizer.
  func forget(folder: String) {
    state.withLock {
      $0.open[folder] = nil
      $0.forgotten += 1
    }
  }

  /// Keeps a draft for the next one, unless its tokenizer was forgotten meanwhile.
  func keep(draft: TokenizedText, of entry: Entry, folder: String) {
    state.withLock { if $0.open[folder]?.number == entry.number { $0.open[folder]?.draft = draft } }
  }
}
