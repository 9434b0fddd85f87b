import EngineAPI
import Synchronization
import Tokenizers

/// The open tokenizers, by folder. They are independent of the engine's queue, so a prompt can be tokenized while its
/// model is being opened or another model computes.
final class TokenizerStore: Sendable {
  /// An open tokenizer.
  struct Entry: Sendable {
    /// The tokenizer.
    let tokenizer: Tokenizer
    /// The draft tokenized last.
    fileprivate(set) var draft: TokenizedText?
    /// The number of this reading of a folder.
    fileprivate let number: Int
  }

  private struct State {
    var open: [String: Entry] = [:]
    var readings = 0
    /// The number of calls of `forget`.
    var forgotten = 0
  }

  private let state = Mutex(State())

  /// The tokenizer of a folder; read at the first call.
  func tokenizer(folder: String) throws(EngineError) -> Tokenizer { try entry(folder: folder).tokenizer }

  /// The tokenizer of a folder with its last draft.
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
    // Two callers may read the same folder at once. The first result is kept, so that all share it. A tokenizer whose
    // reading began before `forget` is not kept, because its files may have changed.
    return state.withLock { state in
      if let earlier = state.open[folder] { return earlier }
      state.readings += 1
      let entry = Entry(tokenizer: tokenizer, number: state.readings)
      if state.forgotten == forgotten { state.open[folder] = entry }
      return entry
    }
  }

  /// Removes a folder's tokenizer.
  func forget(folder: String) {
    state.withLock {
      $0.open[folder] = nil
      $0.forgotten += 1
    }
  }

  /// Keeps a draft for the next call, unless its tokenizer has been removed meanwhile.
  func keep(draft: TokenizedText, of entry: Entry, folder: String) {
    state.withLock { if $0.open[folder]?.number == entry.number { $0.open[folder]?.draft = draft } }
  }
}
