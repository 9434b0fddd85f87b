import Models
import Tensors

/// The gradients of a model's parameters over one optimizer step.
///
/// A parameter that is used several times in a pass (tied weights, shared layers) has one sum for each use, and the
/// sums are added at the end of the step. So each sum runs over all rows of the step in one order, and its bits do not
/// depend on how the step is cut into passes. The first use is summed in the parameter's own gradient.
public final class ParameterGradients {
  /// A use of a matrix or tensor of the model in a pass.
  struct Use: Hashable {
    /// The stage of the operations; see ``Tape``.
    let stage: Int
    let memory: ObjectIdentifier
    /// The number of uses that were gone back through before, in the same tape.
    let ordinal: Int
  }

  /// The part of a use that belongs to one parameter, with its sum.
  @dynamicMemberLookup struct Part {
    fileprivate let place: ParameterPart
    /// The sum in the parameter's layout; `nil` for the parameter's own gradient.
    fileprivate let extra: Tensor?
    /// The sums of single rows, for a further use as a table of which few rows are read.
    let rows: RowSums?

    subscript<Value>(dynamicMember path: KeyPath<ParameterPart, Value>) -> Value { place[keyPath: path] }

    /// Calls `body` with the sum.
    func add(_ body: (UnsafeMutablePointer<Float>) -> Void) {
      if let extra { return body(extra.sums) }
      place.parameter.addToGradient { if let base = $0.baseAddress { body(base) } }
    }
  }

  private let parameters: ParameterSet
  private var parts: [Use: [Part]] = [:]
  private var extras: [(parameter: Parameter, part: Part)] = []
  private var used: Set<ObjectIdentifier> = []

  /// The gradients of these parameters. Frozen parameters have none.
  public init(_ parameters: ParameterSet) { self.parameters = parameters }

  /// Starts a step: sets all gradients to zero.
  public func begin() {
    for parameter in parameters.all { parameter.zeroGradient() }
    parts = [:]
    extras = []
    used = []
  }

  /// Ends a step: adds the sums of further uses to the gradients, in the order in which they began.
  public func finish() {
    for (parameter, part) in extras {
      parameter.addToGradient { gradient in
        guard let base = gradient.baseAddress else { return }
        part.rows?.add(to: base)
        if let sum = part.extra { addElements(sum.pointer, to: base, gradient.count) }
      }
    }
    parts = [:]
    extras = []
  }

  /// True if a parameter in this memory block of the model is trained.
  func isTrained(_ memory: ObjectIdentifier) -> Bool {
    parameters.parts(ofMemory: memory).contains { !$0.parameter.isFrozen }
  }

  /// The parameters of a memory block with their values.
  func values(_ memory: ObjectIdentifier) -> [ParameterPart] { parameters.parts(ofMemory: memory) }

  /// The sums of a use, one for each trained parameter in its memory.
  /// - Parameter readsRows: whether the use reads rows of a table.
  func sums(_ use: Use, readsRows: Bool = false) -> [Part] {
    if let known = parts[use] { return known }
    let made = parameters.parts(ofMemory: use.memory).filter { !$0.parameter.isFrozen }.map { part in
      let isFirst = used.insert(ObjectIdentifier(part.parameter)).inserted
      let isSparse = !isFirst && readsRows && part.layout == .outputsByInputs
      let made = Part(
        place: part, extra: isFirst || isSparse ? nil : Tensor.zeros(part.parameter.shape),
        rows: isSparse ? RowSums(width: part.parameter.count / max(1, part.range.count)) : nil)
      if !isFirst { extras.append((part.parameter, made)) }
      return made
    }
    parts[use] = made
    return made
  }
}
