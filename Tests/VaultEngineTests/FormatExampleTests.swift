import AccessLog
import Foundation
import Testing
import VaultCrypto
import VaultModel

@testable import VaultEngine

/// The worked examples of docs/format.md, read from it: what stands there is what the code decodes.
@Suite("Every worked example of docs/format.md decodes, and none with a byte changed")
struct FormatExampleTests {
  private let examples: [String: [String: [UInt8]]]

  init() throws {
    let document = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/format.md")
    examples = try Self.read(String(contentsOf: document, encoding: .utf8))
  }

  @Test func `canonical encoding`() throws {
    let bytes = try example("canonical", "encoding")
    try decodesOnlyAsItStands(bytes) { bytes in
      var decoder = try CanonicalDecoder(bytes, purpose: "example")
      guard try decoder.text(limit: 16) == "sample", try decoder.integer() == 7 else { throw Wrong() }
      try decoder.finish()
    }
  }

  @Test func `envelope`() throws {
    let key = SymmetricKey(
      SecretBytes(count: 32) { target in for index in 0..<32 { unsafe target[index] = UInt8(index) } })
    try decodesOnlyAsItStands(example("envelope", "suite 3")) { bytes in
      let opened = try Envelope.open(bytes, key: key, suite: .exact, associatedData: Array("example".utf8))
      guard opened.copyBytes() == Array("sample".utf8) else { throw Wrong() }
    }
  }

  @Test func `record id`() throws {
    #expect(try RecordID(bytes: example("record id", "bytes")).description == "lusab-babad-gutih-s")
  }

  @Test func `genesis`() throws {
    let vault = try example("genesis", "vault id")
    try decodesOnlyAsItStands(example("genesis", "genesis")) { bytes in
      let genesis = try Genesis(decoding: bytes)
      guard genesis.vaultID == vault, genesis.isDemo,
        genesis.founders.map(\.name.description) == ["ada", "selma", "noor"]
      else { throw Wrong() }
    }
  }

  @Test func `invitation`() throws {
    let inviter = try VerifyingKey(example("invitation", "inviter key"))
    let signature = try example("invitation", "signature")
    try decodesOnlyAsItStands(example("invitation", "invitation")) { bytes in
      let invitation = try Invitation(decoding: bytes)
      guard invitation.name.description == "mira", invitation.peer == .uid(1042) else { throw Wrong() }
      try inviter.verify(signature, over: Invitation.signedBytes(hash: invitation.hash))
    }
  }

  @Test func `account certificate`() throws {
    let byCode = try example("certificate", "by the code")
    let byAccount = try example("certificate", "by the account")
    try decodesOnlyAsItStands(example("certificate", "certificate")) { bytes in
      let certificate = try Certificate(decoding: bytes)
      let signed = Certificate.signedBytes(hash: certificate.hash)
      try certificate.codeKey.verify(byCode, over: signed)
      try certificate.verifyingKey.verify(byAccount, over: signed)
    }
  }

  @Test func `login by signature`() throws {
    let message = LoginChallenge.signedBytes(
      vault: try example("genesis", "vault id"), account: try AccountName("mira"), uid: 1042,
      challenge: [UInt8](repeating: 10, count: 32))
    #expect(try example("login", "message") == message)
    let signing = SigningKey(seed: Self.key(4))
    try decodesOnlyAsItStands(example("login", "signature")) { try signing.verifyingKey.verify($0, over: message) }
  }

  @Test func `grant`() throws {
    let granter = try VerifyingKey(example("grant", "granter key"))
    let signature = try example("grant", "signature")
    let member = OpeningKey(secret: Self.key(5))
    let compartment = OpeningKey(secret: Self.key(6)).sealingKey
    try decodesOnlyAsItStands(example("grant", "grant")) { bytes in
      let grant = try Grant(decoding: bytes)
      try granter.verify(signature, over: Grant.signedBytes(hash: grant.hash))
      guard try grant.open(with: member).sealingKey == compartment else { throw Wrong() }
    }
  }

  @Test func `manifest`() throws {
    let signer = try VerifyingKey(example("manifest", "signer key"))
    let signature = try example("manifest", "signature")
    try decodesOnlyAsItStands(example("manifest", "manifest")) { bytes in
      let manifest = try Manifest(decoding: bytes)
      guard manifest.members.count == 1, manifest.serial == 1 else { throw Wrong() }
      try signer.verify(signature, over: Manifest.signedBytes(hash: manifest.hash))
    }
  }

  @Test func `request and approval`() throws {
    let requester = try VerifyingKey(example("request", "requester key"))
    let requestSignature = try example("request", "signature")
    func read(_ bytes: [UInt8]) throws -> ApprovalRequest {
      let request = try ApprovalRequest(decoding: bytes)
      try requester.verify(requestSignature, over: ApprovalRequest.signedBytes(hash: request.hash))
      return request
    }
    try decodesOnlyAsItStands(example("request", "request")) { bytes in
      let request = try read(bytes)
      guard request.id.description == "00112233445566ff", try request.action == .reinstate(AccountName("mira")),
        request.expires == request.requested.adding(seconds: ApprovalRequest.lifetimeSeconds)
      else { throw Wrong() }
    }
    let request = try read(example("request", "request"))
    let approver = try VerifyingKey(example("approval", "approver key"))
    let signature = try example("approval", "signature")
    try decodesOnlyAsItStands(example("approval", "approval")) { bytes in
      let approval = try Approval(decoding: bytes)
      try approver.verify(signature, over: Approval.signedBytes(hash: approval.hash))
      guard approval.request == request.hash, approval.action == request.action.digest, approval.decision == .approved
      else { throw Wrong() }
    }
  }

  @Test func `policy`() throws {
    try decodesOnlyAsItStands(example("policy", "policy")) { bytes in
      let policy = try ApprovalPolicy(decoding: bytes)
      guard policy == ApprovalPolicy(stating: [.erase: .init(askers: [.supervisor], approvers: [.supervisor])]) else {
        throw Wrong()
      }
    }
  }

  @Test func `pathway`() throws {
    try decodesOnlyAsItStands(example("pathway", "pathway")) { bytes in
      let steps: [Pathway.Step] = [.init(name: "Evaluarea siguranței", withinDays: 2), .init(name: "নিরাপদ আশ্রয়")]
      guard try Pathway(decoding: bytes) == Pathway(steps: steps) else { throw Wrong() }
    }
  }

  @Test func `recovery`() throws {
    let signer = try VerifyingKey(example("recovery", "recovery key"))
    let signature = try example("recovery", "signature")
    let newest = MemberKeys(
      verifying: SigningKey(seed: Self.key(11)).verifyingKey, sealing: OpeningKey(secret: Self.key(12)).sealingKey)
    try decodesOnlyAsItStands(example("recovery", "recovery")) { bytes in
      let act = try RecoveryAct(decoding: bytes)
      guard act.number == 1, act.kind == .rebuilt, act.keys == newest, act.invited.map(\.name.description) == ["lata"],
        act.manifests == [SHA256.hash([])]
      else { throw Wrong() }
      try signer.verify(signature, over: RecoveryAct.signedBytes(hash: act.hash))
    }
  }

  @Test func `section and wrap`() throws {
    let store = StoreKeys(master: Self.key(9), vault: try example("genesis", "vault id"))
    let compartment = try Compartment("navigators/identity")
    let key = CompartmentKey(OpeningKey(secret: Self.key(6)), compartment: compartment, epoch: 1, store: store)
    let place = SealedBody.Place(
      vault: store.vault, record: try RecordID(canonical: "lusab-babad-gutih-s"), section: .identity, version: 1,
      compartment: compartment)
    let section = try example("wrap", "section")
    let wrap = try example("wrap", "wrap")
    func open(_ section: [UInt8], _ wrap: [UInt8]) throws {
      let opened = try SealedBody.openSection(
        section, wrap: wrap, at: place, with: [1: key], outerWrap: store.outerWrap
      ) { _ in throw Wrong() }
      guard opened.copyBytes() == Array(#"{"prs_FirstName":"শিরিন"}"#.utf8) else { throw Wrong() }
    }
    try decodesOnlyAsItStands(section) { try open($0, wrap) }
    try decodesOnlyAsItStands(wrap) { try open(section, $0) }
  }

  @Test func `log entry and checkpoint`() throws {
    let vault = try example("genesis", "vault id")
    let context = try LogContext(vaultID: vault, origin: LogOrigin.name(vault: vault, number: 1))
    let leaf = try example("log entry", "leaf")
    try decodesOnlyAsItStands(leaf) { bytes in
      var opener = LeafOpener(context: context, keys: [1: OpeningKey(secret: Self.key(7))])
      let entry = try opener.open(bytes, index: 0)
      guard entry.action == "record.read", entry.account == "mira" else { throw Wrong() }
    }
    let key = try NoteKey(
      name: context.origin, algorithm: .ed25519,
      key: Genesis(decoding: example("genesis", "genesis")).logKey)
    try decodesOnlyAsItStands(example("checkpoint", "note")) { bytes in
      let checkpoint = try UnverifiedCheckpoint(encoded: bytes).verified(by: key)
      guard checkpoint.size == 1, checkpoint.root == TreeHash.leaf(leaf) else { throw Wrong() }
    }
  }

  // MARK: Reading the document

  private struct Wrong: Error {}

  private func example(_ name: String, _ label: String) throws -> [UInt8] { try #require(examples[name]?[label]) }

  private func decodesOnlyAsItStands(_ bytes: [UInt8], _ decode: ([UInt8]) throws -> Void) throws {
    try decode(bytes)
    for position in bytes.indices {
      var changed = bytes
      changed[position] ^= 1
      #expect(throws: (any Error).self, "byte \(position)") { try decode(changed) }
    }
    #expect(throws: (any Error).self) { try decode(Array(bytes.dropLast())) }
    #expect(throws: (any Error).self) { try decode(bytes + [0]) }
    #expect(throws: (any Error).self) { try decode([]) }
  }

  private static func key(_ byte: UInt8) -> SymmetricKey {
    SymmetricKey(SecretBytes(count: 32) { target in for index in 0..<32 { unsafe target[index] = byte } })
  }

  private static func read(_ document: String) throws -> [String: [String: [UInt8]]] {
    var examples: [String: [String: [UInt8]]] = [:]
    var name: String?
    var label = ""
    for line in document.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```example ") {
        name = String(line.dropFirst(11))
      } else if line.hasPrefix("```") {
        name = nil
      } else if let name {
        let parts = line.split(separator: ": ", maxSplits: 1)
        if !line.hasPrefix("  "), parts.count == 2 { label = String(parts[0]) }
        let digits = (line.hasPrefix("  ") ? line.dropFirst(2) : parts.last ?? "").utf8.map { UInt8($0) }
        examples[name, default: [:]][label, default: []] += try stride(from: 0, to: digits.count, by: 2).map { index in
          guard let byte = UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16) else {
            throw Wrong()
          }
          return byte
        }
      }
    }
    return examples
  }
}
