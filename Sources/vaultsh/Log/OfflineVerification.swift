import AccessLog
import Glibc
import VaultModel

/// An export, verified without the vault.
@MainActor struct OfflineVerification {
  private let files: LogDirectory
  private let keys: OfflineKeys
  private let older: KeptCheckpoint?

  private var key: NoteKey { keys.log }
  private var cosigners: [NoteKey] { keys.cosigners }

  init(_ directory: String, key: NoteKey?, cosigners: [NoteKey], older: KeptCheckpoint?) throws {
    files = LogDirectory(DirectoryPath.trimmed(directory))
    keys = try OfflineKeys(of: files.directory, log: key, cosigners: cosigners)
    self.older = older
  }

  func run(in shell: Shell) throws {
    let kept = try older?.verified(by: key, cosigners)
    let claim = try self.claim()
    if let kept, let older { try compareSizes(kept, older.path, claim) }
    let progress = Progress("Verifying", total: claim.size, isOn: !shell.given.json)
    defer { progress.end() }
    let verified: VerifiedCheckpoint
    do {
      verified = try ExportVerifier(files, log: key, cosigners: cosigners, concurrency: Self.processorCount)
        .verify(since: kept.map { [$0.checkpoint] } ?? []) { done in
          progress.update(done)
          try Interrupt.check()
        }
    } catch let fault as ExportFault {
      if fault.path == TilePath.checkpoint, fault.cause.code == .inconsistent, let kept, let older,
        try beginsOtherwise(than: kept)
      {
        throw LogFailure.rewritten(before: kept.size, keptAt: older.path)
      }
      throw LogFailure.fault(fault, in: files)
    } catch let error as LogDirectory.Failure { throw LogFailure.system(error, in: files.directory, "Cannot read") }
    progress.end()
    try answer(verified, kept, shell)
  }

  private func claim() throws -> Checkpoint {
    do {
      guard
        let bytes = try files.contents(of: TilePath.checkpoint, byteCountMax: LogBound.noteByteCountMax)
      else {
        throw Failure(
          .notFound,
          "\(Printable.line(files.directory)) holds no checkpoint: it is no export of a log, or was not finished.",
          hint: "Name the directory that `log export` wrote, or export again.")
      }
      return try UnverifiedCheckpoint(encoded: bytes).claim
    } catch is LogError {
      throw LogFailure.malformed(Printable.line(files.directory + "/" + TilePath.checkpoint))
    } catch let error as LogDirectory.Failure { throw LogFailure.system(error, in: files.directory, "Cannot read") }
  }

  /// Before anything is hashed. The signature of what is in the directory is verified afterwards all the same.
  private func compareSizes(_ kept: VerifiedCheckpoint, _ place: String, _ claim: Checkpoint) throws {
    guard kept.origin == claim.origin else {
      throw LogFailure.signedByOther(
        "\(place) is a checkpoint of another log than the one in the directory.",
        hint: "Compare the names in their first lines, and take the checkpoint of this log.")
    }
    guard kept.size <= claim.size else {
      throw LogFailure.rolledBack(from: kept.size, to: claim.size, keptAt: place)
    }
    guard kept.size < claim.size || kept.root == claim.root else {
      throw LogFailure.forked(at: kept.size, keptAt: place)
    }
  }

  /// Whether it is the older checkpoint that does not fit, and not the newer.
  private func beginsOtherwise(than kept: VerifiedCheckpoint) throws -> Bool {
    (try? ExportVerifier(files, log: key, concurrency: Self.processorCount).verify()) != nil
  }

  private func answer(_ verified: VerifiedCheckpoint, _ kept: VerifiedCheckpoint?, _ shell: Shell) throws {
    var members: [String: JSONValue] = [
      "size": .integer(Int64(clamping: verified.size)), "root": .string(verified.root.description), "ok": true,
      "origin": .string(verified.origin.text), "key": .string(key.vkey),
      "cosignatures": .array(verified.cosignatures.map(CosignatureText.json)),
    ]
    if let kept { members["since"] = .integer(Int64(clamping: kept.size)) }
    try shell.answer(JSONValue.object(members).canonicalBytes()) { sheet in
      sheet.line(
        sheet.style(.good, "The log is whole: ")
          + "\(verified.size == 1 ? "1 entry gives" : "\(verified.size) entries give") the root that the log's key has signed."
      )
      if let kept { sheet.line("It begins with the \(LogFailure.count(kept.size)) of the older checkpoint.") }
      for cosignature in verified.cosignatures { sheet.line("Signed off by \(CosignatureText.words(cosignature)).") }
      sheet.field("Root", verified.root.description)
      sheet.field("Origin", verified.origin.text)
      LogSheet.key(key, in: &sheet)
      keys.warn(&sheet)
    }
  }

  private static var processorCount: Int { max(1, min(16, sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}

/// Who vouched for a checkpoint, and when.
enum CosignatureText {
  static func json(_ cosignature: Cosignature) -> JSONValue {
    .object([
      "name": .string(cosignature.key.name.text), "key": .string(cosignature.key.vkey),
      "time": .integer(Int64(clamping: cosignature.posixSeconds)),
    ])
  }

  static func words(_ cosignature: Cosignature) -> String {
    "\(Printable.line(cosignature.key.name.text)) on \(LocalTime.text(posixSeconds: cosignature.posixSeconds))"
  }
}
