import CKernels
import Testing

@Suite("Row kernels equal the naive kernels bit for bit")
struct RowKernelTests {
  @Test("elementary functions equal the naive kernels'", arguments: InstructionSet.available, awkwardLengths)
  func functions(_ set: InstructionSet, _ count: Int) {
    let (fast, slow) = (set.kernels, InstructionSet.naive)
    for seed in 0..<4 as Range<UInt64> {
      let x = hardNumbers(count, seed: seed)
      #expect(sameBits(written(count) { fast.exp(x, $0, count) }, written(count) { slow.exp(x, $0, count) }), "exp")
      #expect(sameBits(written(count) { fast.log(x, $0, count) }, written(count) { slow.log(x, $0, count) }), "log")
      #expect(sameBits(written(count) { fast.tanh(x, $0, count) }, written(count) { slow.tanh(x, $0, count) }), "tanh")
      #expect(sameBits(written(count) { fast.erf(x, $0, count) }, written(count) { slow.erf(x, $0, count) }), "erf")
    }
  }

  @Test("activations equal the naive kernels'", arguments: InstructionSet.available, awkwardLengths)
  func activations(_ set: InstructionSet, _ count: Int) {
    let x = hardNumbers(count, seed: 5)
    for code in 0..<UInt32(CK_ACTIVATION_COUNT) {
      let fast = written(count) { set.kernels.activate(code, x, $0, count) }
      let slow = written(count) { InstructionSet.naive.activate(code, x, $0, count) }
      #expect(sameBits(fast, slow), "activation \(code)")
    }
  }

  @Test("elementwise arithmetic equals the naive kernels'", arguments: InstructionSet.available, awkwardLengths)
  func arithmetic(_ set: InstructionSet, _ count: Int) {
    let (fast, slow) = (set.kernels, InstructionSet.naive)
    let (a, b) = (randomNumbers(count, seed: 6), randomNumbers(count, seed: 7))
    #expect(sameBits(written(count) { fast.add(a, b, $0, count) }, written(count) { slow.add(a, b, $0, count) }))
    #expect(
      sameBits(written(count) { fast.multiply(a, b, $0, count) }, written(count) { slow.multiply(a, b, $0, count) }))
    #expect(
      sameBits(written(count) { fast.scale(a, 0.3, $0, count) }, written(count) { slow.scale(a, 0.3, $0, count) }))
  }

  @Test("norms and their statistics equal the naive kernels'", arguments: InstructionSet.available, awkwardLengths)
  func norms(_ set: InstructionSet, _ count: Int) {
    let (fast, slow) = (set.kernels, InstructionSet.naive)
    let x = randomNumbers(count, seed: 8, range: 30)
    let (weight, bias) = (randomNumbers(count, seed: 9), randomNumbers(count, seed: 10))
    // With the statistics written after the row, and without statistics.
    let layer = written(count + 2) { slow.layer_norm(x, weight, bias, 1e-5, $0, count, $0 + count) }
    #expect(sameBits(written(count + 2) { fast.layer_norm(x, weight, bias, 1e-5, $0, count, $0 + count) }, layer))
    #expect(
      sameBits(written(count) { fast.layer_norm(x, weight, bias, 1e-5, $0, count, nil) }, Array(layer.prefix(count))))
    let rms = written(count + 1) { slow.rms_norm(x, weight, 1e-6, $0, count, $0 + count) }
    #expect(sameBits(written(count + 1) { fast.rms_norm(x, weight, 1e-6, $0, count, $0 + count) }, rms))
    #expect(sameBits(written(count) { fast.rms_norm(x, weight, 1e-6, $0, count, nil) }, Array(rms.prefix(count))))
  }

  @Test(
    "softmax and log-softmax equal the naive kernels', also for logits of -infinity",
    arguments: InstructionSet.available, awkwardLengths)
  func softmax(_ set: InstructionSet, _ count: Int) {
    let (fast, slow) = (set.kernels, InstructionSet.naive)
    var x = randomNumbers(count, seed: 11, range: 20)
    for i in stride(from: 3, to: count, by: 5) { x[i] = -.infinity }
    let probabilities = written(count) { fast.softmax(x, $0, count) }
    #expect(sameBits(probabilities, written(count) { slow.softmax(x, $0, count) }))
    #expect(
      sameBits(
        written(count) { fast.log_softmax(x, $0, count) }, written(count) { slow.log_softmax(x, $0, count) }))
    if count > 0 { #expect(abs(probabilities.reduce(0, +) - 1) < 1e-5) }
  }

  @Test(
    "distribution statistics and ranks equal the naive kernels'", arguments: InstructionSet.available, awkwardLengths)
  func measures(_ set: InstructionSet, _ count: Int) {
    var x = randomNumbers(count, seed: 12, range: 20)
    if count > 8 { x[8] = x[2] }
    var fast = ck_distribution()
    var slow = ck_distribution()
    set.kernels.measure(x, count, &fast)
    InstructionSet.naive.measure(x, count, &slow)
    #expect(fast.maximum == slow.maximum && fast.argmax == slow.argmax)
    #expect(fast.log_sum.bitPattern == slow.log_sum.bitPattern || count == 0)
    #expect(fast.entropy.bitPattern == slow.entropy.bitPattern || count == 0)
    for i in x.indices { #expect(set.kernels.rank(x, count, i) == InstructionSet.naive.rank(x, count, i)) }
  }

  @Test("among equal values, the lower index ranks first")
  func ties() {
    let x: [Float] = [1, 3, 3, 2, 3]
    #expect((0..<5).map { ck_active().pointee.rank(x, 5, $0) } == [4, 0, 1, 3, 2])
    var measured = ck_distribution()
    ck_active().pointee.measure(x, 5, &measured)
    #expect(measured.argmax == 1)
  }
}
