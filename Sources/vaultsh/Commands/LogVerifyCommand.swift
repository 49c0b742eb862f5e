import AccessLog
import ArgumentParser
import VaultAPI
import VaultClient
import VaultModel

struct LogVerify: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Fetch every leaf, compute the tree again, and compare it with the signed checkpoint.",
    discussion: """
      Also that the log begins with what you saw at your last login. The log's key is the one that this program has kept \
      since then, unless you name one that you got in another way.
      """)

  @Option(help: ArgumentHelp("Public key of the log, as a vkey (C2SP signed-note).", valueName: "vkey"))
  var logKey: String?

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    try await shell.openSession()
    let status = try await shell.client.status()
    let known = try KnownVaults(socket: shell.socket)?.check(status)
    let key = try NoteKey(vkey: logKey ?? known?.logKey ?? status.logKey)
    let checkpoint = try UnverifiedCheckpoint(encoded: try await shell.client.checkpoint())
    let frontier = try await tree(ofFirst: checkpoint.claim.size, known: known, shell)
    let verified = try LogVerifier(from: frontier).verify(checkpoint, by: key)
    let document = JSONValue.object([
      "size": .integer(Int64(clamping: verified.size)), "root": .string(verified.root.description), "ok": true,
      "origin": .string(verified.origin.text), "key": .string(key.vkey),
    ]).canonicalBytes()
    try shell.answer(document) { sheet in
      sheet.line(
        sheet.style(.good, "The log is whole: ")
          + "\(verified.size == 1 ? "1 entry gives" : "\(verified.size) entries give") the root that the log's key has signed."
      )
      if let known, known.size > 0 { sheet.line("It begins with the \(known.size) entries you saw before.") }
      sheet.field("Root", verified.root.description)
      sheet.field("Origin", verified.origin.text)
      sheet.field("Key", key.vkey)
    }
  }

  @MainActor private func tree(
    ofFirst size: UInt64, known: KnownVaults.Entry?, _ shell: Shell
  ) async throws -> TreeFrontier {
    let progress = Progress("Leaves", total: size, isOn: !shell.given.json)
    defer { progress.end() }
    var frontier = TreeFrontier()
    for tile in Tile.all(level: 0, inTreeOf: size) {
      for leaf in try await leaves(under: tile, shell.client) {
        frontier.append(leaf)
        if let known, known.size == frontier.size, known.root != frontier.root().description {
          throw KnownVaults.rewritten
        }
      }
      progress.update(frontier.size)
      try Interrupt.check()
    }
    return frontier
  }

  @MainActor private func leaves(under tile: Tile, _ client: VaultClient) async throws -> [TreeHash] {
    do {
      let bundle = try await client.tile(Self.path(of: tile))
      return try EntryBundle.leafHashes(in: bundle, count: tile.width)
    } catch let error as ClientError {
      guard error.kind == .notFound, !tile.isFull else { throw error }
      // The log has grown meanwhile, and a partial bundle need not be kept once there is a full one.
      let full = try Tile(level: tile.level, index: tile.index)
      let bundle = try await client.tile(Self.path(of: full))
      return Array(try EntryBundle.leafHashes(in: bundle, count: full.width).prefix(tile.width))
    }
  }

  /// What follows `tile/`.
  private static func path(of tile: Tile) -> String { String(TilePath.entries(tile).text.dropFirst("tile/".count)) }
}
