import ArgumentParser
import EngineAPI
import JSONText

/// Shows what is inside a model while it reads a text.
struct Inspect: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "What is inside a model: the layers' predictions, attention, what each part adds.",
    usage: "triptych inspect [<text>] [<options>]",
    discussion: """
      EXAMPLES
        triptych inspect "Once upon a time there was a"
        triptych inspect "She opened the" --attention --position 2
        triptych inspect "The king and the" --attribution --json
        triptych inspect "Once upon a" --ablate 3.1
        triptych inspect "The king had a" --sweep "The girl had a"
        triptych inspect -m interpreter "How are you?" --target "Ça va ?" --attention

      Lens and norms count the embedding as layer 0; heads count layers from 0.
      """)

  @OptionGroup(title: "Text") var input: TextOptions
  @Option(
    help: ArgumentHelp("What the decoder of an encoder-decoder model reads; TEXT is its input.", valueName: "text"))
  var target: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The position to look at (default: the last).", valueName: "n"),
    transform: OptionValue.integer("--position", Limits.positions))
  var position: Int?
  @Flag(help: "What the model would predict after each layer (default).")
  var lens = false
  @Flag(help: "Where each head looks.")
  var attention = false
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Only the attention of this layer, from 0.", valueName: "n"),
    transform: OptionValue.integer("--layer", Limits.positions))
  var layer: Int?
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Only the attention of this head, from 0.", valueName: "n"),
    transform: OptionValue.integer("--head", Limits.positions))
  var head: Int?
  @Flag(help: "What each part adds to the logit of a token.")
  var attribution = false
  @Flag(help: "The norms of the residual stream.")
  var norms = false
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The token to follow and to attribute (default: the most probable).", valueName: "id"),
    transform: OptionValue.integer("--token", Limits.biasedIDs))
  var token: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Attribute the difference of its logit to this token's; or compare with the activations of a .safetensors file.",
      valueName: "id|file"),
    completion: .file(), transform: Reference.init(parsing:))
  var against: Reference?
  @Option(
    help: ArgumentHelp(
      "Put the activations of this text into that of TEXT, one by one: what each restores of a logit difference.",
      valueName: "text"),
    transform: OptionValue.text("--sweep"))
  var sweep: String?
  @Option(
    help: ArgumentHelp(
      "Read the text in another number format too: where it bends, and which matrix is the cause.",
      valueName: "format"),
    completion: .list(NumberFormat.uniform.map(\.rawValue)),
    transform: OptionValue.choice("--other-format", as: NumberFormat.self))
  var otherFormat: NumberFormat?
  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Follow the probability that the text goes on with this through the layers; may be repeated.", valueName: "text"),
    transform: OptionValue.text("--watch"))
  var watch: [String] = []
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many tokens to list of each layer (default: \(Limits.defaultListed)).", valueName: "k"),
    transform: OptionValue.integer("--top-logprobs", Limits.listed))
  var topLogprobs = Limits.defaultListed

  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Changes inside the model") var changes: ChangeOptions
  @OptionGroup(visibility: .hidden) var seed: SeedOption
  @OptionGroup(title: "Output") var form: JSONOption
  @OptionGroup(title: "Output") var output: OutputOptions

  var outputForm: OutputForm { form.form }

  /// What the text is compared with.
  enum Reference: Sendable, Hashable {
    /// The logit of another token.
    case token(Int)
    /// The activations in a file.
    case file(String)

    /// An id, or the path of a safetensors file.
    init(parsing text: String) throws(CommandError) {
      if text.hasSuffix(".safetensors") {
        self = .file(text)
      } else if let id = Int(text), Limits.biasedIDs.contains(id) {
        self = .token(id)
      } else {
        throw .wrongValue(text, of: "--against", expected: "the id of a token, or a file that ends in .safetensors")
      }
    }
  }

  private var otherToken: Int? { if case .token(let id) = against { id } else { nil } }
  private var golden: String? { if case .file(let path) = against { path } else { nil } }

  /// What to compute: what was asked for, or the lens.
  private var parts: Set<InspectionPart> {
    let asked: [(Bool, InspectionPart)] = [
      (lens, .lens), (attention, .attention), (attribution, .attribution), (norms, .norms),
    ]
    let parts = Set(asked.filter(\.0).map(\.1))
    return parts.isEmpty && sweep == nil && golden == nil && otherFormat == nil && watch.isEmpty ? [.lens] : parts
  }

  func check() throws(CommandError) {
    if !attention, let option = layer.map({ "--layer \($0)" }) ?? head.map({ "--head \($0)" }) {
      throw .badValue(
        option: option, expected: "--attention beside it", found: "none", hint: "it chooses whose attention is shown")
    }
    guard let otherToken, !attribution, sweep == nil else { return }
    throw .badValue(
      option: "--against \(otherToken)", expected: "--attribution or --sweep beside it", found: "neither",
      hint: "it is the token whose logit is subtracted")
  }

  func run(in run: CommandRun) async throws -> Int32 {
    let reference = try model.reference(default: DefaultModel.causal, changes)
    let text = try await run.text(input)
    let open = try await run.open(reference, with: model)
    try open.require(.causal, .masked, .seq2seq, for: "inspect")
    var request = InspectionRequest(
      context: try await context(text, open), position: position, parts: parts, topCount: open.listed(topLogprobs),
      token: token, against: otherToken)
    if let sweep { request.sweptIDs = try await open.tokens(sweep).map(\.token.id) }
    request.golden = golden
    request.otherFormat = otherFormat
    request.watched = watch
    (request.attentionLayer, request.attentionHead) = (layer, head)
    let answer = try await open.engine.inspect(request)
    for notice in answer.notices { run.console.note(notice) }
    if outputForm == .object {
      try run.console.write(answer.json(request, model: reference))
    } else {
      try InspectionWriter(answer: answer, request: request, console: run.console).write()
    }
    return answer.golden.allSatisfy(\.isEqual) ? 0 : 1
  }

  /// The text, or source and target.
  private func context(_ text: String, _ open: OpenModel) async throws -> ModelContext {
    let ids = try await open.tokens(text).map(\.token.id)
    guard open.information.family == .seq2seq else {
      if target != nil {
        throw CommandError.optionWithoutUse(
          option: "--target", model: open.reference.description, family: open.information.family)
      }
      return ModelContext(model: open.reference, ids: ids)
    }
    let written = if let target { try await open.tokens(target).map(\.token.id) } else { [Int]() }
    return ModelContext(model: open.reference, encoderIDs: ids, ids: written)
  }
}
