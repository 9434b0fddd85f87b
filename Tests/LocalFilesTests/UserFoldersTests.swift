import LocalFiles
import Testing

/// The XDG rules.
@Suite struct UserFoldersTests {
  @Test func theFoldersComeFromTheVariables() {
    let folders = UserFolders(
      ProcessEnvironment(variables: [
        "HOME": "/home/ada", "XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d/", "XDG_STATE_HOME": "/s",
        "XDG_CACHE_HOME": "/k",
      ]))
    #expect(folders.configuration == "/c/triptych")
    #expect(folders.data == "/d/triptych")
    #expect(folders.state == "/s/triptych")
    #expect(folders.cache == "/k/triptych")
    #expect(folders.configurationFile == "/c/triptych/config.yaml")
    #expect(folders.themes == "/c/triptych/themes")
  }

  @Test func withoutVariablesTheyLieInTheHome() {
    let folders = UserFolders(ProcessEnvironment(variables: ["HOME": "/home/ada"]))
    #expect(folders.configuration == "/home/ada/.config/triptych")
    #expect(folders.data == "/home/ada/.local/share/triptych")
    #expect(folders.state == "/home/ada/.local/state/triptych")
    #expect(folders.cache == "/home/ada/.cache/triptych")
  }

  @Test(arguments: ["", "relative/folder", "."])
  func aVariableThatIsNoAbsolutePathDoesNotCount(value: String) {
    let folders = UserFolders(ProcessEnvironment(variables: ["HOME": "/home/ada", "XDG_CONFIG_HOME": value]))
    #expect(folders.configuration == "/home/ada/.config/triptych")
  }

  @Test(arguments: [[:], ["HOME": ""], ["HOME": "ada"]])
  func withoutAHomeTheAccountsEntryCounts(variables: [String: String]) {
    let known = UserFolders(ProcessEnvironment(variables: variables, accountHome: "/home/byron"))
    #expect(known.state == "/home/byron/.local/state/triptych")
    let unknown = UserFolders(ProcessEnvironment(variables: variables))
    #expect(unknown.state == nil)
    #expect(unknown.configurationFile == nil)
    #expect(throws: LocalFilesError.noHome(purpose: "the history")) { try HistoryFile(unknown) }
    #expect(throws: LocalFilesError.noHome(purpose: "drafts")) { try DraftStore(unknown) }
  }

  @Test func thisProcessHasAnEnvironment() throws {
    let environment = ProcessEnvironment.current()
    let program = try #require(environment.executablePath)
    #expect(program.hasPrefix("/"))
    #expect(environment.workingFolder.hasPrefix("/"))
    #expect(environment.accountHome?.hasPrefix("/") == true)
  }
}
