import ArgumentParser
import VaultCrypto
import VaultEngine

/// Whether and how the recovery seed is split.
struct ShareOptions: ParsableArguments {
  /// More holders than can be gathered; SLIP-39 has room for 16.
  static let countMax = 16

  @Option(help: ArgumentHelp("How many shares are needed to recover.", valueName: "k")) var threshold: Int?
  @Option(
    name: .customLong("share-recipient"),
    help: ArgumentHelp("age recipient of one share's holder; once for each.", valueName: "age1…"))
  var recipients: [String] = []
  @Flag(help: "Make no recovery shares.") var noEscrow = false

  /// nil without escrow.
  func plan(insecureDirectory: String?) throws -> SharePlan? {
    guard !noEscrow else {
      guard recipients.isEmpty, threshold == nil else {
        throw Failure(
          Failure.usage, "--no-escrow and recovery shares exclude each other.",
          hint: "Name the holders of the shares, or do without them: not both.")
      }
      return nil
    }
    if recipients.isEmpty {
      guard let insecureDirectory else {
        guard threshold == nil else {
          throw Failure(
            Failure.usage, "--threshold needs share recipients.", hint: "Give --share-recipient once for each holder.")
        }
        return nil
      }
      let threshold = threshold ?? 2
      guard (1...ShareOptions.countMax).contains(threshold) else { throw ShareOptions.badThreshold }
      return SharePlan(threshold: threshold, holders: .bare(directory: insecureDirectory, count: max(3, threshold)))
    }
    guard let threshold, threshold >= 1, threshold <= recipients.count, recipients.count <= ShareOptions.countMax,
      threshold > 1 || recipients.count == 1
    else { throw ShareOptions.badThreshold }
    let parsed = try recipients.map { text in
      do { return try AgeRecipient(text) } catch {
        throw Failure(
          Failure.usage, "A share recipient is not an age recipient.",
          hint: "It begins with age1; age-keygen makes one.")
      }
    }
    return SharePlan(threshold: threshold, holders: .recipients(parsed))
  }

  private static let badThreshold = Failure(
    Failure.usage, "The threshold lies between 2 and the number of shares, which is at most \(countMax).",
    hint: "For example --threshold 2 with three --share-recipient.")
}

/// The recovery seed, for the length of an `init`.
struct RecoverySeed {
  let key = SymmetricKey.random()
}

/// Who gets which share.
struct SharePlan {
  enum Holders {
    case recipients([AgeRecipient])
    case bare(directory: String, count: Int)
  }

  let threshold: Int
  let holders: Holders

  /// Writes one file a holder: `recovery-share-N.age` in the working directory, or bare words for insecure foundings.
  func write(_ seed: RecoverySeed) throws {
    let count =
      switch holders {
      case .recipients(let recipients): recipients.count
      case .bare(_, let count): count
      }
    let shares = try seed.key.withBytes { bytes in
      let secret = SecretBytes(count: 32) { target in unsafe target.copyMemory(from: bytes) }
      return try SLIP39.split(secret, threshold: threshold, shareCount: count)
    }
    for (index, share) in shares.enumerated() {
      switch holders {
      case .recipients(let recipients):
        var words = share.text.withBytes { unsafe [UInt8]($0) }
        defer { wipe(&words) }
        let file = try Age.encrypt(words, to: [recipients[index]])
        let path = "recovery-share-\(index + 1).age"
        try unsafe file.withUnsafeBytes { try unsafe SecretFile.write($0, to: path, what: path) }
        Output.line("share \(index + 1) of \(count), \(threshold) needed: \(path)")
      case .bare(let directory, _):
        let path = "\(directory)/recovery-share-\(index + 1).txt"
        try share.text.withBytes { bytes throws(Failure) in
          try unsafe SecretFile.write(bytes, to: path, what: "recovery-share-\(index + 1).txt")
        }
      }
    }
  }
}
