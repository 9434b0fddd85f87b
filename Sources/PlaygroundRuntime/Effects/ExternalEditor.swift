import EngineAPI
import LocalFiles
import Platform
import PlaygroundApp

/// Opens a tab's text in an external editor. Returns the new text, `nil` if the editor exited with an error code, or an
/// error.
typealias TextEditing = @Sendable (String, TabID) async -> Result<String?, EngineError>

/// Edits a text with `$VISUAL`, `$EDITOR` or `vi`. The file is in the drafts folder, so that the text survives a crash.
/// If there is no drafts folder, a temporary file is used.
struct ExternalEditor: Sendable {
  /// The editor as a shell command, possibly with arguments.
  let command: String
  /// The folder for temporary files.
  let temporaryFolder: String
  /// The drafts folder, which contains the text while it is edited.
  let drafts: DraftStore?
  /// The maximum size of an edited text, in bytes. A longer text is left in its file.
  static let limit = PromptState.mostBytes

  init(_ environment: ProcessEnvironment, drafts: DraftStore? = nil) {
    self.drafts = drafts
    command = environment["VISUAL"] ?? environment["EDITOR"] ?? "vi"
    temporaryFolder = environment["TMPDIR"] ?? "/tmp"
  }

  /// Runs the editor on a text and waits for it. If the edited file can't be read, it is kept and the error names it.
  func edit(_ text: String, of task: TabID) async -> Result<String?, EngineError> {
    let file: TemporaryFile
    do {
      file = try makeFile(text, of: task)
    } catch {
      return .failure(EngineError(error))
    }
    switch await ChildProcess.run(arguments(file.path)) {
    case .exited(0): break
    case .exited(let code) where code == 126 || code == 127:
      file.remove()
      return .failure(cannotRun("exit code \(code)"))
    case .failed(let code):
      file.remove()
      return .failure(cannotRun(String(cString: strerror(code))))
    case .signaled(let signal) where (try? TextFile.read(file.path, limit: Self.limit)) != text:
      return .failure(
        EngineError(
          .resources, "the editor was killed", at: file.path, expected: "a normal end", found: "signal \(signal)",
          hint: "that file contains what it saved"))
    case .exited, .signaled:
      file.remove()
      return .success(nil)
    }
    do {
      var edited = try TextFile.read(file.path, limit: Self.limit)
      // Editors add a newline at the end of a file; remove it if the prompt had none.
      if edited.hasSuffix("\n"), !text.hasSuffix("\n") { edited.removeLast() }
      file.remove()
      return .success(edited)
    } catch {
      return .failure(EngineError(error))
    }
  }

  private func makeFile(_ text: String, of task: TabID) throws(LocalFilesError) -> TemporaryFile {
    if let path = drafts?.editedFile(task.rawValue), let file = try? TemporaryFile(text, path: path) { return file }
    return try TemporaryFile(text, folder: temporaryFolder)
  }

  /// The program and its arguments. A shell is used only if the command needs one, because a shell does not forward
  /// signals to the editor.
  func arguments(_ file: String) -> [String] {
    let words = command.split(separator: " ").map(String.init)
    let isPlain = command.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || " _-+./,:@".contains($0)) }
    return isPlain && !words.isEmpty ? words + [file] : ["sh", "-c", command + " \"$1\"", "triptych", file]
  }

  private func cannotRun(_ found: String) -> EngineError {
    EngineError(
      .resources, "cannot run the editor", at: command, expected: "a program", found: found,
      hint: "set EDITOR to another editor")
  }
}

/// A file with a unique name, readable only by its owner.
struct TemporaryFile: Sendable {
  let path: String

  init(_ text: String, folder: String) throws(LocalFilesError) {
    let ending = ".txt"
    var template = Array("\(folder)/triptych-XXXXXX\(ending)".utf8CString)
    let descriptor = mkstemps(&template, Int32(ending.utf8.count))
    guard descriptor >= 0 else { throw .unwritable(folder) }
    close(descriptor)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    do {
      try TextFile.append(text, to: path)
    } catch {
      unlink(path)
      throw error
    }
  }

  /// Creates a file at a path, which must not exist yet.
  init(_ text: String, path: String) throws(LocalFilesError) {
    guard access(path, F_OK) != 0 else { throw .taken(path) }
    try TextFile.write(text, to: path)
    self.path = path
  }

  func remove() { unlink(path) }
}
