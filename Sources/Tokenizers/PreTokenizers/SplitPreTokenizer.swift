/// Cuts at what a cutter finds.
struct SplitPreTokenizer: PreTokenizer {
  let cutter: any Cutter & Sendable
  let behavior: SplitBehavior
  var invert = false

  func preTokenize(_ text: inout SplitText) { text.split(by: cutter, behavior, invert: invert) }
}
