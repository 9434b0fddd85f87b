import PlaygroundApp

extension PlaygroundState {
  /// What stands in the prompts.
  var prompts: [PlaygroundTask: String] {
    [
      .generate: generate.prompt.editor.text, .fillMask: fillMask.prompt.editor.text,
      .translate: translate.prompt.editor.text,
    ]
  }
}
