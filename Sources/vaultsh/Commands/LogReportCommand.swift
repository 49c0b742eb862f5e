import AccessLog
import ArgumentParser
import Glibc
import VaultAPI
import VaultModel

struct LogReport: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "What was unusual, who read what and when, and how far review has come. For auditors.",
    discussion: """
      With --html a page for a browser, whole in one file that needs neither network nor script, readable by you alone; \
      without, a summary. The eight weeks before the period are read too, to know what is usual for each account. The log \
      is verified on the way: where it does not verify, the report says so at its top, and the exit code is 7.
      """)

  /// Days, where no beginning is given: a month, however long.
  private static let dayCount: Int32 = 31

  @Option(
    help: ArgumentHelp("Write the page here; must not exist yet.", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var html: String?

  @Flag(help: "Write over the file of --html where there is one.")
  var replace = false

  @Option(
    help: ArgumentHelp(
      "From this day or time on, such as 2026-05-17, in the zone of --time-zone. Default: 31 days back.",
      valueName: "time"))
  var since: String?

  @Option(help: ArgumentHelp("Before this day or time. Default: now.", valueName: "time"))
  var until: String?

  @Option(
    help: ArgumentHelp(
      "Zone in which hours and days are told and off-hours judged, such as Asia/Kolkata. Default: this computer's.",
      valueName: "zone"))
  var timeZone: String?

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let made = Int64(time(nil)) * 1000
    let extent = try ReportPeriod.extent(since: since, until: until, made: made, defaultDayCount: Self.dayCount)
    let clock = try ZoneTable.clock(named: timeZone, for: extent)
    let period = try ReportPeriod(
      since: since, until: until, made: made, defaultDayCount: Self.dayCount, clock: clock)
    guard html != nil || !replace else {
      throw Failure.usage("--replace needs --html.", hint: "Name the file with --html FILE.", field: "--replace")
    }
    // Before minutes of work, not after them.
    if let html, !replace { try ReportFile.demandAbsent(html) }
    let session = try await shell.openSession()
    let roles = try await shell.client.accounts().map { ($0.account, $0.role.rawValue) }
    var review = ReadingReview(
      period: period.period, clock: clock, roles: Dictionary(roles) { first, _ in first })
    let reasons = try await ReportEntries(shell: shell).add(to: &review, period)
    let (log, signOffs, failure) = try await ReportedLog(shell: shell).state()
    let status = try await shell.client.status()
    let report = ReviewReport(
      figures: review.figures(), log: log, signOffs: signOffs, vault: status.vault, isDemo: status.isDemo,
      author: session.account, made: made)
    if let html { try ReportFile.write(report.html(), to: html, replaces: replace) }
    if var failure {
      // Never an answer that looks like one of a log that is whole.
      if let html {
        failure.hint +=
          " The report says so at its top; it was written all the same: "
          + "\(Printable.line(html))."
      }
      throw failure
    }
    shell.remember(records: report.figures.records.map(\.id))
    try shell.answer(ReportAnswer.document(report, file: html), .personal) { sheet in
      ReportAnswer.fill(&sheet, report, reasons, file: html)
    }
  }
}
