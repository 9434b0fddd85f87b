import EngineAPI
import Synchronization
import Tokenizers

/// The tokenizers that are open, by folder. Reading one is independent of the engine's queue: a prompt is cut into
/// tokens while its model still loads, or while another one computes.
final class TokenizerStore: Sendable {
  private let open = Mutex<[String: Tokenizer]>([:])
  /// The text that was tokenized last as a draft, by folder.
  private let drafts = Mutex<[String: TokenizedText]>([:])

  /// The tokenizer of a folder, read at the first call.
  func tokenizer(folder: String) throws(EngineError) -> Tokenizer {
    if let known = open.withLock({ $0[folder] }) { return known }
    do {
      let tokenizer = try Tokenizer(folder: folder)
      // Two callers may read the same folder at once; the first one to finish is kept, so that all share one.
      return open.withLock { table in
        if let earlier = table[folder] { return earlier }
        table[folder] = tokenizer
        return tokenizer
      }
    } catch {
      throw EngineError(error)
    }
  }

  /// Forgets a folder's tokenizer.
  func forget(folder: String) {
    open.withLock { $0[folder] = nil }
    drafts.withLock { $0[folder] = nil }
  }

  /// The draft before.
  func draft(folder: String) -> TokenizedText? { drafts.withLock { $0[folder] } }

  /// Keeps a draft for the next one.
  func keep(draft: TokenizedText, folder: String) { drafts.withLock { $0[folder] = draft } }
}
