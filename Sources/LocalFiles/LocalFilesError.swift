import EngineAPI
import JSONText
import Terms

/// Why a file or folder could not be found, read or written.
public enum LocalFilesError: ExplainedError, Equatable {
  /// A file or folder could not be opened or read; `reason` is the system's error.
  case unreadable(path: String, reason: SystemReason)
  /// A file could not be written; `reason` is the system's error.
  case unwritable(path: String, reason: SystemReason)
  /// A file exceeds its size limit.
  case tooLarge(path: String, limit: Int)
  /// A file is not UTF-8; `offset` is the first wrong byte.
  case notUTF8(path: String, offset: Int)
  /// The reference names no bundled model and no folder.
  case modelNotFound(name: String, suggestions: [String], bundled: [String])
  /// A store of another program has no model of this name.
  case notInStore(name: String, store: String, roots: [String], suggestions: [String])
  /// A model in a store can't be opened, for example because its download is incomplete.
  case notComplete(name: String, path: String, reason: String)
  /// The path exists but is not a model folder.
  case notAModelFolder(path: String, found: String, hint: String?)
  /// No theme has this name.
  case themeNotFound(name: String, suggestions: [String], known: [String])
  /// No folder for the user's files is known, because the home is unknown.
  case noHome(purpose: String)

  /// The parts of the sentence.
  public var facts: ErrorFacts {
    switch self {
    case .unreadable(let path, let reason):
      ErrorFacts("cannot read", at: path, expected: "a readable file", found: "\(reason)")
    case .unwritable(let path, let reason):
      ErrorFacts("cannot write", at: path, expected: "a place that can be written to", found: "\(reason)")
    case .tooLarge(let path, let limit):
      ErrorFacts("the file is too large", at: path, expected: "at most \(limit) bytes", found: "more")
    case .notUTF8(let path, let offset):
      ErrorFacts("the file is not text", at: path, expected: "UTF-8", found: "a bad byte at offset \(offset)")
    case .modelNotFound(let name, _, let bundled):
      ErrorFacts(
        "no such model", at: Quoted(name).description,
        expected: "a folder, a GGUF file or a bundled name (\(Quoted.oneOf(bundled)))", found: "none of them")
    case .notInStore(let name, let store, let roots, _):
      ErrorFacts(
        "no such model", at: Quoted(name).description,
        expected: "a model in \(store) (\(Quoted.oneOf(roots)))", found: "none of that name")
    case .notComplete(let name, let path, let reason):
      ErrorFacts(
        "cannot open the model", at: Quoted(name).description, expected: "complete files at \(path)", found: reason)
    case .notAModelFolder(let path, let found, _):
      ErrorFacts("no model to open", at: path, expected: "a folder with config.json, or a GGUF file", found: found)
    case .themeNotFound(let name, _, let known):
      ErrorFacts(
        "no such theme", at: Quoted(name).description, expected: Quoted.oneOf(known), found: "none of that name")
    case .noHome(let purpose):
      ErrorFacts("no folder for \(purpose)", at: "HOME", expected: "an absolute path", found: "none")
    }
  }

  /// A file could not be written: the reason is that of this thread's last failed call.
  public static func unwritable(_ path: String) -> LocalFilesError { .unwritable(path: path, reason: .last) }

  /// A file could not be made, because something is at its path.
  public static func taken(_ path: String) -> LocalFilesError {
    .unwritable(path: path, reason: .taken)
  }

  /// Advice for the user.
  public var hint: String? {
    switch self {
    case .unreadable(_, let reason): reason.hint(.reading)
    case .unwritable(_, let reason): reason.hint(.writing)
    case .tooLarge: nil
    case .notUTF8: "save the file as UTF-8"
    case .modelNotFound(_, let suggestions, _), .themeNotFound(_, let suggestions, _),
      .notInStore(_, _, _, let suggestions):
      suggestions.isEmpty ? nil : "did you mean \(suggestions.joined(separator: " or "))?"
    case .notAModelFolder(_, _, let hint): hint
    case .notComplete: "download it again with the program that it came from; 'triptych models' lists what is there"
    case .noHome: "set HOME or the XDG folders"
    }
  }
}

extension LocalFilesError {
  /// Converts an error of reading bytes.
  init(_ error: JSONError, path: String, limit: Int) {
    switch error {
    case .unreadable(_, let reason): self = .unreadable(path: path, reason: reason)
    case .tooLarge: self = .tooLarge(path: path, limit: limit)
    case .tooDeep, .malformed: self = .unreadable(path: path, reason: SystemReason(error.description))
    }
  }
}

/// External text in a message: on one line, with a limited length.
struct Quoted: CustomStringConvertible {
  let text: String

  init(_ text: String) { self.text = text }

  /// The text in quotes.
  var description: String { "\"\(Quoted.plain(text))\"" }

  /// The text without quotes.
  static func plain(_ text: String) -> String {
    var shown = ""
    for scalar in text.unicodeScalars.prefix(60) {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: shown += "\\u{\(String(scalar.value, radix: 16))}"
      default: shown.unicodeScalars.append(scalar)
      }
    }
    return shown + (text.unicodeScalars.dropFirst(60).isEmpty ? "" : "…")
  }

  /// `a, b or c`; a long list is shortened, an empty one is `none`.
  static func oneOf(_ words: [String]) -> String {
    guard let last = words.last else { return "none" }
    if words.count > 16 { return words.prefix(12).joined(separator: ", ") + " or \(words.count - 12) others" }
    return words.count == 1 ? last : words.dropLast().joined(separator: ", ") + " or " + last
  }
}

/// Suggestions for misspelled names.
public enum Spelling {
  /// The names nearest to a misspelled one, best first, at most `count`: those within an edit distance of a third of
  /// its length.
  ///
  /// Case is ignored, and a name that starts with what was written counts as one edit away. Quadratic in the names'
  /// length; names longer than 64 characters get no suggestions.
  public static func nearest(to name: String, among names: [String], count: Int = 2) -> [String] {
    let written = Array(name.lowercased())
    guard !written.isEmpty, written.count <= 64 else { return [] }
    let allowed = max(1, written.count / 3)
    let near = names.compactMap { candidate -> (name: String, distance: Int)? in
      let other = Array(candidate.lowercased())
      if written.count >= 2, other.starts(with: written) { return (candidate, 1) }
      guard other.count <= 64, abs(other.count - written.count) <= allowed else { return nil }
      let distance = edits(written, other)
      return distance <= allowed ? (candidate, distance) : nil
    }
    return near.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(count).map(\.name)
  }

  /// The number of insertions, deletions, substitutions and swaps of neighbors that turn one text into the other
  /// (optimal string alignment distance).
  public static func edits(_ a: [Character], _ b: [Character]) -> Int {
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var best = min(row[j] + 1, last[j + 1] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, beforeLast[j - 1] + 1) }
        row.append(best)
      }
      (beforeLast, last) = (last, row)
    }
    return last[b.count]
  }
}

extension EngineError {
  /// Converts the error, for front ends that show both kinds.
  public init(_ error: LocalFilesError) {
    let kind: Kind =
      switch error {
      case .modelNotFound, .notInStore, .notComplete, .notAModelFolder: .model
      case .themeNotFound: .usage
      case .unreadable, .unwritable, .tooLarge, .notUTF8, .noHome: .resources
      }
    self.init(kind, error.explanation)
  }

  /// Converts a problem of the configuration file.
  public init(_ problem: ConfigurationProblem) {
    self.init(.usage, problem.explanation)
  }
}
