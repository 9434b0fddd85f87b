/// The keys that the file gives to an action. Whether action and keys exist is for the app to say, hence the place.
public struct KeySetting: Sendable, Hashable {
  /// The action's name.
  public var action: String
  /// The keys; none means that the action has no key.
  public var keys: [String]
  /// Where the file says so.
  public var place: ConfigurationPlace

  /// A setting at a place.
  public init(action: String, keys: [String], place: ConfigurationPlace) {
    self.action = action
    self.keys = keys
    self.place = place
  }
}
