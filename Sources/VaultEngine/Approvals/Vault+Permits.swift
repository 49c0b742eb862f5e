import AccessLog
import Dispatch
import VaultCrypto
import VaultModel
import VaultStore

extension Vault {
  /// What the redemption of a permit gives: an ordinary age file, encrypted to the recipient that was approved.
  public struct AgeFile: Sendable {
    public let bytes: [UInt8]
    public let recordCount: Int
  }

  /// The most plaintext of one file. It is made in memory, because it leaves only after its entry is durable; a caseload
  /// of 10,000 records is half of it.
  public static let exportByteCountMax = 48 << 20

  /// One file at a time, off the threads that answer everybody else.
  private static let exporting = DispatchQueue(label: "survivor-vault.export")

  /// Redeems a permit: once, by the one who asked, before it expires, while whoever signed is still here.
  ///
  /// The file is put together first and let go after the entry of its use is durable (P3); nothing leaves in the clear.
  public func redeem(_ id: RequestID, by caller: Caller) async throws(VaultError) -> Witnessed<AgeFile> {
    try await witnessed(.approvalUse, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      let request = try visibleRequest(id, for: session, &entry)
      try demandRedeemable(request, by: session)
      let held = try holding([request.request.requester] + [request.approval?.approver].compactMap(\.self))
      let leaving = try leaving(by: request.action)
      let made = await withCheckedContinuation { continuation in
        Vault.exporting.async {
          continuation.resume(returning: Result { () throws(VaultError) in try self.file(of: leaving, session) })
        }
      }
      let (bytes, left) = try made.get()
      entry.sections = (leaving.sections ?? []).map(\.rawValue)
      entry.count = UInt64(left.count)
      entry.also = recordEntries(about: left, of: request, in: leaving, uid: caller.uid)
      let index = try await submit(entry, changes: register.changes(closing: request, as: .used) + held)
      return Witnessed(value: AgeFile(bytes: bytes, recordCount: left.count), entryIndex: index)
    }
  }

  private func demandRedeemable(_ request: VerifiedRequest, by session: Session) throws(VaultError) {
    guard request.request.requester == session.account else {
      throw VaultError(.denied, "An approval is used by the one who asked for it.", hint: "Ask for it yourself.")
    }
    guard request.state == .approved else { throw Vault.alreadyDecided(request.state) }
    try demandUnexpired(request)
    try read("A request") { view in
      try demandAsker(session.account, of: request.action.kind, about: subject(of: request.action, in: view), in: view)
      try demandReadable(request.action, by: session, in: view)
    }
  }

  // MARK: What leaves

  private struct Leaving: Sendable {
    let programme: ProgrammeID
    let records: [RecordID]
    /// nil: every section that the session may read.
    let sections: [Section]?
    let recipient: AgeRecipient
    /// Of the one record; nil: as each is now.
    var version: UInt64?
  }

  private func leaving(by action: SensitiveAction) throws(VaultError) -> Leaving {
    switch action {
    case .export(let programme, let recipient):
      return Leaving(programme: programme, records: directory.all(of: programme), sections: nil, recipient: recipient)
    case .disclose(let record, let sections, let recipient, let version):
      guard let head = try recordHead(record)?.head else { throw .noRecord() }
      return Leaving(
        programme: head.programme, records: [record], sections: sections, recipient: recipient, version: version)
    case .recoveryRecipients:
      throw VaultError(
        .conflict, "This is used on the host, with the present recovery shares.",
        hint: "vaultd recover --reissue REQUEST --data DIR --share-file …", field: "request")
    case .reinstate, .policy, .pathway, .erase, .breakGlass, .restoreAccept:
      throw VaultError(.conflict, "This was done when it was approved.")
    }
  }

  /// One record a line, each the canonical JSON of `id`, `programme`, `sections` and `version`.
  private func file(of leaving: Leaving, _ session: Session) throws(VaultError) -> ([UInt8], [RecordID]) {
    final class Output {
      var bytes: [UInt8] = []
    }
    let output = Output()
    var left: [RecordID] = []
    do {
      var writer = try AgeWriter(to: [leaving.recipient]) { output.bytes += $0 }
      var byteCount = 0
      for id in leaving.records {
        guard var line = try line(about: id, leaving, session) else { continue }
        defer { wipe(&line) }
        byteCount += line.count
        guard byteCount <= Vault.exportByteCountMax else {
          throw VaultError(
            .failed, "This is more than one file takes: \(Vault.exportByteCountMax >> 20) MiB.",
            hint: "Nothing left the vault. Disclose records, or ask whoever runs the host for a backup.")
        }
        try writer.write(line)
        left.append(id)
      }
      try writer.finish()
    } catch let error as VaultError {
      throw error
    } catch {
      throw VaultError(.failed, "The file could not be made.")
    }
    return (output.bytes, left)
  }

  /// nil where the session may read nothing of the record, or it was erased meanwhile.
  private func line(
    about id: RecordID, _ leaving: Leaving, _ session: Session
  ) throws(VaultError) -> [UInt8]? {
    guard case .head(let head) = try read("A record", { view in try recordPlace(id, in: view) }) else { return nil }
    guard leaving.version == nil || leaving.version == head.version else { throw Vault.recordChanged }
    let now = clock.now()
    let wanted = leaving.sections ?? Section.allCases.filter { gate.allows(session, .read, $0, of: head, at: now) }
    guard !wanted.isEmpty else { return nil }
    var line = Array(#"{"id":"\#(id)","programme":"\#(head.programme)","sections":{"#.utf8)
    var isFirst = true
    for section in wanted.sorted(by: { $0.rawValue < $1.rawValue }) {
      try gate.check(session, .read, section, of: head, at: now)
      guard var json = try open(section, of: head, for: session) else { continue }
      defer { wipe(&json) }
      line += Array((isFirst ? "" : ",").utf8) + Array("\"\(section.rawValue)\":".utf8) + json
      isFirst = false
    }
    line += Array("},\"version\":\(head.version)}\n".utf8)
    return line
  }

  /// What says of every record that it left: names them, as many in an entry as there is room for.
  private func recordEntries(
    about left: [RecordID], of request: VerifiedRequest, in leaving: Leaving, uid: UInt32
  ) -> [PendingEntry] {
    stride(from: 0, to: left.count, by: LogEntry.resultCountMax).map { start in
      var entry = PendingEntry(leaving.sections == nil ? .recordExport : .recordDisclose)
      entry.account = request.request.requester.description
      entry.uid = uid
      entry.programme = leaving.programme.description
      entry.approval = request.id.description
      entry.sections = (leaving.sections ?? []).map(\.rawValue)
      let records = left[start..<min(left.count, start + LogEntry.resultCountMax)].map(\.description)
      if leaving.sections == nil { entry.results = records } else { entry.record = records.first }
      return entry
    }
  }
}
