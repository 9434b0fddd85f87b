/// What `task_specific_params` says about one task.
public struct TaskDefaults: Sendable, Equatable {
  /// The task, `translation_en_to_fr` for instance.
  public var name: String
  /// What is put before the text.
  public var prefix: String?
  /// The number of beams.
  public var beams: Int?
  /// The largest length.
  public var maxLength: Int?
}
