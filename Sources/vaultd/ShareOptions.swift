import ArgumentParser
import Glibc
import VaultCrypto
import VaultEngine

/// How a recovery seed is split, and whom the shares are for.
struct ShareOptions: ParsableArguments {
  @Option(help: ArgumentHelp("How many shares are needed to recover.", valueName: "k")) var threshold: Int?
  @Option(
    name: .customLong("share-recipient"),
    help: ArgumentHelp("age recipient of one share's holder; once for each.", valueName: "age1…"))
  var recipients: [String] = []
  @Option(
    help: ArgumentHelp("Where the age files of the shares are written; here where none is named.", valueName: "dir"))
  var shareDirectory: String?
  @Flag(help: "Print the shares as bare words on standard output: whoever sees enough of them opens everything.")
  var printBareShares = false
  @Option(help: ArgumentHelp("How many bare shares are printed; three where nothing is said.", valueName: "n"))
  var shares: Int?

  /// Where the age files go.
  var directory: String { shareDirectory ?? "." }

  /// Whether anything was said about shares.
  var isGiven: Bool { threshold != nil || !recipients.isEmpty || printBareShares || shares != nil }

  /// What was said about shares; nil where that is nothing.
  func plan() throws -> SharePlan? {
    guard isGiven else { return nil }
    guard printBareShares || !recipients.isEmpty else {
      throw Failure(
        Failure.usage, "Recovery shares are for somebody: name the age recipient of each holder.",
        hint: "Give --share-recipient once for each. Bare words on the screen need --print-bare-shares.")
    }
    guard printBareShares ? recipients.isEmpty && shareDirectory == nil : shares == nil else {
      throw Failure(
        Failure.usage, "Shares are either sealed to their holders or printed bare.",
        hint: "Leave out --print-bare-shares and --shares, or --share-recipient and --share-directory.")
    }
    if printBareShares {
      let threshold = threshold ?? 2
      return try SharePlan(.printed, threshold: threshold, count: shares ?? max(3, threshold))
    }
    return try SharePlan(
      .recipients(recipients.map(ShareOptions.recipient), directory: directory), threshold: threshold ?? 0)
  }

  /// A founding for scripts: three bare shares in its directory unless it says otherwise.
  func insecurePlan(directory: String) throws -> SharePlan? {
    guard recipients.isEmpty, !printBareShares, shares == nil else { return try plan() }
    let threshold = threshold ?? 2
    return try SharePlan(.files(directory: directory), threshold: threshold, count: max(3, threshold))
  }

  static let recipientHint =
    "An X25519 key of age, age1… with 62 characters: age-keygen makes one. Hybrid keys (age1pq1…) and plugins are not taken."

  static func recipient(_ text: String) throws(Failure) -> AgeRecipient {
    do { return try AgeRecipient(text) } catch {
      throw Failure(
        Failure.usage, "A share recipient is not one of age's X25519 recipients.", hint: recipientHint)
    }
  }
}

/// Who gets which share.
struct SharePlan {
  enum Place {
    case recipients([AgeRecipient], directory: String)
    case files(directory: String)
    case printed
  }

  let place: Place
  let holders: ShareHolders

  /// Where files are written; nil where the shares are printed.
  var directory: String? {
    switch place {
    case .recipients(_, let directory), .files(let directory): directory
    case .printed: nil
    }
  }

  init(_ place: Place, threshold: Int, count: Int? = nil) throws(Failure) {
    var recipients: [String] = []
    if case .recipients(let parsed, _) = place { recipients = parsed.map(\.text) }
    if Set(recipients).count < recipients.count {
      Output.errorLine("A share recipient is named twice: whoever holds several shares needs fewer other people.")
    }
    do throws(VaultError) {
      holders = try ShareHolders(threshold: threshold, count: count ?? recipients.count, recipients: recipients)
    } catch {
      throw Failure(
        Failure.usage,
        "The threshold lies between 2 and the number of shares, which is at most \(ShareHolders.countMax).",
        hint: "For example --threshold 2 with three --share-recipient.")
    }
    self.place = place
  }

  /// For holders who are known already.
  init(_ holders: ShareHolders, directory: String) throws {
    place = .recipients(try holders.recipients.map(ShareOptions.recipient), directory: directory)
    self.holders = holders
  }

  /// Writes `NAME-N.age` for each holder, bare words for insecure foundings, or prints them.
  /// All or none: what was written before something failed is removed again.
  func issue(_ seed: RecoverySeed, named name: String = "recovery-share") throws -> IssuedShares {
    let issued = IssuedShares()
    let (threshold, count) = (holders.threshold, holders.count)
    do {
      for (index, share) in try seed.split(threshold: threshold, count: count).enumerated() {
        switch place {
        case .recipients(let recipients, let directory):
          let file = "\(name)-\(index + 1).age"
          let path = directory == "." ? file : "\(directory)/\(file)"
          let sealed = try Age.encrypt(share.text, to: [recipients[index]])
          try unsafe sealed.withUnsafeBytes { try unsafe issued.write($0, to: path) }
          issued.lines.append("share \(index + 1) of \(count), \(threshold) needed: \(path)")
        case .files(let directory):
          try share.text.withBytes { bytes throws(Failure) in
            try unsafe issued.write(bytes, to: "\(directory)/\(name)-\(index + 1).txt")
          }
        case .printed:
          Output.line("share \(index + 1) of \(count), \(threshold) needed:")
          share.text.withBytes { unsafe Output.write($0) }
          Output.line("\n")
        }
      }
      try issued.flush()
    } catch {
      issued.remove()
      throw error
    }
    return issued
  }
}

/// Share files that were written, until what they are for has happened.
final class IssuedShares {
  fileprivate(set) var lines: [String] = []
  private var paths: [String] = []

  fileprivate func write(_ bytes: UnsafeRawBufferPointer, to path: String) throws(Failure) {
    try unsafe SecretFile.write(bytes, to: path, what: path)
    paths.append(path)
  }

  fileprivate func flush() throws(Failure) {
    for path in paths { try SecretFile.flushDirectory(of: path) }
  }

  /// They open nothing: leaving them would only be in the way.
  func remove() {
    for path in paths { unsafe unlink(path) }
    paths = []
  }
}
