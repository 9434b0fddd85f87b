import Tensors
import Terms

/// The labels of a model that classifies, as its configuration names them.
public struct LabelSet: Sendable, Equatable {
  /// What gets a label.
  public enum Subject: Sendable, Equatable {
    /// A whole text, or a pair of texts.
    case texts
    /// Each token of a text.
    case tokens
  }

  /// How logits become scores.
  public enum Scoring: Sendable, Equatable {
    /// The scores of all labels add up to 1: one label applies.
    case softmax
    /// Each label has a score from 0 to 1 of its own: any number of labels may apply.
    case sigmoid
    /// The logit itself: the label is a quantity.
    case identity
  }

  /// What gets a label.
  public let subject: Subject
  /// The names, in the order of the logits.
  public let names: [String]
  /// How logits become scores.
  public let scoring: Scoring

  /// Names labels.
  public init(_ subject: Subject, names: [String], scoring: Scoring) {
    self.subject = subject
    self.names = names
    self.scoring = scoring
  }

  /// The family of a model with these labels.
  public var family: ModelFamily { subject == .texts ? .classifier : .tagger }

  /// The scores of one row of logits.
  public func scores(_ logits: [Float]) -> [Double] {
    switch scoring {
    case .softmax: softmax(Tensor([1, logits.count], logits)).scalars.map(Double.init)
    case .sigmoid: activate(Tensor([1, logits.count], logits), .sigmoid).scalars.map(Double.init)
    case .identity: logits.map(Double.init)
    }
  }
}
