import ArgumentParser
import VaultAPI
import VaultModel

/// Which entries of the access log are wanted; all that are given have to match.
struct LogFilterOptions: ParsableArguments {
  @Option(help: ArgumentHelp("About this record, or searches that found it.", valueName: "id"))
  var record: String?

  @Option(help: ArgumentHelp("Of this account.", valueName: "name"))
  var account: String?

  @Option(help: ArgumentHelp("In this programme.", valueName: "id"))
  var programme: String?

  @Option(
    help: ArgumentHelp("Of this action, such as record.read, or one of its words, such as read.", valueName: "action"))
  var action: String?

  @Option(help: ArgumentHelp("allowed, denied or failed.", valueName: "outcome"))
  var outcome: Outcome?

  @Option(help: ArgumentHelp("For this purpose.", valueName: "code"))
  var purpose: Purpose?

  @Option(help: ArgumentHelp("From this day or time on, such as 2026-05-17 or 2026-05-17T09:30.", valueName: "time"))
  var since: String?

  @Option(help: ArgumentHelp("Before this day or time.", valueName: "time"))
  var until: String?

  @Flag(help: "Only where the reader was neither the record's owner nor of its team.")
  var unassigned = false

  @Flag(help: "Only at nights and weekends: outside Monday to Friday, 07:00 to 20:00.")
  var offHours = false

  @Option(
    help: ArgumentHelp("Whose nights and weekends, such as Asia/Kolkata. Default: the daemon's.", valueName: "zone"))
  var timeZone: String?

  @MainActor func query() throws -> AuditQuery {
    AuditQuery(
      record: try record.map { try RecordID(typed: $0).description }, account: account, action: action,
      since: try since.map { try TypedTime.rfc3339($0, field: "--since") },
      until: try until.map { try TypedTime.rfc3339($0, field: "--until") }, programme: programme, outcome: outcome,
      purpose: purpose?.rawValue, unassigned: unassigned,
      offHours: offHours, timeZone: timeZone)
  }
}

extension Outcome: ExpressibleByArgument {}
