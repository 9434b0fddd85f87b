import EngineAPI
import Sampling
import TerminalUI

extension TabID {
  /// The tab that puts models side by side over one text.
  public static let compare = TabID("compare")
}

/// The Compare tab: two to four sides over one text, token by token, and what each writes next.
public struct CompareState: Sendable, Equatable {
  /// The numbers of sides.
  static let sideCounts = 2...Limits.panes.upperBound

  /// The text that all sides read.
  public internal(set) var prompt: PromptState
  /// The sides, from left to right.
  var sides: [ComparedModel]
  /// The side that models and settings are chosen for.
  var lead = 0
  /// The identifier of the next side.
  var nextSide: Int
  /// The pane with the focus.
  var focus = Focus.prompt
  /// How the sides read the text.
  var reading = TextReading()
  /// The beams of translation models; `nil` before the first search.
  var translations: SideTranslations?
  /// The index in the text of the token that the cursor is on; `nil` for the token that comes next.
  var place: Int?
  /// The order of the candidates.
  var order = JointOrder.difference
  /// The candidates on the screen and the chosen one.
  var window = ListWindow()
  /// The seed of the next texts. All sides have the same.
  var seed: UInt64
  /// The longest text that a side writes.
  var maxTokens: Int
}

/// A side of the Compare tab.
struct ComparedModel: Sendable, Equatable {
  /// Identifies the side within the session.
  let id: Int
  /// The model, with its changes.
  var model: ModelReference
  /// The text that only this side reads, before the common one; `nil` for none.
  var prompt: EntryText?
  /// How tokens are drawn.
  var settings = SamplingSettings()
  /// Whether the user chose `settings`; the divergence after the chain is then shown too.
  var settingsAreOwn = false
  /// What it writes after the text.
  var writing: WrittenText?

  /// Whether the engine works on its text.
  var isRunning: Bool { writing?.isRunning ?? false }
}

/// What the user sorts the candidates of all sides by.
enum JointOrder: Sendable, Hashable {
  /// The probability that a side gives.
  case side(Int)
  /// The difference between the highest and the lowest probability.
  case difference
  /// What a token adds to KL(A‖B), by amount.
  case contribution

  /// The order after this one, of `count` sides.
  func next(_ count: Int) -> JointOrder {
    switch self {
    case .side(let index) where index + 1 < count: .side(index + 1)
    case .side: .difference
    case .difference: .contribution
    case .contribution: .side(0)
    }
  }

  /// What a candidate is sorted by, the largest first.
  func key(_ candidate: JointCandidate<TokenValue>) -> Double {
    let probabilities = candidate.logprobs.map(Probability.of)
    switch self {
    case .side(let index): return index < probabilities.count ? probabilities[index] : 0
    case .difference: return (probabilities.max() ?? 0) - (probabilities.min() ?? 0)
    case .contribution: return abs(JointOrder.contribution(candidate))
    }
  }

  /// The term of a token in KL(A‖B), in bits.
  static func contribution(_ candidate: JointCandidate<TokenValue>) -> Double {
    guard candidate.logprobs.count > 1, candidate.logprobs[0] > -.infinity else { return 0 }
    return Probability.of(logprob: candidate.logprobs[0])
      * (Probability.bits(signed: candidate.logprobs[1]) - Probability.bits(signed: candidate.logprobs[0]))
  }

  /// Words for the title of the candidates.
  var words: String {
    switch self {
    case .side(let index): "by \(ComparedModel.letter(index))"
    case .difference: "by difference"
    case .contribution: "by share of KL"
    }
  }
}

extension Probability {
  /// −log₂ of the probability of a natural logarithm, without a lower bound.
  fileprivate static func bits(signed logprob: Double) -> Double { -logprob / -Probability.logarithm(0.5) }
}

extension ComparedModel {
  /// `A`, `B`, `C` or `D`.
  static func letter(_ index: Int) -> String { ["A", "B", "C", "D"][min(max(index, 0), 3)] }
}

extension CompareState: Tab {
  static let id = TabID.compare
  static let title = "Compare"
  static let families = [ModelFamily.causal, .masked, .seq2seq]
  static let isOfOneFamily = true
  static let defaultModel = ModelReference("storyteller")
  /// The second side beside the default model.
  private static let defaultOther = ModelReference("storyteller-mini")

  init(models: [ModelReference], settings: PlaygroundSettings) {
    var models = Array(models.prefix(Self.sideCounts.upperBound))
    if models.count == 1 {
      // A number format is the smallest change of a model.
      let isDefault = models[0] == Self.defaultModel
      models.append(
        isDefault ? Self.defaultOther : ModelReference(models[0].name, format: models[0].format == .q8 ? .f32 : .q8))
    }
    prompt = PromptState(.compare, isContinued: true, settings: settings)
    sides = models.enumerated().map { index, model in
      var side = ComparedModel(id: index, model: model)
      if let sampling = settings.sampling { (side.settings, side.settingsAreOwn) = (sampling, true) }
      return side
    }
    nextSide = models.count
    seed = settings.seed
    maxTokens = settings.maxTokens
  }

  // MARK: Models and settings

  var model: ModelReference { sides[lead].model }
  var models: [ModelReference] { sides.map(\.model) }
  var modelTitle: String { "Model of \(ComparedModel.letter(lead))" }

  mutating func didOpen(_ model: ModelReference, _ information: ModelInformation, _ shell: Shell) {
    for index in sides.indices where sides[index].model == model { takeDefaults(side: index, shell) }
  }

  mutating func use(_ model: ModelReference, _ shell: inout Shell) -> [Effect] {
    let effects = abandon(side: lead, &shell)
    sides[lead].model = model
    sides[lead].prompt = sides[lead].prompt.map { EntryText($0.text) }
    takeDefaults(side: lead, shell)
    return effects + forget()
  }

  /// Takes the model's default sampler settings unless the user has chosen others.
  private mutating func takeDefaults(side index: Int, _ shell: Shell) {
    guard let information = shell.information(sides[index].model), !sides[index].settingsAreOwn else { return }
    sides[index].settings = information.decoding.settings
  }

  var sampler: SamplerValues? {
    get { SamplerValues(chain: sides[lead].settings, maxTokens: maxTokens, seed: seed) }
    set {
      guard let newValue else { return }
      if newValue.chain != sides[lead].settings {
        sides[lead].settings = newValue.chain
        sides[lead].settingsAreOwn = true
      }
      maxTokens = newValue.maxTokens
      if let seed = newValue.seed { self.seed = seed }
    }
  }

  var samplerTitle: String { "Sampler \(ComparedModel.letter(lead))" }

  mutating func resetSampler(_ shell: Shell) {
    sides[lead].settingsAreOwn = false
    takeDefaults(side: lead, shell)
  }

  // MARK: Focus, work

  var focusOrder: [Focus] { [.prompt, .parting, .joint] + sides.indices.map { .side($0) } }

  mutating func setFocus(_ focus: Focus) {
    self.focus = focus
    if focus.context == .side { lead = min(max(focus.index, 0), sides.count - 1) }
  }

  func examples(_ shell: Shell) -> [String] {
    if let information = shell.information(model), information.family == .masked {
      let mask = information.maskToken?.text ?? "[MASK]"
      return ["The capital of \(mask) is \(mask).", "The cat sat on the \(mask) and looked at the bird."]
    }
    if shell.information(model)?.family == .seq2seq {
      return ["translate English to French: How are you?", "translate English to French: The house is small."]
    }
    return [
      "Once upon a time, in a village by the sea, there lived a poor fisherman, who had two sons.",
      "The king had three daughters, and the youngest was so beautiful that the sun itself wondered at her.",
      "\"Who is there?\" asked the old woman, and she opened the door.",
      "It was a dark night, and the wolf came to the house of the seven little goats.",
    ]
  }

  var isBusy: Bool { reading.awaited != nil || translations?.isRunning == true || sides.contains(where: \.isRunning) }
  var begun: [Int?] { [lead] + sides.map { $0.writing?.version } }

  mutating func receive(_ message: Message, _ shell: inout Shell) {
    switch message {
    case .comparing(let ticket, let part):
      if reading.receive(part, ticket) { followPlace() }
    case .compared(let ticket, let result):
      if reading.receive(result, ticket) {
        followPlace()
        if shell.notice == Self.notRead { shell.notice = nil }
      }
    case .tokenized(let ticket, let result):
      for index in sides.indices where ticket.slot == .comparedPrompt(sides[index].id) {
        sides[index].prompt?.receive(result, version: ticket.version)
      }
    case .beams(let ticket, let result): receive(beams: result, ticket)
    case .scored(let ticket, let result): receive(score: result, ticket, shell)
    case .stream(let ticket, let event, _): receive(event, ticket, &shell)
    default: break
    }
  }

  mutating func settle(_ shell: inout Shell) -> [Effect] { askTokens(&shell) + askPrompts(&shell) }

  mutating func ask(_ shell: inout Shell) -> [Effect] {
    let effects = askReading(&shell)
    return effects + askScores(&shell)
  }

  mutating func askAgain() {
    askPanesAgain()
    reading.askAgain()
    if translations?.isRunning == true { translations = nil }
    for index in sides.indices { sides[index].prompt?.askAgain() }
  }

  func unkept(_ shell: Shell) -> (alone: String, beside: String)? {
    guard sides.contains(where: { $0.writing?.trace.tokens.isEmpty == false }) else { return nil }
    return ("the texts of the sides", "texts")
  }
}
