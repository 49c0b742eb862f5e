import VaultAPI
import VaultModel

/// What happened to one record, in sentences that can be read to the person it is about: who, when, what and why, without
/// ids, codes or words of the trade.
struct ReadingStory {
  let record: String
  let entries: [AuditEntry]

  /// What shows something of a record, or that there is one.
  private static let readings: Set<String> = ["record.read", "record.list", "record.export", "record.disclose"]

  /// Everybody who had the record before them, or tried to, in the order of their first entry.
  struct Person {
    let name: String
    var read = 0
    var changed = 0
    var found = 0
    var refused = 0
    let first: String
    var last: String
  }

  var people: [Person] {
    var people: [Person] = []
    for entry in entries where !Self.isOfTheLog(entry) {
      let name = Self.name(of: entry)
      let place = people.firstIndex { $0.name == name } ?? people.count
      if place == people.count { people.append(Person(name: name, first: entry.time, last: entry.time)) }
      let count = Int(clamping: entry.count ?? 1)
      switch (entry.outcome, entry.action) {
      case (.denied, _): people[place].refused += count
      case (.failed, _): break
      case (_, "record.create"), (_, "record.edit"): people[place].changed += entry.record == record ? count : 0
      case (_, "record.search"): people[place].found += count
      case (_, let action) where Self.readings.contains(action): people[place].read += count
      default: break
      }
      people[place].last = entry.time
    }
    return people
  }

  /// `record`, `entries[]` as the log has them, `people[]` {`account`, `read`, `changed`, `found`, `refused`, `first`,
  /// `last`}, and `sentences[]` {`time`, `text`}.
  var document: [UInt8] {
    var json = JSONText(capacity: 256 + entries.count * 512)
    json.object { (json: inout JSONText) in
      json.member("record", record)
      json.member("entries", entries)
      json.name("people")
      json.array { (json: inout JSONText) in
        for person in people {
          json.object { (json: inout JSONText) in
            json.member("account", person.name)
            json.member("read", person.read)
            json.member("changed", person.changed)
            json.member("found", person.found)
            json.member("refused", person.refused)
            json.member("first", person.first)
            json.member("last", person.last)
          }
        }
      }
      json.name("sentences")
      json.array { (json: inout JSONText) in
        for entry in told {
          json.object { (json: inout JSONText) in
            json.member("time", entry.time)
            json.member("text", sentence(entry))
          }
        }
      }
    }
    return json.bytes
  }

  // MARK: For people

  /// Without looks at the log that follow one by the same person: a long log is read in pages, each of which is an entry.
  private var told: [AuditEntry] {
    var told: [AuditEntry] = []
    for entry in entries {
      if let last = told.last, Self.isOfTheLog(last), Self.isOfTheLog(entry), last.outcome == entry.outcome,
        last.account == entry.account, last.uid == entry.uid, last.time.prefix(10) == entry.time.prefix(10)
      {
        continue
      }
      told.append(entry)
    }
    return told
  }

  @MainActor func sum(in sheet: inout Sheet) {
    var table = Table([
      .init("WHO", isFlexible: true), .init("READ"), .init("CHANGED"), .init("FOUND"), .init("REFUSED"), .init("FIRST"),
      .init("LAST"),
    ])
    for person in people {
      let counts = [person.read, person.changed, person.found].map { $0 == 0 ? "" : String($0) }
      table.row(
        [.init(person.name, .bold)] + counts.map { .init($0) } + [
          .init(person.refused == 0 ? "" : String(person.refused), .danger), .init(LocalTime.text(person.first)),
          .init(LocalTime.text(person.last)),
        ])
    }
    sheet.table(table)
  }

  @MainActor func tell(in sheet: inout Sheet) {
    sheet.line(sheet.style(.heading, "Who has looked at what is written about you"))
    var day = ""
    for entry in told {
      let date = LocalTime.day(entry.time)
      if date != day {
        sheet.heading(date)
        day = date
      }
      sheet.paragraph("At \(LocalTime.clock(entry.time)) " + sentence(entry), indent: 2)
    }
    sheet.heading("What this list cannot tell")
    for line in Self.limits { sheet.paragraph(line, indent: 2) }
  }

  private static let limits = [
    "Who else stood beside the person who was reading, or was told afterwards.",
    "What happened to anything that was copied by hand, printed or photographed.",
    "What somebody could see who had taken over the computer that keeps the records while others were working with it.",
    "Whether the person at the keyboard was really the one whose name is given here.",
    "Whether the times are right: they are those of the computer that keeps the records.",
  ]

  /// One sentence without its time: who did what, and why.
  func sentence(_ entry: AuditEntry) -> String {
    let who = Self.name(of: entry)
    let times = (entry.count ?? 1) > 1 ? " This happened \(entry.count ?? 1) times in a row." : ""
    switch entry.outcome {
    case .denied: return "\(who) tried to \(attempt(entry)), and was refused.\(times)"
    case .failed: return "\(who) tried to \(attempt(entry)), and it did not work.\(times)"
    case .allowed where entry.action == "record.search":
      return "\(who) searched\(why(entry)), and \(found(entry)).\(times)"
    case .allowed: return "\(who) \(deed(entry))\(why(entry)).\(times)"
    }
  }

  private func deed(_ entry: AuditEntry) -> String {
    let parts = Self.words(entry.sections)
    switch entry.action {
    case "record.create" where entry.record != record:
      return "wrote down another person, and was shown that this record might be about the same one"
    case "record.create": return "opened this record and wrote down \(parts)"
    case "record.read": return "read \(parts)"
    case "record.edit": return "read and changed \(parts)"
    case "record.list": return "saw that this record exists, in a list without names"
    case "record.access": return "looked up who may read this record"
    case "record.reseal": return "locked parts of it anew, because it had changed who may have their keys"
    case "referral.preview": return "looked at what others would be shown if this record were referred"
    case "referral.make": return "let another team see a part of this record (\(parts))"
    case "referral.end": return "ended that another team may see a part of this record"
    case "bar.set": return "decided that somebody may not read this record"
    case "bar.lift": return "took back that somebody may not read this record"
    case "restriction.set": return "decided that only a few people may read this record"
    case "restriction.lift": return "took back that only a few people may read this record"
    default:
      return Self.isOfTheLog(entry)
        ? "looked at who had read this record" : "did something else with it (\(entry.action))"
    }
  }

  private func found(_ entry: AuditEntry) -> String {
    let which =
      entry.results.count > 1 ? "this record was one of the \(entry.results.count) found" : "found this record"
    return which + ": the name and the year of birth were shown"
  }

  private func attempt(_ entry: AuditEntry) -> String {
    switch entry.action {
    case "record.create": "open a record"
    case "record.read": "read this record"
    case "record.edit": "change this record"
    case "record.search": "search"
    default:
      Self.isOfTheLog(entry) ? "look at who had read this record" : "do something with this record (\(entry.action))"
    }
  }

  /// With a comma before it; empty where none was given.
  private func why(_ entry: AuditEntry) -> String {
    let purpose: String? =
      switch entry.purpose.flatMap(Purpose.init(rawValue:)) {
      case .casework: "to work on the case"
      case .safeguarding: "to keep somebody safe"
      case .court: "for a court"
      case .referral: "to involve another organisation"
      case .subjectAccess: "because the person it is about asked to see it"
      case .supervision: "to look over a colleague's work"
      case .emergency: "in an emergency"
      case nil: nil
      }
    let words = entry.action == "record.search" ? nil : entry.reason
    switch (purpose, words) {
    case (nil, nil): return ""
    case (let purpose?, nil): return ", \(purpose)"
    case (nil, let words?): return ", with these words: “\(words)”"
    case (let purpose?, let words?): return ", \(purpose), with these words: “\(words)”"
    }
  }

  /// Reading the log is told as well, and is no reading of the record.
  private static func isOfTheLog(_ entry: AuditEntry) -> Bool { entry.action.hasPrefix("log.") }

  private static func name(of entry: AuditEntry) -> String {
    entry.account ?? "Somebody whom the vault did not know (user \(entry.uid))"
  }

  /// `the name, how to get in touch and the case`.
  private static func words(_ sections: [String]) -> String {
    // The name first and consent last, in whatever order they were asked for.
    func place(_ name: String) -> Int { Section.allCases.firstIndex { $0.rawValue == name } ?? Section.allCases.count }
    let sections = sections.sorted { place($0) < place($1) }
    let words = sections.map { name in
      switch Section(rawValue: name) {
      case .identity: "the name and who the person is"
      case .contact: "how to get in touch safely"
      case .case: "what is planned and done in the case"
      case .exploitation: "what the person went through"
      case .health: "what is written about health"
      case .legal: "what concerns police and courts"
      case .consent: "what the person agreed to"
      case nil: name
      }
    }
    guard let last = words.last else { return "the record" }
    return words.count == 1 ? last : words.dropLast().joined(separator: ", ") + " and " + last
  }
}
