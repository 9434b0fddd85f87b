/// A local date and time, passed as a parameter so that the rendered text depends only on its inputs.
public struct TemplateTime: Sendable, Equatable {
  /// The year.
  public var year: Int
  /// The month, from 1.
  public var month: Int
  /// The day of the month, from 1.
  public var day: Int
  /// The hour, from 0.
  public var hour: Int
  /// The minute.
  public var minute: Int
  /// The second.
  public var second: Int

  /// A time with these components.
  public init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
  }

  /// The time `seconds` seconds after 1970-01-01 00:00:00 in the same time zone.
  public init(secondsSince1970 seconds: Int) {
    let days = Int((Double(seconds) / 86400).rounded(.down))
    let rest = seconds - days * 86400
    let date = Self.date(days)
    self.init(
      year: date.year, month: date.month, day: date.day, hour: rest / 3600, minute: rest / 60 % 60, second: rest % 60)
  }

  /// The Gregorian date `days` days after 1970-01-01 (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
  private static func date(_ days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * month + 2) / 5 + 1
    let isLate = month >= 10
    return (yearOfEra + era * 400 + (isLate ? 1 : 0), isLate ? month - 9 : month + 3, day)
  }

  /// Days since 1970-01-01.
  private var days: Int {
    let year = month <= 2 ? self.year - 1 : self.year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// The day of the week; 0 is Sunday.
  private var weekday: Int { ((days + 4) % 7 + 7) % 7 }

  /// The day of the year, from 1.
  private var dayOfYear: Int { days - TemplateTime(year: year, month: 1, day: 1).days + 1 }

  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]
  private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

  // MARK: - Formats

  /// Formats the time as C's `strftime` does in the locale `C`, without a time zone.
  func formatted(_ format: Text) -> Text {
    var bytes: [UInt8] = []
    var index = 0
    while index < format.bytes.count {
      let byte = format.bytes[index]
      index += 1
      guard byte == UInt8(ascii: "%"), index < format.bytes.count else {
        bytes.append(byte)
        continue
      }
      // GNU's flags: `-` no padding, `_` pad with spaces, `0` pad with zeros, `^` upper case.
      var flag: UInt8 = 0
      if [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "0"), UInt8(ascii: "^")].contains(format.bytes[index]),
        index + 1 < format.bytes.count
      {
        flag = format.bytes[index]
        index += 1
      }
      let letter = format.bytes[index]
      index += 1
      bytes += field(letter, flag)?.utf8.map { $0 } ?? [byte] + (flag == 0 ? [] : [flag]) + [letter]
    }
    return Text(bytes)
  }

  private func field(_ letter: UInt8, _ flag: UInt8) -> String? {
    func number(_ value: Int, _ width: Int = 2, _ fill: Character = "0") -> String {
      let digits = String(value)
      let fill = flag == UInt8(ascii: "_") ? " " : flag == UInt8(ascii: "0") ? "0" : fill
      if flag == UInt8(ascii: "-") { return digits }
      return String(repeating: fill, count: max(width - digits.count, 0)) + digits
    }
    func name(_ text: String) -> String { flag == UInt8(ascii: "^") ? text.uppercased() : text }
    func joined(_ format: Text) -> String { formatted(format).string }
    let hour12 = (hour + 11) % 12 + 1
    let month = Self.months[min(max(self.month, 1), 12) - 1]
    let weekday = Self.weekdays[self.weekday]
    switch letter {
    case UInt8(ascii: "Y"): return number(year, 1)
    case UInt8(ascii: "C"): return number(year / 100)
    case UInt8(ascii: "y"): return number(((year % 100) + 100) % 100)
    case UInt8(ascii: "m"): return number(self.month)
    case UInt8(ascii: "d"): return number(day)
    case UInt8(ascii: "e"): return number(day, 2, " ")
    case UInt8(ascii: "H"): return number(hour)
    case UInt8(ascii: "k"): return number(hour, 2, " ")
    case UInt8(ascii: "I"): return number(hour12)
    case UInt8(ascii: "l"): return number(hour12, 2, " ")
    case UInt8(ascii: "M"): return number(minute)
    case UInt8(ascii: "S"): return number(second)
    case UInt8(ascii: "f"): return "000000"
    case UInt8(ascii: "j"): return number(dayOfYear, 3)
    case UInt8(ascii: "B"): return name(month)
    case UInt8(ascii: "b"), UInt8(ascii: "h"): return name(String(month.prefix(3)))
    case UInt8(ascii: "A"): return name(weekday)
    case UInt8(ascii: "a"): return name(String(weekday.prefix(3)))
    case UInt8(ascii: "p"): return hour < 12 ? "AM" : "PM"
    case UInt8(ascii: "P"): return hour < 12 ? "am" : "pm"
    case UInt8(ascii: "w"): return String(self.weekday)
    case UInt8(ascii: "u"): return String((self.weekday + 6) % 7 + 1)
    case UInt8(ascii: "U"): return number((dayOfYear + 6 - self.weekday) / 7)
    case UInt8(ascii: "W"): return number((dayOfYear + 6 - (self.weekday + 6) % 7) / 7)
    case UInt8(ascii: "V"): return number(isoWeek.week)
    case UInt8(ascii: "G"): return number(isoWeek.year, 1)
    case UInt8(ascii: "g"): return number(isoWeek.year % 100)
    case UInt8(ascii: "s"): return String(days * 86400 + hour * 3600 + minute * 60 + second)
    case UInt8(ascii: "D"), UInt8(ascii: "x"): return joined("%m/%d/%y")
    case UInt8(ascii: "F"): return joined("%Y-%m-%d")
    case UInt8(ascii: "T"), UInt8(ascii: "X"): return joined("%H:%M:%S")
    case UInt8(ascii: "R"): return joined("%H:%M")
    case UInt8(ascii: "r"): return joined("%I:%M:%S %p")
    case UInt8(ascii: "c"): return joined("%a %b %e %H:%M:%S %Y")
    case UInt8(ascii: "z"), UInt8(ascii: "Z"): return ""
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "%"): return "%"
    default: return nil
    }
  }

  /// The ISO 8601 week: the week that contains the Thursday of this date's week, and its year.
  private var isoWeek: (year: Int, week: Int) {
    let thursday = TemplateTime(secondsSince1970: (days + 3 - (weekday + 6) % 7) * 86400)
    return (thursday.year, (thursday.dayOfYear - 1) / 7 + 1)
  }
}
