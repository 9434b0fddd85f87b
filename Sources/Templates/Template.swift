import JSONText

/// A template in the Jinja language, as used for chat templates.
///
/// The language is Jinja 3.1 in the environment of transformers 5: an immutable sandbox with the default undefined
/// type, `break` and `continue`, `generation` blocks, `raise_exception`, `strftime_now`, and a `tojson` that does not
/// escape HTML. Including other templates and random values are not supported.
public struct Template: Sendable {
  private let program: Program

  /// Parses a template.
  /// - Throws: an error of kind `syntax` or `limit` with its position in the text.
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
  ///   - time: the local time for `strftime_now`.
  ///   - limits: the resource limits of the rendering.
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

/// The result of rendering a template.
public struct RenderedTemplate: Sendable, Equatable {
  /// The text.
  public var text: String
  /// The output of `generation` blocks, which mark the model's part of a conversation: ranges of code points in
  /// ``text``.
  public var generated: [Range<Int>]
}
