import AccessLog
import Glibc

/// The offsets of a time zone over some time, from the tables of the system.
@MainActor enum ZoneTable {
  /// As the daemon bounds it.
  private static let nameByteCountMax = 64
  private static let directory = "/usr/share/zoneinfo"

  /// - Parameter name: of the IANA database; nil for the zone of this computer.
  static func clock(named name: String?, for time: Range<Int64>) throws -> LocalClock {
    guard let name else { return LocalClock(zone: localName, changes: changes(over: time)) }
    guard isKnown(name) else {
      throw Failure.usage(
        "This is not a time zone's name.", hint: "Such as Europe/London or Asia/Kolkata.", field: "--time-zone")
    }
    // The C library tells offsets of one zone at a time. Nothing else in this program runs meanwhile.
    let before = Environment.value("TZ")
    _ = unsafe setenv("TZ", ":" + name, 1)
    tzset()
    defer {
      if let before { _ = unsafe setenv("TZ", before, 1) } else { _ = unsafe unsetenv("TZ") }
      tzset()
    }
    return LocalClock(zone: name, changes: changes(over: time))
  }

  /// The system takes any name, and UTC for one that it does not know.
  private static func isKnown(_ name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-"
    guard name.utf8.count <= nameByteCountMax, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(letters.contains) })
    else { return false }
    if name == "UTC" { return true }
    let descriptor = unsafe open((Environment.path("TZDIR") ?? directory) + "/" + name, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    // RFC 8536 §3.1.
    var magic = [UInt8](repeating: 0, count: 4)
    let count = unsafe read(descriptor, &magic, magic.count)
    return count == 4 && magic == Array("TZif".utf8)
  }

  private static var localName: String {
    if let zone = Environment.path("TZ") { return zone.hasPrefix(":") ? String(zone.dropFirst()) : zone }
    var target = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe readlink("/etc/localtime", &target, target.count)
    guard count > 0 else { return "UTC" }
    let path = String(decoding: target.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard let range = path.firstRange(of: "zoneinfo/") else { return "the zone of this computer" }
    return String(path[range.upperBound...])
  }

  /// Looked at once a day: no zone changes twice in one.
  private static func changes(over time: Range<Int64>) -> [LocalClock.Change] {
    let (first, last) = (time.lowerBound / 1000 - 86_400, time.upperBound / 1000 + 86_400)
    var known = offset(at: first)
    var changes = [LocalClock.Change(since: first, offset: known)]
    for second in stride(from: first + 86_400, through: last + 86_400, by: 86_400) {
      let next = offset(at: second)
      guard next != known else { continue }
      var (low, high) = (second - 86_400, second)
      while high - low > 1 {
        let middle = (low + high) / 2
        if offset(at: middle) == known { low = middle } else { high = middle }
      }
      changes.append(LocalClock.Change(since: high, offset: next))
      known = next
    }
    return changes
  }

  private static func offset(at second: Int64) -> Int32 {
    var time = time_t(second)
    var parts = unsafe tm()
    guard unsafe localtime_r(&time, &parts) != nil else { return 0 }
    return unsafe Int32(clamping: parts.tm_gmtoff)
  }
}
