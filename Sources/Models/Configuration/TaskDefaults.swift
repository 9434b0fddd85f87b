/// One entry of `task_specific_params`.
public struct TaskDefaults: Sendable, Equatable {
  /// The task's name, for example `translation_en_to_fr`.
  public var name: String
  /// The prefix of the input text, for example `translate English to French: `.
  public var prefix: String?
  /// The entry's other keys. `OpenedModel.decoding(for:)` reads them.
  public var otherKeys: [String] = []
}
