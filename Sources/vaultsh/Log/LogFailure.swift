import AccessLog
import Glibc

/// What is wrong with a log, in words that say what to do: always exit code 7, except for a file that the system keeps
/// from us.
enum LogFailure {
  /// What was known before does not fit: removed from the end, or an older copy brought back.
  static func rolledBack(from older: UInt64, to newer: UInt64, keptAt place: String) -> Failure {
    integrity(
      "The access log was rolled back",
      "The access log is shorter than it was: \(count(older)) before, \(count(newer)) now. Entries were removed from its "
        + "end, or an older copy was brought back.",
      "Do not go on working. Tell the auditor, and keep \(place): it is signed, and proves that the log was longer.")
  }

  /// Same size, other content.
  static func forked(at size: UInt64, keptAt place: String) -> Failure {
    integrity(
      "The access log was forked",
      "There are two different access logs of \(count(size)): somebody is shown another one than you were.",
      "Do not go on working. Tell the auditor, and keep \(place): two signed checkpoints that contradict each other prove "
        + "who signed both.")
  }

  /// Longer, and does not begin with what was known.
  static func rewritten(before size: UInt64, keptAt place: String) -> Failure {
    integrity(
      "The access log was rewritten",
      "The access log does not begin with the \(count(size)) you saw before: entries were changed, removed or reordered.",
      "Do not go on working. Tell the auditor, and keep \(place): it is signed, and proves what the log said.")
  }

  static func signedByOther(_ what: String, hint: String) -> Failure {
    integrity("The access log is signed with another key", what, hint)
  }

  static func notSigned(_ place: String) -> Failure {
    integrity(
      "The checkpoint is not authentic",
      "\(place) is not signed by the key that was given: it was altered, or it is of another log.",
      "Make sure of the key first: it is published beside the export as DIR.vkey, and every shell that has used the vault "
        + "keeps it in known_vaults. If the key is right, tell the auditor and keep the files as they are.")
  }

  static func notTheRoot(_ place: String) -> Failure {
    integrity(
      "The entries are not those that were signed",
      "\(place): the entries do not give the root of the signed checkpoint. Entries were changed, added, removed or "
        + "reordered after it was signed.",
      "Keep the files as they are and tell the auditor. Export the log again into another directory, and compare.")
  }

  static func malformed(_ place: String) -> Failure {
    integrity(
      "A file is not in its form",
      "\(place) is not in the form that the format demands: it was damaged or altered.",
      "Copy or export it again, and compare. If it happens again, tell the auditor.")
  }

  /// What `ExportVerifier` found in `directory`.
  static func fault(_ fault: ExportFault, in directory: LogDirectory) -> Failure {
    let place = Printable.line(directory.directory + "/" + fault.path)
    let isCheckpoint = fault.path == TilePath.checkpoint
    guard directory.contains(fault.path) else {
      return integrity(
        "The log is not whole", "\(place) is missing: the log was cut, or was not copied whole.",
        "Copy or export it again. If the file is missing at its source too, tell the auditor: a log shorter than its signed "
          + "checkpoint says is one from which entries were removed.")
    }
    switch fault.cause.code {
    case .notAuthentic: return notSigned(place)
    case .inconsistent where isCheckpoint: return notTheRoot(place)
    case .unsupported where isCheckpoint: return malformed(place)
    case .inconsistent:
      guard case .hashes(let tile) = try? TilePath(fault.path), tile.level == 0 else { break }
      // Either may be the altered one; the root of the signed checkpoint covers both.
      let bundle = Printable.line(directory.directory + "/" + TilePath.entries(tile).text)
      return altered("\(place) or \(bundle)", entry: fault.entry)
    default: break
    }
    return altered(place, entry: fault.entry)
  }

  static func altered(_ place: String, entry: UInt64? = nil) -> Failure {
    integrity(
      "The log was altered",
      "\(place) does not hold what the rest of the log says it must: at least one byte of it was changed"
        + (entry.map { ", at entry \($0) or after it." } ?? "."),
      "Keep the files as they are and tell the auditor. Export the log again into another directory, and compare the two "
        + "files.")
  }

  // MARK: Bundles

  static func missing(_ place: String) -> Failure {
    integrity(
      "The bundle is not whole", "\(place) is missing.",
      "Ask for the bundle again; without this file what it claims is not proven.")
  }

  /// `entries.json` says something that the proven leaf does not.
  static func otherClaim(_ place: String, entry: UInt64? = nil) -> Failure {
    integrity(
      "The bundle claims something else than it proves",
      "\(place) does not say what \(entry.map { "the leaf of entry \($0)" } ?? "the signed checkpoint") says: it was altered "
        + "after the bundle was made.",
      "Do not rely on it. Keep the files as they are, and ask the auditor for the bundle again.")
  }

  static func otherPage(_ place: String) -> Failure {
    integrity(
      "The bundle's page was altered",
      "\(place) does not say what the proven entries say, although the entries themselves are genuine.",
      "Do not rely on that page. Keep the files as they are, and ask the auditor for the bundle again.")
  }

  static func notInTheLog(_ place: String, entry: UInt64) -> Failure {
    integrity(
      "The entry is not in the log",
      "\(place) does not stand at number \(entry) in the log that was signed: the leaf, its proof or its number was altered.",
      "Do not rely on it. Keep the files as they are, and ask the auditor for the bundle again.")
  }

  static func doesNotOpen(_ place: String, entry: UInt64) -> Failure {
    integrity(
      "The entry does not open",
      "\(place) does not open the leaf of entry \(entry): the key was altered, or is that of another entry or another vault.",
      "Do not rely on what is claimed of this entry. Ask the auditor for the bundle again.")
  }

  static func integrity(_ title: String, _ detail: String, _ hint: String) -> Failure {
    var failure = Failure(.integrity, detail, hint: hint)
    failure.title = title
    return failure
  }

  /// The system, not the log.
  static func system(_ failure: LogDirectory.Failure, in directory: String, _ what: String) -> Failure {
    .file(what, directory + (failure.path.isEmpty ? "" : "/" + failure.path), SystemError(failure.errno))
  }

  static func count(_ size: UInt64) -> String { size == 1 ? "1 entry" : "\(size) entries" }
}

extension LogDirectory {
  func contains(_ path: String) -> Bool { unsafe access(directory + "/" + path, F_OK) == 0 }
}
