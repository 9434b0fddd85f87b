import Foundation
import JSONText
import LocalFiles
import Testing

/// Files read whole and written whole.
@Suite struct TextFileTests {
  @Test func whatIsWrittenIsRead() throws {
    try Scratch.with { scratch in
      let path = scratch.path + "/new/folders/file.txt"
      try TextFile.write("one", to: path)
      try TextFile.write("twö\n", to: path)
      try TextFile.append("three", to: path)
      #expect(try TextFile.read(path, limit: 100) == "twö\nthree")
      #expect(scratch.names("new/folders") == ["file.txt"])
      #expect(try mode(path) == 0o600)
      #expect(try mode(scratch.path + "/new") == 0o700)
    }
  }

  @Test func aLinkStaysALink() throws {
    try Scratch.with { scratch in
      let real = try scratch.write("real.txt", "old")
      let link = scratch.path + "/link.txt"
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: real)
      try TextFile.write("new", to: link)
      #expect(scratch.text("real.txt") == "new")
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == real)
    }
  }

  @Test func failuresNameThePath() throws {
    try Scratch.with { scratch in
      let file = try scratch.write("file")
      #expect(throws: LocalFilesError.self) { try TextFile.write("x", to: file + "/below") }
      #expect(throws: LocalFilesError.unreadable(path: file + "/no", reason: SystemReason(code: ENOTDIR))) {
        try TextFile.read(file + "/no", limit: 9)
      }
      let folder = try scratch.folder("folder")
      #expect(throws: LocalFilesError.self) { try TextFile.write("x", to: folder) }
      #expect(scratch.names() == ["file", "folder"])
    }
  }

  @Test func theLimitHolds() throws {
    try Scratch.with { scratch in
      let path = try scratch.write("file", "12345")
      #expect(try TextFile.read(path, limit: 5) == "12345")
      #expect(throws: LocalFilesError.tooLarge(path: path, limit: 4)) { try TextFile.read(path, limit: 4) }
    }
  }

  @Test(
    arguments: [
      ([0x41, 0x80], 1), ([0xC3], 0), ([0x41, 0xC3, 0x28], 1), ([0xED, 0xA0, 0x80], 0), ([0xEF, 0x41], 0),
    ] as [([UInt8], Int)])
  func theFirstBadByteIsNamed(bytes: [UInt8], offset: Int) throws {
    try Scratch.with { scratch in
      let path = try scratch.write("file", bytes: bytes)
      let error = #expect(throws: LocalFilesError.self) { try TextFile.read(path, limit: 100) }
      guard case .notUTF8(_, let found) = error else { throw error ?? LocalFilesError.noHome(purpose: "") }
      #expect(found == offset)
    }
  }

  private func mode(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
  }
}
