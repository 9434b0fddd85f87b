import JSONText

/// What a configuration says about rotary positions: `rope_parameters`, in older files `rope_scaling` and `rope_theta`.
struct RotaryParameters: Sendable {
  /// The base of the frequencies.
  let base: Double

  /// Reads them in the reference's order: an old `rope_scaling` overrules, and its object's own `rope_theta` comes
  /// before the configuration's.
  /// - Throws: ``ModelError/invalidConfiguration(path:key:expected:found:)``, also for a kind of scaling that is not
  ///   built.
  init(_ file: ConfigurationReader, defaultBase: Double) throws(ModelError) {
    var parameters: (key: String, members: JSONObject)?
    for key in ["rope_scaling", "rope_parameters"] where parameters == nil {
      guard let (_, value) = file.value([key]) else { continue }
      guard let object = value.object else { throw file.failure(key, "an object", value) }
      // The reference takes an empty object for none.
      if object.count > 0 { parameters = (key, object) }
    }
    guard let (key, members) = parameters else {
      base = try file.number("rope_theta", above: 0, default: defaultBase)
      return
    }
    let inner = try ConfigurationReader(.object(members), path: "\(file.path), \(key)")
    let (newer, older) = (try inner.word("rope_type"), try inner.word("type"))
    let kind = newer ?? older ?? "default"
    guard kind == "default" else {
      throw file.failure(key, "rope_type default, for no other is supported yet", .string(ByteString(kind)))
    }
    let outer = try file.number("rope_theta", above: 0, default: defaultBase)
    base = try inner.number("rope_theta", above: 0, default: outer)
  }
}
