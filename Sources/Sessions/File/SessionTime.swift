import Platform

/// A moment, as sessions write it.
public struct SessionTime: Sendable, Hashable {
  /// Seconds since 1970.
  public let seconds: Int
  /// Whether names of files have the time of UTC instead of the local one.
  private let isUTC: Bool

  /// A moment.
  public init(seconds: Int, isUTC: Bool = false) {
    self.seconds = seconds
    self.isUTC = isUTC
  }

  /// The present moment.
  public static var now: SessionTime { SessionTime(seconds: Int(time(nil))) }

  /// The time in UTC, as in `2026-11-28T18:00:00Z`.
  public var text: String {
    let parts = parts(isUTC: true)
    return date(parts) + "T" + [parts.tm_hour, parts.tm_min, parts.tm_sec].map { digits($0, 2) }.joined(separator: ":")
      + "Z"
  }

  /// The time for the name of a file, as in `2026-11-28-1803`.
  var fileName: String {
    let parts = parts(isUTC: isUTC)
    return date(parts) + "-" + digits(parts.tm_hour, 2) + digits(parts.tm_min, 2)
  }

  private func date(_ parts: tm) -> String {
    [digits(parts.tm_year + 1900, 4), digits(parts.tm_mon + 1, 2), digits(parts.tm_mday, 2)].joined(separator: "-")
  }

  private func parts(isUTC: Bool) -> tm {
    var moment = time_t(seconds)
    var parts = tm()
    if isUTC { gmtime_r(&moment, &parts) } else { localtime_r(&moment, &parts) }
    return parts
  }

  private func digits(_ value: Int32, _ count: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, count - text.count)) + text
  }
}
