import EngineAPI
import LocalFiles
import PlaygroundApp
import Sessions
import TerminalUI

/// Opens the playground on a terminal and runs it until the user leaves it.
///
/// The first frame is drawn before the engine is called; models are opened while the user can already type. The
/// terminal is always restored before the function returns.
/// - Parameters:
///   - engine: the engine; called off the main actor only.
///   - terminal: the terminal; nothing else may use it until the function returns.
///   - options: the options of the command line and the environment.
/// - Returns: the process's exit code: 0, 130 after Ctrl-C, or 128 plus the number of the signal that ended it.
@MainActor
public func runPlayground(
  engine: EngineRouter, terminal: any Terminal, options: PlaygroundOptions
) async -> Int32 {
  await run(engine, terminal, options, port: nil)
}

/// Opens the playground without a screen, and runs it until the lines end or the user leaves it.
///
/// - Parameters:
///   - engine: the engine; called off the main actor only.
///   - port: the lines that come in and go out.
///   - options: the options of the command line and the environment.
/// - Returns: the process's exit code, as of a playground on a terminal; 0 at the end of the lines.
@MainActor
public func runPlayground(engine: EngineRouter, lines port: LinePort, options: PlaygroundOptions) async -> Int32 {
  await run(engine, NoScreen(), options, port: port)
}

@MainActor
private func run(
  _ engine: EngineRouter, _ terminal: any Terminal, _ options: PlaygroundOptions, port: LinePort?
) async -> Int32 {
  defer { terminal.restore() }
  let environment = options.environment
  let log = RuntimeLog(environment, clock: options.clock)
  let folders = UserFolders(environment)
  let setup = PlaygroundSetup(options)
  let drafts = try? DraftStore(folders)
  var settings = setup.settings
  settings.drafts = setup.drafts(drafts?.claim())
  // The prompts can take the drafts of one session only. Those of further sessions go to the history.
  drafts?.clearOthers { prompts in
    for (task, prompt) in prompts.sorted(by: { $0.key < $1.key }) {
      try setup.history?.append(HistoryFile.Entry(task: task, prompt: prompt))
      if let task = TabID(rawValue: task) { settings.history[task, default: []].append(prompt) }
    }
  }
  let sessionFiles = folders.sessions.map {
    SessionFiles(folder: SessionFolder($0), time: options.time)
  }
  settings.keepsSession = sessionFiles != nil
  if port != nil { (settings.isLinear, settings.hasClipboard, settings.mouse) = (true, false, false) }
  let (state, effects) = PlaygroundState.initial(
    models: setup.models, tab: setup.task, lesson: options.lesson, session: options.session,
    keepsTab: options.task != nil, settings: settings, size: terminal.size)

  let mailbox = Mailbox()
  let writer = StateWriter()
  let history = HistoryKeeper(setup.history, writer: writer, mailbox: mailbox)
  let keeper = DraftKeeper(
    drafts, history: history, writer: writer, clock: options.clock, prompts: state.prompts)
  // Listing sessions takes longer than writing drafts, so they have writers of their own.
  let sessionWriter = StateWriter()
  let sessions = SessionKeeper(
    sessionFiles, writer: sessionWriter, mailbox: mailbox, clock: options.clock, cache: options.request.cacheFormat)
  let runner = EffectRunner(
    engine: engine, terminal: terminal, mailbox: mailbox, clock: options.clock, history: history,
    sessions: sessions,
    screens: ScreenKeeper(
      folder: environment.workingFolder, time: options.time, writer: sessionWriter, mailbox: mailbox),
    presets: PresetKeeper(file: folders.configurationFile, writer: sessionWriter, mailbox: mailbox),
    editor: { [editor = ExternalEditor(environment, drafts: drafts)] in await editor.edit($0, of: $1) }, log: log,
    countsWork: port != nil)
  let loop = PlaygroundLoop(
    state: state, terminal: terminal, mailbox: mailbox, effects: runner, drafts: keeper, sessions: sessions,
    clock: options.clock, log: log, port: port)

  if let notice = terminal.notice { mailbox.post(.notice(notice)) }
  if let failure = setup.failure { mailbox.post(.failure(failure)) }
  if let threads = options.threads ?? options.configuration.threads {
    Task.detached {
      let result = await Result { () async throws(EngineError) in try await engine.setThreads(threads) }
      if case .failure(let error) = result { mailbox.post(.failure(error)) }
    }
  }
  let code = await loop.run(effects)
  terminal.restore()
  await writer.finish()
  await sessionWriter.finish()
  return code
}
