/// What `task_specific_params` says about one task.
public struct TaskDefaults: Sendable, Equatable {
  /// The task, `translation_en_to_fr` for instance.
  public var name: String
  /// What is put before the text.
  public var prefix: String?
  /// The keys beside the prefix. The reference does not look at them any more.
  public var otherKeys: [String] = []
}
