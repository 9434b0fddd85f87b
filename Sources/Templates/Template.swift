import JSONText

/// A template in the language Jinja, as chat templates use it.
///
/// The language is that of Jinja 3.1 in the environment of transformers 5: an immutable sandbox with the default kind of
/// undefined values, `break` and `continue`, `generation` blocks, `raise_exception`, `strftime_now`, and a `tojson`
/// that does not escape HTML. There are no other templates to include, and no randomness.
public struct Template: Sendable {
  private let program: Program

  /// Reads a template.
  /// - Throws: an error of kind `syntax` or `limit`, with the place in the text.
  public init(
    _ source: String, options: TemplateOptions = TemplateOptions(), limits: TemplateLimits = TemplateLimits()
  ) throws(TemplateError) {
    guard source.utf8.count <= limits.sourceBytes else {
      throw TemplateError(
        .limit, "the template is too long", expected: "at most \(limits.sourceBytes) bytes",
        found: "\(source.utf8.count)")
    }
    program = try Program(source, options: options)
  }

  /// Renders the template.
  /// - Parameters:
  ///   - context: the variables.
  ///   - time: the local time that `strftime_now` writes.
  ///   - limits: what the rendering may use.
  /// - Throws: an error of kind `runtime`, `raised` or `limit`.
  public func render(
    _ context: JSONObject, at time: TemplateTime, limits: TemplateLimits = TemplateLimits()
  ) throws(TemplateError) -> RenderedTemplate {
    var variables: [Text: Value] = [:]
    for (name, value) in context.members { variables[Text(name.bytes)] = try Value(value) }
    let renderer = Renderer(program, context: variables, time: time, limits: limits)
    let (text, generated) = try renderer.render()
    return RenderedTemplate(text: text.string, generated: generated)
  }
}

/// What a template gives.
public struct RenderedTemplate: Sendable, Equatable {
  /// The text.
  public var text: String
  /// What `generation` blocks have written: the model's part of a conversation, as ranges of code points in ``text``.
  public var generated: [Range<Int>]
}
