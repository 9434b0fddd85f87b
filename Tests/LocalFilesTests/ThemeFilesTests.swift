import LocalFiles
import Testing

/// Which themes there are.
@Suite struct ThemeFilesTests {
  private func withThemes(_ body: (ThemeFiles, Scratch) throws -> Void) throws {
    try Scratch.with { scratch in
      for name in ["night.yaml", "day.yaml", ".hidden.yaml", "notes.txt", ".yaml"] {
        try scratch.write("bundled/themes/\(name)", "bundled \(name)")
      }
      try scratch.folder("bundled/models")
      try scratch.write("config/triptych/themes/day.yml", "mine")
      try scratch.write("config/triptych/themes/Nord.yaml", "nord")
      let environment = ProcessEnvironment(variables: [
        "TRIPTYCH_HOME": scratch.path + "/bundled", "XDG_CONFIG_HOME": scratch.path + "/config",
      ])
      try body(ThemeFiles(BundledFolders(environment), user: UserFolders(environment)), scratch)
    }
  }

  @Test func theUsersStandInPlaceOfBundledOnes() throws {
    try withThemes { themes, scratch in
      #expect(themes.list().map(\.name) == ["Nord", "day", "night"])
      #expect(themes.list().map(\.isUsers) == [true, true, false])
      let (day, night) = (try themes.find("day"), try themes.find("night"))
      #expect(try ThemeFiles.read(day) == "mine")
      #expect(try ThemeFiles.read(night) == "bundled night.yaml")
    }
  }

  @Test func namesAreFoundInAnyCase() throws {
    try withThemes { themes, _ in
      let nord = try themes.find("nord")
      #expect(nord.name == "Nord")
      let error = LocalFilesError.themeNotFound(
        name: "nihgt", suggestions: ["night"], known: ["Nord", "day", "night"])
      #expect(throws: error) { try themes.find("nihgt") }
      #expect(error.hint == "did you mean night?")
    }
  }

  @Test func withoutFoldersThereAreNone() {
    let nowhere = ProcessEnvironment()
    #expect(ThemeFiles(BundledFolders(nowhere), user: UserFolders(nowhere)).list().isEmpty)
  }
}
