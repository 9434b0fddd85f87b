import EngineAPI
import Sampling
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The settings of a model's `generation_config.json` take effect on the screen, or a notice names them.
@Suite struct ModelFileStories {
  /// A player with these settings in the model's file.
  private func player(
    _ task: TabID, _ model: Int, _ change: (inout ModelInformation) -> Void
  ) -> Player {
    var player = Player(task: task)
    let reference = ModelReference(ScriptedModel.bundled[model].summary.name)
    var information = ScriptedModel.bundled[model].information(reference)
    change(&information)
    player.send(.loaded(reference, .success(information)))
    return player
  }

  private func search(_ change: (inout ModelInformation) -> Void) -> (request: BeamRequest?, player: Player) {
    var player = player(.translate, 3, change)
    player.send(.input(.paste("How are you?")))
    player.press("enter")
    let requests = player.effects.compactMap { if case .beamSearch(_, let request) = $0 { request } else { nil } }
    return (requests.last, player)
  }

  @Test func aStreamEndsAtTheFilesTextsAndTime() {
    var player = player(.generate, 0) {
      $0.decoding.length.stopStrings = ["the end"]
      $0.decoding.length.maxTime = 2.5
    }
    player.press("right enter")
    player.press("tab tab g right shift-tab down enter")
    let requests = player.effects.compactMap { if case .generate(_, let request) = $0 { request } else { nil } }
    #expect(requests.count == 2)
    #expect(requests.allSatisfy { $0.stopStrings == ["the end"] && $0.maxSeconds == 2.5 })
  }

  @Test func whatStreamsDoNotDoIsNamed() {
    let player = player(.generate, 0) {
      $0.decoding.beams.count = 4
      $0.decoding.beams.returned = 2
    }
    #expect(
      player.state.notice == "generation_config.json of storyteller: not used here: num_beams, num_return_sequences "
        + "(a stream is one text, without beams)")
  }

  @Test func beamsAreDrawnWhereTheFileSaysSo() {
    let drawn = search {
      $0.decoding.samples = true
      $0.decoding.sampling.temperature = 0.5
      $0.decoding.sampling.topK = 7
      $0.decoding.length.stopStrings = ["x"]
      $0.decoding.length.maxTime = 3
    }.request
    #expect(drawn?.seed == 7 && drawn?.settings.temperature == 0.5 && drawn?.settings.topK == 7)
    #expect(drawn?.settings.order.contains(.topK) == true)
    #expect(drawn?.stopStrings == ["x"] && drawn?.maxSeconds == 3)
    let plain = search { $0.decoding.samples = false }.request
    #expect(plain?.seed == nil && plain?.settings.order.contains(.topK) == false)
  }

  @Test func beamsRunInTheFilesGroups() {
    let request = search {
      $0.decoding.beams.count = 6
      $0.decoding.beams.groups = 3
      $0.decoding.beams.diversityPenalty = 0.5
    }.request
    #expect(request?.beams == 6 && request?.groups == 3 && request?.diversityPenalty == 0.5)
  }

  @Test(
    arguments: [
      (4, 3, 1.0, false, "4 beams don't divide into 3 groups"), (4, 2, nil, false, "there is no diversity_penalty"),
      (4, 2, 1.0, true, "with do_sample tokens are drawn"),
    ] as [(Int, Int, Double?, Bool, String)])
  func groupsThatDoNotFitAreNamed(beams: Int, groups: Int, penalty: Double?, samples: Bool, reason: String) {
    let (request, player) = search {
      $0.decoding.beams.count = beams
      $0.decoding.beams.groups = groups
      $0.decoding.beams.diversityPenalty = penalty
      $0.decoding.samples = samples
    }
    #expect(request?.groups == 1)
    #expect(player.state.notice == "num_beam_groups of the model's generation_config.json is not used: \(reason)")
  }
}
