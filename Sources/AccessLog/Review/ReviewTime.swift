/// Times as people and the wire write them (RFC 3339, or a day alone), as milliseconds.
public enum ReviewTime {
  /// `2026-05-17` (its beginning, UTC), `2026-05-17T09:30:00Z`, `2026-05-17T09:30:00.250+05:30`; nil for anything else
  /// and for times before 1970.
  public static func milliseconds(_ text: String) -> Int64? { milliseconds(text, on: nil) }

  /// As people type it who look at that clock: `2026-05-17` is its beginning there, and `2026-05-17 09:30`,
  /// `2026-05-17T09:30` and either with seconds are what it shows; with an offset or a `Z`, RFC 3339 as ever.
  public static func milliseconds(typed text: String, on clock: LocalClock) -> Int64? { milliseconds(text, on: clock) }

  private static func milliseconds(_ text: String, on clock: LocalClock?) -> Int64? {
    var rest = Array(text.utf8)[...]
    guard rest.count <= textByteCountMax, let year = digits(4, &rest), mark("-", &rest), let month = digits(2, &rest),
      mark("-", &rest), let date = digits(2, &rest), let day = LocalDay(year: year, month: month, day: date)
    else { return nil }
    let milliseconds: Int64
    if rest.isEmpty {
      milliseconds = (clock ?? .utc).milliseconds(day)
    } else {
      guard mark("T", &rest) || (clock != nil && mark(" ", &rest)),
        let ofDay = timeOfDay(&rest, needsSeconds: clock == nil)
      else { return nil }
      if rest.isEmpty, let clock {
        milliseconds = clock.milliseconds(day, ofDay)
      } else {
        guard let offset = offset(&rest), rest.isEmpty else { return nil }
        milliseconds = Int64(day.number) * 86_400_000 + ofDay - offset
      }
    }
    return milliseconds >= 0 ? milliseconds : nil
  }

  private static func timeOfDay(_ rest: inout ArraySlice<UInt8>, needsSeconds: Bool) -> Int64? {
    guard let hour = digits(2, &rest), hour < 24, mark(":", &rest), let minute = digits(2, &rest), minute < 60 else {
      return nil
    }
    let minutes = Int64(hour * 60 + minute) * 60_000
    guard mark(":", &rest) else { return needsSeconds ? nil : minutes }
    guard let second = digits(2, &rest), second < 60, let fraction = fraction(&rest) else { return nil }
    return minutes + Int64(second) * 1000 + fraction
  }

  /// The longest spelling, with nanoseconds and an offset.
  private static let textByteCountMax = 40

  private static func mark(_ mark: Unicode.Scalar, _ rest: inout ArraySlice<UInt8>) -> Bool {
    guard rest.first == UInt8(ascii: mark) else { return false }
    rest.removeFirst()
    return true
  }

  private static func digits(_ count: Int, _ rest: inout ArraySlice<UInt8>) -> Int? {
    guard rest.count >= count else { return nil }
    var value = 0
    for byte in rest.prefix(count) {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      value = value * 10 + Int(byte - UInt8(ascii: "0"))
    }
    rest = rest.dropFirst(count)
    return value
  }

  /// Milliseconds; finer digits are passed over.
  private static func fraction(_ rest: inout ArraySlice<UInt8>) -> Int64? {
    guard mark(".", &rest) else { return 0 }
    var value: Int64 = 0
    var weight: Int64 = 100
    var count = 0
    while let digit = digits(1, &rest) {
      value += Int64(digit) * weight
      weight /= 10
      count += 1
    }
    return count > 0 ? value : nil
  }

  private static func offset(_ rest: inout ArraySlice<UInt8>) -> Int64? {
    if mark("Z", &rest) { return 0 }
    let isEast = mark("+", &rest)
    guard isEast || mark("-", &rest), let hours = digits(2, &rest), hours < 24, mark(":", &rest),
      let minutes = digits(2, &rest), minutes < 60
    else { return nil }
    return Int64(hours * 60 + minutes) * (isEast ? 60_000 : -60_000)
  }
}
