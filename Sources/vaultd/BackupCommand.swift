import ArgumentParser
import Glibc
import VaultCrypto
import VaultEngine

/// Carries the vault away as an age file, while the daemon serves it or while nobody does.
struct BackupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Write the whole vault, without its root key, to an age file.")

  @Option(help: ArgumentHelp("Directory of the vault; a daemon may have it open.", valueName: "dir")) var data: String
  @Option(help: ArgumentHelp("File to write, which must not exist; - for standard output.", valueName: "file"))
  var to: String
  @Option(
    name: .customLong("recipient"),
    help: ArgumentHelp("age recipient who can open it; once for each.", valueName: "age1…"))
  var recipients: [String] = []
  @OptionGroup var rootKey: RootKeyOptions
  @Option(help: ArgumentHelp("Anchor file; beside the data directory where none is named.", valueName: "file"))
  var anchor: String?

  func run() async throws {
    let recipients = try Recipients.parse(recipients)
    let target = try BackupTarget(path: to, data: data)
    let witness = try await BackupWitness.find(directory: data, anchorPath: anchor) { try rootKey.load(besides: data) }
    let made: BackupFile
    do {
      try await witness.note(.begin(recipients), uid: getuid())
      made = try Backup.write(data, to: recipients, descriptor: target.descriptor)
      try target.finish()
    } catch {
      await witness.leave()
      throw error
    }
    do {
      try await witness.note(.end(made), uid: getuid())
    } catch {
      Output.errorLine(
        "vaultd: The backup is whole, but the log shows only that it was begun, and status an older one.")
      Output.errorLine("hint: Keep it. See why the daemon stopped writing, then make another backup.")
    }
    await witness.leave()
    // Standard output may be the backup itself.
    Output.errorLine("backup: \(made.byteCount) bytes, sha256 \(made.digestText)")
    Output.errorLine(
      "It opens with an age identity and serves with the root key, which is not in it: keep both elsewhere.")
  }
}

/// age recipients as the command line names them.
enum Recipients {
  static func parse(_ texts: [String]) throws(Failure) -> [AgeRecipient] {
    guard !texts.isEmpty, texts.count <= AgeWriter.recipientCountMax else {
      throw Failure(
        Failure.usage, "A backup needs recipients.", hint: "Give --recipient age1… at least once; age-keygen makes one."
      )
    }
    var recipients: [AgeRecipient] = []
    for text in texts {
      do { recipients.append(try AgeRecipient(text)) } catch {
        throw Failure(
          Failure.usage, "A recipient is not one of age's X25519 recipients.",
          hint: ShareOptions.recipientHint)
      }
    }
    return recipients
  }
}

/// Where a backup goes: under another name until it is whole, and never over something.
final class BackupTarget {
  private static let unfinishedSuffix = ".unfinished"

  let descriptor: Int32
  /// nil for standard output.
  private let path: String?
  private let interruption: Interruption?
  private var isFinished = false

  init(path: String, data: String) throws(Failure) {
    guard path != "-" else {
      guard isatty(STDOUT_FILENO) == 0 else {
        throw Failure(
          Failure.usage, "A backup is not for a terminal.", hint: "Send it to a file or a pipe, or name --to FILE.")
      }
      self.path = nil
      interruption = nil
      descriptor = STDOUT_FILENO
      return
    }
    guard !DataPlace.isInside(path, data: data) else {
      throw Failure(
        Failure.usage, "A backup inside the data directory is lost with it.", hint: "Name a file on another medium.")
    }
    guard unsafe access(path, F_OK) != 0 else { throw BackupTarget.occupied }
    let unfinished = path + BackupTarget.unfinishedSuffix
    descriptor = unsafe open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      guard errno != EEXIST else {
        throw Failure(
          5, "A backup to this file is being made, or was interrupted.",
          hint: "If none runs, remove FILE\(BackupTarget.unfinishedSuffix): no reader takes it for whole.")
      }
      throw Failure(1, "The backup cannot be written there.", hint: "Check that the directory exists and is yours.")
    }
    self.path = path
    interruption = Interruption { unsafe unlink(unfinished) }
  }

  deinit {
    guard let path else { return }
    close(descriptor)
    if !isFinished { unsafe unlink(path + BackupTarget.unfinishedSuffix) }
  }

  /// Makes it durable and gives it its name.
  func finish() throws(Failure) {
    guard let path else { return }
    let unfinished = path + BackupTarget.unfinishedSuffix
    guard fsync(descriptor) == 0 else {
      throw Failure(1, "The disk did not confirm the backup.", hint: "Check the medium, and write to another one.")
    }
    if unsafe link(unfinished, path) == 0 {
      unsafe unlink(unfinished)
    } else {
      guard errno != EEXIST, unsafe access(path, F_OK) != 0 else { throw BackupTarget.occupied }
      // Memory sticks have no hard links.
      guard unsafe rename(unfinished, path) == 0 else {
        throw Failure(1, "The backup could not be given its name.", hint: "Check the directory it goes to.")
      }
    }
    isFinished = true
  }

  private static let occupied = Failure(
    5, "There is a file of this name already.", hint: "Choose another name; nothing is ever overwritten.")
}
