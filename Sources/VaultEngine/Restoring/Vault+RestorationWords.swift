import AccessLog
import VaultCrypto
import VaultStore

extension Vault {
  /// What whoever accepts second is shown: what is kept, what is gone, what was repeated.
  func restorationWords(_ hash: [UInt8], in view: borrowing ReadView) throws -> [String] {
    guard let restoration = try Restoration.all(in: view, keys: keys).last?.restoration,
      restoration.succession.hash == hash, restoration.succession.number == ledger.number
    else { return ["It is about another restore than the one that waits: nothing would change."] }
    let succession = restoration.succession
    let kept = try UnverifiedCheckpoint(encoded: succession.kept).claim
    let excluded = try Exclusions.read(in: view, keys: keys).exclusions
    let gone: String
    if succession.newest.isEmpty {
      gone = "Nothing is known of what came after."
    } else {
      let newest = try UnverifiedCheckpoint(encoded: succession.newest).claim
      if newest.origin == kept.origin {
        gone =
          newest.size > kept.size
          ? "Entries \(kept.size) to \(newest.size - 1) are gone, and whatever they tell of."
          : "No entry is known to be gone."
      } else {
        gone = "The log had gone on as \(newest.origin.text), with \(newest.size) entries, which are gone."
      }
    }
    let replay = succession.replay
    let journal: String
    if replay.hasJournal {
      journal =
        (replay.hasGap
          ? "The journal was replayed, but there is a stretch that it knows nothing of: "
          : "The journal was replayed: ")
        + "\(replay.suspended) suspensions, \(replay.revoked) revocations, \(replay.erased) erasures. "
        + replay.reachWords
    } else {
      journal = "Without a journal: suspensions, revocations and erasures since the backup are NOT carried forward."
    }
    let undone = replay.recoveredWords.map { words in
      words + " Deny this if there is a backup from after that; if there is none, recover again once it is accepted."
    }
    return [
      "The backup with sha256 \(hexadecimal(succession.backup)) is the vault from now on, and records are served again.",
      "Its access log goes on as number \(succession.number), after \(kept.size) entries of \(kept.origin.text), root \(kept.root).",
      gone, journal,
      undone,
      excluded.isEmpty
        ? nil
        : "Kept out until their programmes have new keys: "
          + excluded.programmes.keys.sorted().map(\.description).joined(separator: ", ") + ".",
      "Whoever remembers the log before follows the two signatures. What is signed has the digest \(hexadecimal(hash)).",
    ].compactMap(\.self)
  }
}

extension Succession.Replay {
  /// How far a journal says anything. Lines that were cut from its end are not missed; an approver who knows of something
  /// later does.
  var reachWords: String {
    reachSize == 0
      ? "No line of it is newer than the backup."
      : "Its newest line is from when log \(reachNumber) had \(reachSize) entries: of what came after that it says nothing."
  }
}
