import EngineAPI
import Foundation
import JSONText
import Tensors
import TestSupport

@testable import Training

/// A run on a tiny model, and the losses of its steps.
struct TrainerRun {
  var objective = TrainingObjective.causal
  var model = "program/causal"
  var file = "training/causal.jsonl"
  var options = TrainingOptions()
  var fromScratch = false

  init(_ change: (inout TrainingOptions) -> Void = { _ in }) {
    options.lineByLine = true
    options.learningRate = 2e-3
    options.maxSteps = 12
    options.perDeviceTrainBatchSize = 4
    options.saveStrategy = .no
    options.dropout = 0
    change(&options)
  }

  /// The events of a run into a folder.
  func events(in folder: String, stopAfter: Int = .max, freeMemory: Int? = nil) throws -> [TrainingEvent] {
    let request = TrainRequest(
      model: ModelReference(model), objective: objective, trainFiles: [Fixtures.path(file)], output: folder,
      fromScratch: fromScratch, options: options)
    var events: [TrainingEvent] = []
    var steps = 0
    let source = model.hasPrefix("/") ? model : Fixtures.path(model)
    _ = try Trainer(request, source: source, freeMemory: freeMemory).run(
      report: {
        events.append($0)
        if case .step = $0 { steps += 1 }
      }, RunConditions(isInterrupted: { steps >= stopAfter }))
    return events
  }

  func losses(in folder: String) throws -> [Double] {
    try events(in: folder).compactMap { if case .step(let step) = $0 { step.loss } else { nil } }
  }
}

/// Calls `body` with each instruction set of this machine, on 1, 2 and 3 threads in turn.
/// - Parameter body: gets the number of the call, from 0, and the set.
func onEachInstructionSet(_ body: (_ index: Int, _ set: InstructionSet) throws -> Void) throws {
  Fixtures.kernelLock.lock()
  defer { Fixtures.kernelLock.unlock() }
  let set = ThreadTeam.activeSet
  defer {
    ThreadTeam.activeSet = set
    ThreadTeam.setThreadCount(0)
  }
  for (index, set) in ThreadTeam.instructionSets.enumerated() {
    ThreadTeam.activeSet = set
    ThreadTeam.setThreadCount(index % 3 + 1)
    try body(index, set)
  }
}

/// The bytes of a trained model's weights.
func weights(_ folder: String) throws -> [UInt8] { try FileBytes.read("\(folder)/model.safetensors") }
