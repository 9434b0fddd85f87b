import JSONText

/// The rotary position settings of a configuration: `rope_parameters`, or in older files `rope_scaling` and
/// `rope_theta`.
struct RotaryParameters: Sendable {
  /// The base of the frequencies.
  let base: Double

  /// Reads the settings with the precedence of transformers: `rope_scaling` overrides `rope_parameters`, and
  /// `rope_theta` inside the object overrides the configuration's.
  /// - Throws: ``ModelError/invalidConfiguration(path:key:expected:found:)``, also for an unsupported kind of scaling.
  init(_ file: ConfigurationReader, defaultBase: Double) throws(ModelError) {
    var parameters: (key: String, members: JSONObject)?
    for key in ["rope_scaling", "rope_parameters"] where parameters == nil {
      guard let (_, value) = file.value([key]) else { continue }
      guard let object = value.object else { throw file.failure(key, "an object", value) }
      // transformers treats an empty object as missing.
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
