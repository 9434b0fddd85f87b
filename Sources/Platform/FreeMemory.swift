/// The memory that a program can still allocate without making the machine swap.
public enum FreeMemory {
  /// Free memory in bytes, including caches that the system can release at once, within the limits of the control
  /// group; `nil` if it is unknown.
  public static func available() -> Int? {
    #if canImport(Darwin)
      var statistics = vm_statistics64()
      var count = mach_msg_type_number_t(
        MemoryLayout<vm_statistics64>.size / MemoryLayout<integer_t>.size)
      let result = withUnsafeMutablePointer(to: &statistics) { pointer in
        pointer.withMemoryRebound(to: integer_t.self, capacity: Int(count)) {
          host_statistics64(mach_host_self(), HOST_VM_INFO64, $0, &count)
        }
      }
      guard result == KERN_SUCCESS else { return nil }
      let pages =
        Int(statistics.free_count) + Int(statistics.inactive_count) + Int(statistics.purgeable_count)
      return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    #else
      return linux { text(of: $0) }
    #endif
  }

  /// The same, read from Linux's system files.
  /// - Parameter read: the text of a file; `nil` if there is none.
  public static func linux(_ read: (String) -> String?) -> Int? {
    let machine = read("/proc/meminfo").flatMap { number("MemAvailable:", in: $0) }.map { $0 << 10 }
    let limits = groups(read("/proc/self/cgroup") ?? "").compactMap { room(in: $0, read) }
    return ([machine].compactMap(\.self) + limits).min()
  }

  /// A control group's folder and the names of its files.
  private struct Group {
    var folder: String
    var limit: String
    var usage: String
    var cached: String
  }

  /// The control groups of this process: its own and their ancestors, in versions 1 and 2.
  private static func groups(_ text: String) -> [Group] {
    var groups: [Group] = []
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let isSecond = parts[0] == "0" && parts[1].isEmpty
      guard isSecond || parts[1].split(separator: ",").contains("memory") else { continue }
      var components = parts[2].split(separator: "/")
      while true {
        let path = components.map { "/" + $0 }.joined()
        groups.append(
          isSecond
            ? Group(
              folder: "/sys/fs/cgroup" + path, limit: "memory.max", usage: "memory.current", cached: "inactive_file")
            : Group(
              folder: "/sys/fs/cgroup/memory" + path, limit: "memory.limit_in_bytes", usage: "memory.usage_in_bytes",
              cached: "total_inactive_file"))
        guard components.popLast() != nil else { break }
      }
    }
    return groups
  }

  /// The memory left within a group's limit; `nil` if it has no limit.
  private static func room(in group: Group, _ read: (String) -> String?) -> Int? {
    guard let limit = read(group.folder + "/" + group.limit).flatMap(Self.whole), limit < 1 << 60,
      let usage = read(group.folder + "/" + group.usage).flatMap(Self.whole)
    else { return nil }
    let cached = read(group.folder + "/memory.stat").flatMap { number(group.cached, in: $0) } ?? 0
    return max(0, limit - max(0, usage - cached))
  }

  /// The number after a name at the start of a line.
  private static func number(_ name: String, in text: String) -> Int? {
    for line in text.split(separator: "\n") {
      let words = line.split { $0 == " " || $0 == "\t" }
      if words.count > 1, words[0] == name { return whole(String(words[1])) }
    }
    return nil
  }

  /// The first word of a text as a non-negative integer.
  private static func whole(_ text: String) -> Int? {
    guard let word = text.split(whereSeparator: \.isWhitespace).first, let number = Int(word), number >= 0 else {
      return nil
    }
    // Clamp, so that no sum overflows.
    return min(number, 1 << 60)
  }

  /// The text of a small file.
  private static func text(of path: String) -> String? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}
