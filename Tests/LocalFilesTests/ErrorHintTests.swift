import EngineAPI
import Foundation
import JSONText
import Testing

@testable import LocalFiles

/// The hints of file errors.
@Suite struct ErrorHintTests {
  @Test("A lack of descriptors or memory is not reported as a wrong path", arguments: [EMFILE, ENFILE, ENOMEM])
  func shortage(code: Int32) {
    let reason = SystemReason(code: code)
    let errors: [LocalFilesError] = [
      .unreadable(path: "/a", reason: reason), .unwritable(path: "/a", reason: reason),
      LocalFilesError(JSONError.unreadable(path: "/a", reason: reason), path: "/a", limit: 1),
    ]
    for error in errors {
      #expect(error.hint == reason.hint(.reading))
      #expect(EngineError(error).hint == error.hint)
    }
  }

  @Test("Listing a path that is not a folder gives the hint for ENOTDIR")
  func folder() {
    do {
      _ = try FolderListing.names("/dev/null")
      Issue.record("a device is listed")
    } catch {
      #expect(error.hint == SystemReason(code: ENOTDIR).hint(.reading))
    }
  }

  @Test("Every problem of a configuration file says where the file is and what to do")
  func configuration() throws {
    let broken = [
      "theme: [", "theme: a\ntheme: b\n", "color: x\n", "zzzzqqqq: 1\n", "mouse: maybe\n", "theme: &a b\n", "- 1\n",
      "beams: -4\n", "keys: 3\n", "sampling:\n  temperature: cold\n", "\u{0}",
    ]
    try Scratch.with { scratch in
      for text in broken {
        let path = try scratch.write("config.yaml", text)
        let problems = ConfigurationFile.read(path, tabs: tabNames).problems
        #expect(!problems.isEmpty, "\(text)")
        for problem in problems {
          let error = EngineError(problem)
          #expect(error.place?.hasPrefix(path) == true, "\(text): \(error)")
          #expect(error.hint?.isEmpty == false, "\(text): \(error)")
        }
      }
      let path = try scratch.write("config.yaml", "a: b\nc: [1, 2\n  d: }")
      let syntax = ConfigurationFile.read(path, tabs: tabNames).problems.first.map { EngineError($0) }
      #expect(syntax?.hint?.contains("line 3 of \(path)") == true, "\(String(describing: syntax))")
    }
  }
}
