import Yams

/// A value in a configuration file with the name it stands under.
struct Setting {
  /// The whole name, `sampling.top-p`; empty for the file itself.
  let key: String
  /// The name's last part.
  let name: String
  /// The value.
  let node: Node

  init(key: String, name: String = "", node: Node) {
    self.key = key
    self.name = name
    self.node = node
  }

  /// Whether nothing stands after the colon, or YAML's words for nothing: the setting is as if left out.
  var isEmpty: Bool {
    guard case .scalar(let scalar) = node, scalar.style == .plain else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  /// What stands there, for a message.
  var found: String {
    switch node {
    case .scalar(let scalar): Quoted(scalar.string).description
    case .sequence: "a list"
    case .mapping: "settings"
    case .alias: "an alias"
    }
  }
}
