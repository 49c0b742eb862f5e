import AccessLog
import VaultAPI
import VaultCrypto
import VaultEngine
import VaultModel

// A vault that was restored from a backup, until two people have accepted it.
extension EngineService {
  public func restoration(_ call: Call) async throws(Problem) -> Answer<RestorationAnswer> {
    let shown = try await problems { () async throws(VaultError) in try await vault.restoration(by: call.caller) }
    return Answer(RestorationAnswer(shown.value), auditIndex: shown.entryIndex)
  }

  public func acceptRestore(_ call: Call, _ request: RestoreAcceptanceRequest) async throws(Problem) -> Answer<
    ApprovalRow
  > {
    guard let digest = Hexadecimal.decode(request.digest), digest.count == SHA256.byteCount else {
      throw Problem(.invalid, "The digest has 64 hexadecimal digits.", field: "digest")
    }
    let accepted = try await problems { () async throws(VaultError) in
      try await vault.acceptRestore(digest, by: call.caller)
    }
    return Answer(ApprovalRow(accepted.value), auditIndex: accepted.entryIndex)
  }

  public func acceptances(_ call: Call) async throws(Problem) -> Answer<[UInt8]> {
    let all = try await problems { () throws(VaultError) in try vault.acceptances() }
    var encoding = CanonicalEncoding("acceptances")
    encoding.append(list: all)
    return Answer(encoding.bytes)
  }
}

private enum Hexadecimal {
  static func encode(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  static func decode(_ text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count.isMultiple(of: 2), digits.count <= 128 else { return nil }
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: digits.count, by: 2) {
      guard let byte = UInt8(String(decoding: digits[start..<start + 2], as: UTF8.self), radix: 16) else { return nil }
      bytes.append(byte)
    }
    return bytes
  }
}

extension RestorationAnswer {
  fileprivate init(_ summary: Vault.RestorationSummary) {
    let succession = summary.succession
    self.init(
      digest: Hexadecimal.encode(succession.hash), number: succession.number,
      time: Timestamp(milliseconds: succession.time).text, kept: Point(summary.kept),
      newest: summary.newest.map { Point($0) }, backup: Hexadecimal.encode(succession.backup),
      hasJournal: succession.replay.hasJournal, hasGap: succession.replay.hasGap,
      journalLog: succession.replay.reachNumber, journalSize: succession.replay.reachSize,
      suspended: succession.replay.suspended, revoked: succession.replay.revoked, erased: succession.replay.erased,
      recovered: succession.replay.recovered,
      excluded: summary.excluded.map { excluded in
        ([excluded.account.description] + excluded.programmes.map(\.description)).joined(separator: " ")
      }, signed: summary.signed, isAccepted: summary.isAccepted)
  }
}

extension RestorationAnswer.Point {
  fileprivate init(_ checkpoint: Checkpoint) {
    self.init(log: checkpoint.origin.text, size: checkpoint.size, root: checkpoint.root.description)
  }
}
