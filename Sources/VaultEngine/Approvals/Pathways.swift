import VaultCrypto
public import VaultModel
import VaultStore

// Pathways of programmes: kept as the policy is, each resting on the two signatures of the request that set it.

extension Pathway {
  /// 24 steps of the longest name, with what the encoding adds to each.
  static let byteCountMax = 6144

  var hash: [UInt8] { SHA256.hash(bytes) }

  /// E("pathway"; list of E("pathway-step"; name, within how many days or 0)), in the order of the steps.
  var bytes: [UInt8] {
    var encoding = CanonicalEncoding("pathway")
    encoding.append(
      list: steps.map { step in
        var item = CanonicalEncoding("pathway-step")
        item.append(step.name)
        item.append(step.withinDays ?? 0)
        return item.bytes
      })
    return encoding.bytes
  }

  /// `malformed` for anything that is no pathway of at least one step, or another spelling of one.
  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "pathway")
    var steps: [Step] = []
    for _ in 0..<(try decoder.count(limit: Pathway.stepCountMax)) {
      var item = try CanonicalDecoder(decoder.field(limit: 512), purpose: "pathway-step")
      let name = try item.text(limit: Pathway.nameByteCountMax)
      let days = try item.integer()
      try item.finish()
      steps.append(Step(name: name, withinDays: days == 0 ? nil : days))
    }
    try decoder.finish()
    do { try self.init(steps: steps) } catch { throw CryptoError(.malformed, "not a pathway") }
  }

  /// One line for people.
  fileprivate static func words(_ step: Step, number: Int) -> String {
    // In front, where no name reaches: a name may say anything about days.
    let due = step.withinDays.map { $0 == 1 ? "within 1 day" : "within \($0) days" } ?? "at no set time"
    return "\(number). \(due): “\(step.name)”"
  }
}

extension ApprovalRegister {
  static let pathwayKeyPrefix = Array("pathway/".utf8)

  fileprivate func pathwayKey(_ programme: ProgrammeID) -> [UInt8] {
    Self.pathwayKeyPrefix + keys.rowKey(.meta, Self.pathwayKeyPrefix, Array(programme.description.utf8))
  }

  /// nil: nobody has set one.
  func pathway(
    of programme: ProgrammeID, in view: borrowing ReadView
  ) throws -> (pathway: Pathway, version: UInt64)? {
    guard
      let row = try approvedDocument(
        at: pathwayKey(programme), "pathway-row", byteCountMax: Pathway.byteCountMax, "A pathway", in: view)
    else { return nil }
    let pathway = try Pathway(decoding: row.bytes)
    guard case .pathway(programme, pathway, _) = row.action else { throw VaultError.tampered("A pathway") }
    return (pathway, row.version)
  }
}

extension Vault {
  /// The pathway of a programme for whoever works in it; `none` where nobody has set one.
  public func pathway(of programme: ProgrammeID, by caller: Caller) async throws(VaultError) -> Witnessed<Pathway> {
    try await witnessed(.pathwayRead, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      entry.programme = programme.description
      guard session.isMember(of: programme) else { throw Vault.noGrant }
      let pathway = try read("A pathway") { view in try self.pathway(of: programme, in: view) }
      return Witnessed(value: pathway, entryIndex: try await submit(entry))
    }
  }

  func pathway(of programme: ProgrammeID, in view: borrowing ReadView) throws -> Pathway {
    try register.pathway(of: programme, in: view)?.pathway ?? .none
  }

  /// Makes an approved pathway the one that holds. `conflict` where it was to replace another one.
  func pathwayChange(
    of programme: ProgrammeID, to pathway: Pathway, replacing hash: [UInt8], by id: RequestID,
    in view: borrowing ReadView
  ) throws -> ApprovedEffect {
    let present = try register.pathway(of: programme, in: view)
    guard (present?.pathway ?? .none).hash == hash else {
      throw VaultError(
        .conflict, "The pathway has changed since this was asked for.", hint: "Ask for it again, on the present one.")
    }
    var entry = PendingEntry(.pathwayChange)
    entry.programme = programme.description
    entry.detail = hexadecimal(pathway.hash)
    return ApprovedEffect(
      changes: [
        register.change(
          at: register.pathwayKey(programme), "pathway-row", to: pathway.bytes, by: id, replacing: present?.version)
      ], entry: entry)
  }

  /// Both whole, so that nobody has to know the present one by heart.
  func pathwayWords(
    of programme: ProgrammeID, _ pathway: Pathway, replacing hash: [UInt8], in view: borrowing ReadView
  ) throws -> [String] {
    let present = try self.pathway(of: programme, in: view)
    guard present.hash == hash else {
      return ["It was to replace a pathway of \(programme) that no longer holds: nothing would change."]
    }
    var lines = ["The pathway of \(programme), which everybody in it follows, becomes:"]
    lines += pathway.steps.enumerated().map { Pathway.words($1, number: $0 + 1) }
    guard !present.steps.isEmpty else { return lines + ["There is none now."] }
    lines.append("Now it is:")
    return lines + present.steps.enumerated().map { Pathway.words($1, number: $0 + 1) }
  }
}
