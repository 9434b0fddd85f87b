import EngineAPI
import Models
import Synchronization
import Tokenizers

/// The open tokenizers, by path. They are independent of the engine's queue, so a prompt can be tokenized while its
/// model is being opened or another model computes.
final class TokenizerStore: Sendable {
  /// An open tokenizer.
  struct Entry: Sendable {
    /// The tokenizer.
    let tokenizer: Tokenizer
    /// The draft tokenized last.
    fileprivate(set) var draft: TokenizedText?
    /// Identifies this reading of the files.
    fileprivate let number: Int
  }

  private struct State {
    var open: [String: Entry] = [:]
    var readings = 0
    /// The number of calls of `forget`.
    var forgotten = 0
  }

  private let state = Mutex(State())

  /// The tokenizer of a folder or a GGUF file, read at the first call.
  func tokenizer(path: String) throws(EngineError) -> Tokenizer { try entry(path: path).tokenizer }

  /// The tokenizer of a folder or a GGUF file with its last draft.
  func entry(
    path: String, read: (String) throws(EngineError) -> Tokenizer = { try Tokenizer.open(path: $0) }
  ) throws(EngineError) -> Entry {
    let (known, forgotten) = state.withLock { ($0.open[path], $0.forgotten) }
    if let known { return known }
    let tokenizer = try read(path)
    // If two callers open the same tokenizer concurrently, the first to finish is kept and shared. A tokenizer read
    // before a call of `forget` is not kept, because the files may have changed since.
    return state.withLock { state in
      if let earlier = state.open[path] { return earlier }
      state.readings += 1
      let entry = Entry(tokenizer: tokenizer, number: state.readings)
      if state.forgotten == forgotten { state.open[path] = entry }
      return entry
    }
  }

  /// Forgets the tokenizer of a path.
  func forget(path: String) {
    state.withLock {
      $0.open[path] = nil
      $0.forgotten += 1
    }
  }

  /// Keeps a draft for the next call, unless its tokenizer has been removed meanwhile.
  func keep(draft: TokenizedText, of entry: Entry, path: String) {
    state.withLock { if $0.open[path]?.number == entry.number { $0.open[path]?.draft = draft } }
  }
}

extension Tokenizer {
  /// Opens the tokenizer of a folder, or the one in a GGUF file's metadata.
  static func open(path: String) throws(EngineError) -> Tokenizer {
    let path = AdaptedPath.base(of: path)
    do {
      guard ModelSource.isFile(path), let metadata = try ModelSource(path: path).tokenizerMetadata() else {
        return try Tokenizer(folder: path)
      }
      return try Tokenizer(ggufMetadata: metadata, path: path)
    } catch {
      throw EngineError(any: error)
    }
  }
}
