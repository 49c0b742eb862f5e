import AccessLog
import ArgumentParser
import VaultAPI
import VaultClient
import VaultModel

struct LogVerify: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Fetch every leaf, compute the tree again, and compare it with the signed checkpoint.")

  @Option(
    help: ArgumentHelp(
      "Public key of the log, as a vkey. Without it the signature of the checkpoint is not checked.", valueName: "vkey")
  )
  var logKey: String?

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    try await shell.openSession()
    let checkpoint = try UnverifiedCheckpoint(encoded: try await shell.client.checkpoint())
    if let logKey { _ = try checkpoint.verified(by: NoteKey(vkey: logKey)) }
    let claim = checkpoint.claim
    let root = try await root(ofFirst: claim.size, shell)
    guard root == claim.root else {
      throw Failure(
        .integrity, "The entries do not give the root that the checkpoint signs.",
        hint: "Stop and tell the auditor: entries were changed, removed or reordered.")
    }
    let document = JSONValue.object([
      "size": .integer(Int64(clamping: claim.size)), "root": .string(claim.root.description), "ok": true,
      "origin": .string(claim.origin.text), "signature": .string(logKey == nil ? "not checked" : "verified"),
    ]).canonicalBytes()
    try shell.answer(document) { sheet in
      sheet.line(sheet.style(.good, "The log is whole: ") + "\(claim.size) entries give the root of the checkpoint.")
      sheet.field("Root", claim.root.description)
      sheet.field("Origin", claim.origin.text)
      sheet.field(
        "Signature", logKey == nil ? "not checked: give --log-key" : "verified", tone: logKey == nil ? .careful : .good)
    }
  }

  @MainActor private func root(ofFirst size: UInt64, _ shell: Shell) async throws -> TreeHash {
    let progress = Progress("Leaves", total: size, isOn: !shell.given.json)
    defer { progress.end() }
    var frontier = TreeFrontier()
    for bundle in Tile.all(level: 0, inTreeOf: size) {
      let bytes = try await shell.client.tile(EntryBundle.path(of: bundle))
      for leaf in try EntryBundle.leafHashes(in: bytes, count: bundle.width) { frontier.append(leaf) }
      progress.update(frontier.size)
      try Interrupt.check()
    }
    return frontier.root()
  }
}

/// Up to 256 entries, each behind its length in two bytes (C2SP tlog-tiles).
enum EntryBundle {
  /// `entries/x001/234.p/5`: the index in groups of three digits, all but the last with an x.
  static func path(of tile: Tile) -> String {
    var groups: [String] = []
    var rest = tile.index
    repeat {
      let digits = String(rest % 1000)
      let group = String(repeating: "0", count: 3 - digits.count) + digits
      groups.insert(groups.isEmpty ? group : "x" + group, at: 0)
      rest /= 1000
    } while rest > 0
    return "entries/" + groups.joined(separator: "/") + (tile.isFull ? "" : ".p/\(tile.width)")
  }

  static func leafHashes(in bytes: [UInt8], count: Int) throws -> [TreeHash] {
    var hashes: [TreeHash] = []
    var rest = bytes[...]
    while hashes.count < count {
      guard let high = rest.popFirst(), let low = rest.popFirst() else { throw cut }
      let length = Int(high) << 8 | Int(low)
      guard rest.count >= length else { throw cut }
      hashes.append(TreeHash.leaf(Array(rest.prefix(length))))
      rest = rest.dropFirst(length)
    }
    guard rest.isEmpty else { throw cut }
    return hashes
  }

  private static let cut = Failure(
    .integrity, "A bundle of entries has not the entries that it should have.", hint: "Stop and tell the auditor.")
}
