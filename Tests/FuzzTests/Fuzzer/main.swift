import Foundation

// Runs a target with libFuzzer, called as a library so that one executable contains all targets: `fuzz TARGET
// [libFuzzer's options] [folders or files]`. `Tests/README.md` describes how to build it.

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

let names = FuzzTarget.all.map(\.name)
nonisolated(unsafe) var chosen: FuzzTarget?

/// libFuzzer's archive requires this function at link time, although the driver gets its callback as an argument below.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  chosen?.run(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}

guard CommandLine.arguments.count > 1, let target = FuzzTarget.all.first(where: { $0.name == CommandLine.arguments[1] })
else {
  print("fuzz TARGET [options of libFuzzer] [folders or files]\ntargets: \(names.joined(separator: " "))")
  exit(2)
}
chosen = target

// `--seeds FOLDER` writes the target's seeds, to start a corpus.
if CommandLine.arguments.count > 3, CommandLine.arguments[2] == "--seeds" {
  for (number, seed) in try target.seeds().enumerated() {
    try Data(seed).write(to: URL(fileURLWithPath: "\(CommandLine.arguments[3])/seed-\(number)"))
  }
  exit(0)
}
// Creating the seeds also writes the files that a target needs besides its input.
_ = try target.seeds()

let rest = [CommandLine.arguments[0]] + CommandLine.arguments.dropFirst(2)
let copies = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: rest.count + 1)
for (index, argument) in rest.enumerated() { copies[index] = strdup(argument) }
copies[rest.count] = nil
var count = Int32(rest.count)
var arguments = copies
exit(
  runDriver(&count, &arguments) { testOneInput($0, $1) })
