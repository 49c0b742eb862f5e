import AccessLog
import VaultClient
import VaultModel

/// The log of the vault itself, leaf by leaf over the socket.
@MainActor struct OnlineVerification {
  let key: NoteKey?
  let cosigners: [NoteKey]
  let older: KeptCheckpoint?

  func run(in shell: Shell) async throws {
    try await shell.openSession()
    let known = try KnownVaults(socket: shell.socket)?.check(try await shell.client.status())
    var log = try await KnownVaults.proven(in: shell)
    if let key {
      do {
        let note = UnverifiedCheckpoint(log.checkpoint)
        log = ProvenLog(
          checkpoint: try note.verified(by: key, cosigners: cosigners), key: key, vault: log.vault)
      } catch { throw LogFailure.notSigned("The vault's checkpoint") }
    }
    if let older {
      let kept = try older.verified(by: log.key, cosigners)
      guard kept.origin == log.checkpoint.origin else { throw LogFailure.notSigned(older.path) }
      try await log.verifyExtends(size: kept.size, root: kept.root, keptAt: older.path, with: shell.client)
    }
    let frontier = try await tree(ofFirst: log.checkpoint.size, shell)
    guard frontier.root() == log.checkpoint.root else { throw LogFailure.notTheRoot("What the vault sent") }
    let document = JSONValue.object([
      "size": .integer(Int64(clamping: log.checkpoint.size)), "root": .string(log.checkpoint.root.description),
      "ok": true, "origin": .string(log.checkpoint.origin.text), "key": .string(log.key.vkey),
    ]).canonicalBytes()
    try shell.answer(document) { sheet in
      sheet.line(
        sheet.style(.good, "The log is whole: ")
          + "\(log.checkpoint.size == 1 ? "1 entry gives" : "\(log.checkpoint.size) entries give") the root that the log's "
          + "key has signed.")
      if let known, known.size > 0 { sheet.line("It begins with the \(LogFailure.count(known.size)) you saw before.") }
      if let older {
        sheet.line("It begins with the \(LogFailure.count(older.note.claim.size)) of the older checkpoint.")
      }
      sheet.field("Root", log.checkpoint.root.description)
      sheet.field("Origin", log.checkpoint.origin.text)
      LogSheet.key(log.key, in: &sheet)
    }
  }

  private func tree(ofFirst size: UInt64, _ shell: Shell) async throws -> TreeFrontier {
    let progress = Progress("Leaves", total: size, isOn: !shell.given.json)
    defer { progress.end() }
    let client = shell.clientForMany()
    defer { client.close() }
    var frontier = TreeFrontier()
    try await OrderedFetch.run(Tile.all(level: 0, inTreeOf: size)) { tile in
      let bundle = try await client.logFile(.entries(tile))
      do { return try EntryBundle.leafHashes(in: bundle, count: tile.width) } catch {
        throw LogFailure.notTheRoot("What the vault sent")
      }
    } take: { _, leaves in
      for leaf in leaves { frontier.append(leaf) }
      progress.update(frontier.size)
      try Interrupt.check()
    }
    return frontier
  }
}
