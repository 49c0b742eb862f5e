import ArgumentParser

struct Log: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read, review and verify the access log.",
    subcommands: [
      LogEntries.self, LogReveal.self, LogSignoff.self, LogSignoffs.self, LogVerify.self, LogExport.self, LogProve.self,
      LogReport.self, LogBreakGlass.self, LogReviewBreakGlass.self,
    ],
    defaultSubcommand: LogEntries.self)
}
