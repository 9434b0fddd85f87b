import PlaygroundApp

extension Effect {
  /// The effect in a log: never what a person typed.
  var logName: String {
    switch self {
    case .listModels: "list models"
    case .load(let model): "load \(model)"
    case .tokenize(let ticket, _, _): "tokenize \(ticket.version)"
    case .translationPrefix: "translation prefix"
    case .distribution(let ticket, let request): "distribution \(ticket.version) at \(request.position)"
    case .generate(let ticket, let request): "generate \(ticket.version) seed \(request.seed)"
    case .beamSearch(let ticket, let request): "beam search \(ticket.version) beams \(request.beams)"
    case .fillMask(let ticket, _): "fill mask \(ticket.version)"
    case .cancel(let slot): "cancel \(slot)"
    case .edit: "edit"
    case .copy: "copy"
    case .captureMouse(let isOn): "mouse \(isOn)"
    case .remember: "remember"
    case .leave(let code): "leave \(code)"
    }
  }
}
