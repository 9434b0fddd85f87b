import JSONText

/// Why a file or folder could not be found, read or written.
public enum LocalFilesError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A file or folder could not be opened or read; `reason` is the system's word for it.
  case unreadable(path: String, reason: String)
  /// A file could not be written; `reason` is the system's word for it.
  case unwritable(path: String, reason: String)
  /// A file has more bytes than it may have.
  case tooLarge(path: String, limit: Int)
  /// A file is not UTF-8 from this byte on.
  case notUTF8(path: String, offset: Int)
  /// The reference names no bundled model and no folder.
  case modelNotFound(name: String, suggestions: [String], bundled: [String])
  /// The path exists, but no model can be opened there.
  case notAModelFolder(path: String, found: String, hint: String?)
  /// No theme has this name.
  case themeNotFound(name: String, suggestions: [String], known: [String])
  /// There is no folder to keep the user's files in: no home is known.
  case noHome(purpose: String)

  /// One sentence: `WHAT, WHERE: EXPECTED, FOUND`.
  public var description: String { facts.sentence }

  var facts: Facts {
    switch self {
    case .unreadable(let path, let reason):
      Facts("cannot read", at: path, expected: "a readable file", found: reason)
    case .unwritable(let path, let reason):
      Facts("cannot write", at: path, expected: "a place that can be written to", found: reason)
    case .tooLarge(let path, let limit):
      Facts("the file is too large", at: path, expected: "at most \(limit) bytes", found: "more")
    case .notUTF8(let path, let offset):
      Facts("the file is not text", at: path, expected: "UTF-8", found: "a bad byte at offset \(offset)")
    case .modelNotFound(let name, _, let bundled):
      Facts(
        "no such model", at: Quoted(name).description,
        expected: "a folder or a bundled name (\(Quoted.oneOf(bundled)))", found: "neither")
    case .notAModelFolder(let path, let found, _):
      Facts("no model to open", at: path, expected: "a folder with config.json", found: found)
    case .themeNotFound(let name, _, let known):
      Facts("no such theme", at: Quoted(name).description, expected: Quoted.oneOf(known), found: "none of that name")
    case .noHome(let purpose):
      Facts("no folder for \(purpose)", at: "HOME", expected: "an absolute path", found: "none")
    }
  }

  /// What a person can do about it.
  public var hint: String? {
    switch self {
    case .unreadable, .unwritable: "check the path and its permissions"
    case .tooLarge: nil
    case .notUTF8: "save the file as UTF-8"
    case .modelNotFound(_, let suggestions, _), .themeNotFound(_, let suggestions, _):
      suggestions.isEmpty ? nil : "did you mean \(suggestions.joined(separator: " or "))?"
    case .notAModelFolder(_, _, let hint): hint
    case .noHome: "set HOME or the XDG folders"
    }
  }
}

extension LocalFilesError {
  /// What reading a file's bytes says, in this module's words.
  init(_ error: JSONError, path: String, limit: Int) {
    switch error {
    case .unreadable(_, let reason): self = .unreadable(path: path, reason: reason)
    case .tooLarge: self = .tooLarge(path: path, limit: limit)
    case .tooDeep, .malformed: self = .unreadable(path: path, reason: error.description)
    }
  }
}
