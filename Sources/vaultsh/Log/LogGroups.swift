import ArgumentParser
import VaultAPI
import VaultModel

/// What entries are counted by.
enum LogGrouping: String, CaseIterable, ExpressibleByArgument {
  case account, record, day
}

/// Entries counted by who did it, by record or by day, in the order of the first one; people see the largest first, days
/// in their order.
struct LogGroups {
  struct Group {
    let key: String
    /// Events: an entry that stands for several counts as so many.
    var events: UInt64 = 0
    var allowed: UInt64 = 0
    var denied: UInt64 = 0
    var failed: UInt64 = 0
    /// Of records, allowed.
    var readings: UInt64 = 0
    /// Different accounts, or different records where the groups are accounts.
    var others: Set<String> = []
    let first: String
    var last: String
  }

  let grouping: LogGrouping
  private(set) var groups: [Group] = []
  private var places: [String: Int] = [:]

  init(by grouping: LogGrouping) { self.grouping = grouping }

  /// Entries about no record are in no group where the groups are records.
  mutating func add(_ entry: AuditEntry) {
    guard let key = key(of: entry) else { return }
    let place = places[key] ?? groups.count
    if place == groups.count {
      places[key] = place
      groups.append(Group(key: key, first: entry.time, last: entry.time))
    }
    let count = entry.count ?? 1
    groups[place].events &+= count
    switch entry.outcome {
    case .allowed: groups[place].allowed &+= count
    case .denied: groups[place].denied &+= count
    case .failed: groups[place].failed &+= count
    }
    if entry.action == "record.read", entry.outcome == .allowed { groups[place].readings &+= count }
    if let other = grouping == .account ? entry.record : entry.account { groups[place].others.insert(other) }
    groups[place].last = entry.time
  }

  private func key(of entry: AuditEntry) -> String? {
    switch grouping {
    case .account: entry.account ?? "uid \(entry.uid)"
    case .record: entry.record
    case .day: String(LocalTime.text(entry.time).prefix(10))
    }
  }

  /// `by`, and `groups[]` {`key`, `events`, `allowed`, `denied`, `failed`, `readings`, `records` or `accounts`, `first`,
  /// `last`}. Days are those of the reader's own time zone.
  var document: [UInt8] {
    var json = JSONText(capacity: 64 + groups.count * 192)
    json.object { (json: inout JSONText) in
      json.member("by", grouping.rawValue)
      json.name("groups")
      json.array { (json: inout JSONText) in
        for group in groups {
          json.object { (json: inout JSONText) in
            json.member("key", group.key)
            json.member("events", group.events)
            json.member("allowed", group.allowed)
            json.member("denied", group.denied)
            json.member("failed", group.failed)
            json.member("readings", group.readings)
            json.member(grouping == .account ? "records" : "accounts", UInt64(group.others.count))
            json.member("first", group.first)
            json.member("last", group.last)
          }
        }
      }
    }
    return json.bytes
  }

  @MainActor func fill(_ sheet: inout Sheet) {
    guard !groups.isEmpty else { return sheet.line("No entry matches.") }
    var table = Table([
      .init(grouping.rawValue.uppercased(), isFlexible: true), .init("EVENTS"), .init("READINGS"), .init("DENIED"),
      .init("FAILED"), .init(grouping == .account ? "RECORDS" : "ACCOUNTS"), .init("FIRST"), .init("LAST"),
    ])
    let shown = grouping == .day ? groups : groups.sorted { ($1.events, $0.key) < ($0.events, $1.key) }
    for group in shown {
      table.row([
        .init(group.key, .bold), .init(String(group.events)), .init(Self.text(group.readings)),
        .init(Self.text(group.denied), .danger), .init(Self.text(group.failed), .careful),
        .init(Self.text(UInt64(group.others.count))), .init(LocalTime.text(group.first)),
        .init(LocalTime.text(group.last)),
      ])
    }
    sheet.table(table)
  }

  /// Nothing is easier to pass over than a column of noughts.
  private static func text(_ count: UInt64) -> String { count == 0 ? "" : String(count) }
}
