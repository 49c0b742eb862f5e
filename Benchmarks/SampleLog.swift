import AccessLog
import VaultCrypto

/// An access log as a busy office would write it, all of it invented. The keys are of no vault.
struct SampleLog: ~Copyable {
  static let nowNanoseconds: UInt64 = 1

  let context: LogContext
  let audit = OpeningKey.random()
  let signer: LogSigner
  private let accounts = [
    "mihaela.\u{0219}tef\u{0103}nescu", "anjali.rao", "\u{09AE}\u{09BF}\u{09A4}\u{09BE}", "j.okafor",
  ]

  init() throws {
    let origin = try NoteName("survivor-vault/0123456789abcdef/1")
    context = try LogContext(vaultID: [UInt8](repeating: 0x5a, count: LogContext.vaultIDByteCount), origin: origin)
    signer = LogSigner(origin: origin, key: SigningKey(seed: .random()))
  }

  /// Like most: somebody read two sections of a record.
  func entry(_ index: Int) -> LogEntry {
    var entry = LogEntry(time: 1_772_000_000_000 + Int64(index) * 20, action: "record.read", outcome: .allowed)
    entry.account = accounts[index % accounts.count]
    entry.uid = UInt32(1000 + index % accounts.count)
    entry.programme = "victim-navigator"
    entry.purpose = "safety-plan"
    entry.assignment = .team
    entry.record = "lusab-babad-gutih-\(index % 5000)"
    entry.sections = ["identity", "contact"]
    return entry
  }

  func sealer() -> LeafSealer { LeafSealer(context: context, auditKey: audit.sealingKey, auditEpoch: 1) }
  func opener() -> LeafOpener { LeafOpener(context: context, keys: [1: audit]) }
}
