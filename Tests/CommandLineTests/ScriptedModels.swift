import EngineAPI
import ScriptedSupport

/// The scripted models by name.
enum ScriptedModels {
  /// The information of an open scripted model.
  static func information(_ name: String) -> ModelInformation {
    let model = ScriptedModel.bundled.first { $0.summary.name == name } ?? ScriptedModel(name, family: .causal)
    return model.information(ModelReference(name))
  }
}
