/// What a key can do. The raw value is the action's stable name in the configuration file: `keys: {prompt.send:
/// [ctrl-s]}`.
enum Action: String, Sendable, Hashable, CaseIterable {
  case send = "prompt.send"
  case newline = "prompt.newline"
  case earlierPrompt = "prompt.history-previous"
  case laterPrompt = "prompt.history-next"
  case editor = "prompt.editor"
  case example = "prompt.example"
  case maskWord = "prompt.mask-word"

  case up = "move.up"
  case down = "move.down"
  case left = "move.left"
  case right = "move.right"
  case pageUp = "move.page-up"
  case pageDown = "move.page-down"
  case first = "move.first"
  case last = "move.last"
  case nextHit = "move.next-hit"
  case previousHit = "move.previous-hit"

  case take = "candidates.take"
  case search = "candidates.search"
  case chain = "candidates.chain"

  case addStream = "stream.add"
  case removeStream = "stream.remove"
  case again = "stream.again"
  case goOn = "stream.continue"
  case copy = "stream.copy"
  case stop = "stream.stop"
  case heat = "view.heat"

  case undo = "edit.undo"
  case redo = "edit.redo"

  case sampler = "sampler.open"
  case stageEarlier = "sampler.stage-earlier"
  case stageLater = "sampler.stage-later"
  case neutral = "sampler.neutral"
  case modelDefaults = "sampler.model-defaults"

  case model = "model.choose"
  case theme = "theme.choose"
  case direction = "translate.direction"
  case reverse = "translate.reverse"

  case nextPane = "focus.next"
  case previousPane = "focus.previous"
  case nextTask = "task.next"
  case previousTask = "task.previous"
  case generateTask = "task.generate"
  case fillMaskTask = "task.fill-mask"
  case translateTask = "task.translate"

  case palette = "app.palette"
  case help = "app.help"
  case accept = "overlay.accept"
  case close = "overlay.close"
  case mouse = "app.mouse"
  case interrupt = "app.interrupt"
  case quit = "app.quit"
}
