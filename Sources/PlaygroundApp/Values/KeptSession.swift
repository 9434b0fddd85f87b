import EngineAPI
import Sessions

/// The session in which the texts of the screen are kept.
public struct KeptSession: Sendable, Hashable {
  /// Whether its file has everything.
  public enum Status: Sendable, Hashable {
    /// There is no file yet, or none at all.
    case none
    /// The file has everything.
    case saved
    /// The file can't be written at the moment: what is new is in memory alone.
    case failing
    /// Another program writes it: what is new is in memory alone.
    case readOnly
  }

  /// Which of the sessions of this run it is: grows with each one that is opened.
  public var number = 0
  /// The name of its file; `nil` if there is none.
  public var name: String?
  /// Whether the file has everything.
  public var status = Status.none
  /// Why the file can't be written at the moment.
  public var problem: String?

  /// A session without a file.
  public init() {}
}

/// What happens to the session files.
public enum SessionEvent: Sendable, Equatable {
  /// The session of this number has a file of this name, which has everything.
  case saved(number: Int, name: String)
  /// The file of the session of this number can't be written now, for this reason.
  case failing(number: Int, reason: String)
  /// The session could not be moved to another file.
  case notMoved(EngineError)
  /// The answer to `.listSessions`, the latest first.
  case listed([SessionSummary])
  /// The answer to `.openSession`. `isReadOnly`: another program writes it.
  case opened(number: Int, name: String, Session, isReadOnly: Bool)
  /// A session that was asked for can't be opened.
  case refused(number: Int, EngineError)
}
