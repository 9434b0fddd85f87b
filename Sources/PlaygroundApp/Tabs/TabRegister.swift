/// The register of tabs: a new tab is a folder beside this file and a line here. Nothing else names them all.
enum TabRegister {
  /// The tabs in the order of the header.
  static let all: [any Tab.Type] = [
    GenerateState.self,
    FillMaskState.self,
    TranslateState.self,
    ClassifyState.self,
    ChatState.self,
    TreeState.self,
    CompareState.self,
    InsideState.self,
    TrainState.self,
  ]
}
