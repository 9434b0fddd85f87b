import Foundation
import JSONText
import TestSupport
import Testing

/// Hints for system errors.
struct SystemReasonTests {
  private static let shortages = [EMFILE, ENFILE, ENOMEM]

  @Test("Hints for exhausted descriptors or memory name the resource and do not mention the path", arguments: shortages)
  func shortage(code: Int32) {
    for act in [SystemReason.Act.reading, .writing] {
      let hint = SystemReason(code: code).hint(act)
      #expect(!hint.contains("path") && !hint.contains("permissions"), "\(hint)")
      #expect(hint.contains(code == ENOMEM ? "memory" : "open files"), "\(hint)")
    }
  }

  @Test("Each error number has its own hint: permissions, path, or disk space")
  func table() {
    let words: [(Int32, String)] = [
      (ENOENT, "path"), (ENOTDIR, "path"), (EACCES, "permissions"), (EPERM, "permissions"), (ELOOP, "symbolic links"),
      (ENAMETOOLONG, "shorter"), (EISDIR, "not of a folder"), (EIO, "fault"), (EROFS, "read-only"), (ENOSPC, "room"),
      (EDQUOT, "room"), (EFBIG, "larger"), (EEXIST, "another name"), (ETXTBSY, "another program"),
    ]
    for (code, word) in words {
      let hint = SystemReason(code: code).hint(.writing)
      #expect(hint.contains(word), "\(code): \(hint)")
      if code != EACCES, code != EPERM { #expect(!hint.contains("permissions"), "\(code): \(hint)") }
    }
  }

  @Test("Every error number has the system's message and a hint")
  func every() {
    for code in Int32(1)...133 {
      let reason = SystemReason(code: code)
      #expect(reason.description == String(cString: strerror(code)) && reason.code == code)
      #expect(!reason.hint(.reading).isEmpty && !reason.hint(.writing).isEmpty)
    }
    let own: SystemReason = "a folder"
    #expect(own.code == nil && own.description == "a folder" && !own.hint(.reading).isEmpty)
  }

  @Test("Errors of files that cannot be opened carry the hint for their error number")
  func files() {
    #expect(hint("/nowhere/at/all") == SystemReason(code: ENOENT).hint(.reading))
    #expect(hint("/dev/null/x") == SystemReason(code: ENOTDIR).hint(.reading))
    #expect(hint("/" + String(repeating: "x", count: 5_000)) == SystemReason(code: ENAMETOOLONG).hint(.reading))
  }

  private func hint(_ path: String) -> String? {
    do {
      _ = try FileBytes.read(path)
      return nil
    } catch {
      return error.hint
    }
  }
}
