import LocalFiles
import Testing

/// Where the bundled files are found.
@Suite struct BundledFoldersTests {
  @Test func aCloneIsFoundFromItsBuildFolder() throws {
    try Scratch.with { scratch in
      try scratch.folder("clone/models")
      try scratch.folder("clone/themes")
      let program = try scratch.write("clone/.build/x86_64/release/triptych")
      let found = BundledFolders(ProcessEnvironment(executablePath: program))
      #expect(found.models == scratch.path + "/clone/models")
      #expect(found.themes == scratch.path + "/clone/themes")
    }
  }

  @Test func theVariableComesFirst() throws {
    try Scratch.with { scratch in
      for name in ["clone/models", "clone/themes", "other/models"] { try scratch.folder(name) }
      let program = try scratch.write("clone/bin/triptych")
      let found = BundledFolders(
        ProcessEnvironment(variables: ["TRIPTYCH_HOME": scratch.path + "/other"], executablePath: program))
      #expect(found.models == scratch.path + "/other/models")
      #expect(found.themes == scratch.path + "/clone/themes")
    }
  }

  @Test func anInstalledProgramFindsItsShare() throws {
    try Scratch.with { scratch in
      try scratch.folder("usr/share/triptych/models")
      try scratch.folder("usr/share/triptych/themes")
      let program = try scratch.write("usr/bin/triptych")
      let found = BundledFolders(ProcessEnvironment(executablePath: program))
      #expect(found.models == scratch.path + "/usr/share/triptych/models")
      #expect(found.themes == scratch.path + "/usr/share/triptych/themes")
    }
  }

  @Test func aModelsFolderInTheHomeFolderIsNotTheBundledOne() throws {
    try Scratch.with { scratch in
      try scratch.folder("home/models")
      let program = try scratch.write("home/bin/triptych")
      let found = BundledFolders(ProcessEnvironment(executablePath: program))
      #expect(found.models == nil)
      #expect(BundledFolders(ProcessEnvironment()).themes == nil)
    }
  }
}
