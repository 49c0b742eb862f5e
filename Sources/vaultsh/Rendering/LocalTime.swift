import Glibc

/// Times of the wire (RFC 3339, UTC) on the clock of the person who reads.
enum LocalTime {
  /// `2026-05-17 09:30:12`; the text as it is where it is no such time.
  static func text(_ rfc3339: String) -> String {
    guard let seconds = seconds(rfc3339) else { return Printable.line(rfc3339) }
    return text(seconds: seconds) ?? Printable.line(rfc3339)
  }

  /// `Tuesday, 24 November 2026`.
  static func day(_ rfc3339: String) -> String { formatted(rfc3339, "%A, %e %B %Y").replacing("  ", with: " ") }

  /// `14:05`.
  static func clock(_ rfc3339: String) -> String { formatted(rfc3339, "%H:%M") }

  private static func formatted(_ rfc3339: String, _ format: String) -> String {
    guard let seconds = seconds(rfc3339) else { return Printable.line(rfc3339) }
    var time = time_t(seconds)
    var parts = unsafe tm()
    // The longest weekday, month and year in the C locale take 28 bytes.
    var buffer = [CChar](repeating: 0, count: 64)
    guard unsafe localtime_r(&time, &parts) != nil, unsafe strftime(&buffer, buffer.count, format, &parts) > 0 else {
      return Printable.line(rfc3339)
    }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  static func text(posixSeconds: UInt64) -> String { text(seconds: Int(clamping: posixSeconds)) ?? "an unknown time" }

  private static func text(seconds: Int) -> String? {
    var time = time_t(seconds)
    var parts = unsafe tm()
    guard unsafe localtime_r(&time, &parts) != nil else { return nil }
    let date = unsafe [parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday].map(two).joined(separator: "-")
    let clock = unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec].map(two).joined(separator: ":")
    return date + " " + clock
  }

  private static func seconds(_ text: String) -> Int? {
    let numbers = text.split { !$0.isASCII || !$0.isNumber }.map { Int32($0) }
    guard text.hasSuffix("Z"), numbers.count >= 6, let year = numbers[0], let month = numbers[1], let day = numbers[2],
      let hour = numbers[3], let minute = numbers[4], let second = numbers[5]
    else { return nil }
    var parts = unsafe tm()
    unsafe parts.tm_year = year - 1900
    unsafe parts.tm_mon = month - 1
    unsafe parts.tm_mday = day
    unsafe parts.tm_hour = hour
    unsafe parts.tm_min = minute
    unsafe parts.tm_sec = second
    return unsafe timegm(&parts)
  }

  private static func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
