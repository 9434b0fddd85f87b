import ArgumentParser
import LocalFiles

/// What a shell offers where a model is named: the bundled models, and folders.
enum ModelCompletion {
  /// The kind for the argument parser. The shells call the program for it, so new models are found without a new script.
  static let kind = CompletionKind.custom { _, _, prefix in
    let environment = ProcessEnvironment.current()
    return ModelFolders(BundledFolders(environment), environment: environment).completions(of: prefix)
  }
}
