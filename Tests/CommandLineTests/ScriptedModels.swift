import EngineAPI
import ScriptedSupport

/// The scripted models by name.
enum ScriptedModels {
  /// What is known of a scripted model once it is open.
  static func information(_ name: String) -> ModelInformation {
    let model = ScriptedModel.bundled.first { $0.summary.name == name } ?? ScriptedModel(name, family: .causal)
    return model.information(ModelReference(name))
  }
}
