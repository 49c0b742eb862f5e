import AccessLog
import Foundation
import Testing
import VaultCrypto
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// P2: what keys refuse when the daemon's own check is gone, and what the root key alone does not open.
@Suite struct SecrecyTests {
  /// Words of the caseload and of what was searched for, in every section and script.
  static let planted = [
    "শিরিন", "Shirin", "shirin", "Tara", "Mirpur", "1700", "mango", "garment", "penicillin", "Pallabi", "লক্ষ্মী", "लक्ष्मी",
    "98300", "Ștefănescu", "stefanescu", "Ioana", "দিব্যা", "Brick kiln", "brother", "after school",
  ]

  static let denied: [(Person, [Section])] = [
    (.administrator, Section.allCases), (.stranger, Section.allCases), (.auditor, Section.allCases),
    (.analyst, Section.allCases), (.neighbour, Section.allCases), (.service, Section.allCases),
    (.liaison, Section.allCases.filter { $0 != .identity && $0 != .legal }),
  ]

  @Test(arguments: denied)
  func `P2 Without the daemon's check the keys refuse`(person: Person, sections: [Section]) async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault(removesGate: true) { vault in
      let seat = try team.seat(person, in: vault)
      for record in [team.records[0], team.records[3]] {
        let head = try #require(try vault.recordHead(record)?.head)
        for section in sections where head.parts.contains(where: { $0.section == section }) {
          let code = await refusal { try await vault.readRecord(record, sections: [section], by: seat.caller) }
          #expect(code == .denied, "\(person.name) \(section)")
        }
      }
      if sections.contains(.contact) {
        #expect(await refusal { try await vault.readRecord(team.records[0], sections: [], by: seat.caller) } == .denied)
      }
      if sections.contains(.identity) {
        let found = await refusal {
          try await vault.search(
            "shirin", programme: programme(Team.navigators), born: nil, limit: nil, by: seat.caller)
        }
        #expect(found == .denied, "\(person.name)")
      }
      if person.role != .auditor {
        #expect(await refusal { try await vault.auditEntries(.init(), by: seat.caller) } == .denied)
      }
    }
  }

  @Test func `P2 Without the daemon's check a liaison finds by name but is told no number`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let liaison = try team.seat(.liaison, in: vault)
      let byName = try await vault.search("shirin", programme: nil, born: nil, limit: nil, by: liaison.caller).value
      #expect(byName.map(\.id) == [team.records[0]])
      #expect(byName.allSatisfy { $0.contactWarning == nil })
      let byNumber = try await vault.search("000123", programme: nil, born: nil, limit: nil, by: liaison.caller).value
      #expect(byNumber.isEmpty)
      let officer = try team.seat(.officer, in: vault)
      let officers = try await vault.search("000123", programme: nil, born: nil, limit: nil, by: officer.caller).value
      #expect(officers.map(\.id) == [team.records[0]])
      let again = try await vault.search("000123", programme: nil, born: nil, limit: nil, by: liaison.caller).value
      #expect(again.isEmpty, "nor after a colleague has loaded the numbers")
    }
  }

  @Test func `P2 Database and root key together open no section, wrap, card, text or entry`() async throws {
    let (team, place) = try await Team.copy()
    let store = try VaultStore.open(directory: place.directory)
    defer { try? store.close() }
    let genesis = try Genesis(
      decoding: #require(try store.read { view in try view.row(.meta, OpenedStore.genesisKey) }).body)
    let masterRow = try #require(try store.read { view in try view.row(.meta, OpenedStore.masterKey) })
    let master = try StoreKeys.openMaster(masterRow.body, root: place.root, vault: genesis.vaultID)
    let keys = StoreKeys(master: master, vault: genesis.vaultID)
    let known: [SymmetricKey] =
      [place.root.key, master]
      + [
        HKDF.deriveKey(from: master, label: "metadata-key"), HKDF.deriveKey(from: master, label: "index-key"),
        HKDF.deriveKey(from: master, label: "row-set-key"), HKDF.deriveKey(from: master, label: "state-key"),
        HKDF.deriveKey(from: master, label: "log-key-seed"), HKDF.deriveKey(from: master, label: "outer-wrap-key"),
      ]
    let openers = known.map { OpeningKey(secret: $0) }
    var attempts = 0

    /// Everything a holder of these keys can do with a body whose context they know.
    func tryAll(_ body: [UInt8], contexts: [[UInt8]], isSubmission: Bool = false) throws {
      for context in contexts {
        for key in known {
          for suite in EnvelopeSuite.allCases {
            for start in [0, 9, 88, 98] where body.count > start + Envelope.overheadByteCount {
              attempts += 1
              guard
                let opened = try? Envelope.open(
                  Array(body[start...]), key: key, suite: suite, associatedData: context
                ).copyBytes()
              else { continue }
              // The outer layer of what the service wrote does open: it holds another seal and no word.
              #expect(isSubmission && start == 0)
              try expectNothingPlanted(opened)
            }
          }
        }
        for opener in openers {
          for sealed in [Array(body.prefix(88).suffix(80)), Array(body.dropFirst(18).prefix(80))] {
            attempts += 1
            #expect((try? HPKE.open(sealed, with: opener, info: context, associatedData: []))?.count == nil)
          }
        }
      }
    }

    for record in team.records + [team.neighbourRecord] {
      let row = try #require(try store.read { view in try view.row(.record, RecordRows.recordKey(keys, record)) })
      let head = try RecordHead(decoding: keys.openMetadata(row, table: .record))
      for part in head.parts {
        let place = RecordRows.place(head, part, vault: keys.vault)
        let (section, wrap) = try store.read { view in
          (
            try view.row(.section, RecordRows.sectionKey(keys, head.id, part.section, version: part.version)),
            try view.row(.wrap, RecordRows.wrapKey(keys, head.id, part))
          )
        }
        try tryAll(#require(section).body, contexts: [place.sectionContext])
        try tryAll(#require(wrap).body, contexts: [place.wrapContext(epoch: 1, bodyHash: part.bodyHash)])
      }
      for card in head.cards {
        let row = try store.read { view in try view.row(.card, RecordRows.cardKey(keys, head.id, card.section)) }
        let place = SealedBody.Place(
          vault: keys.vault, record: head.id, section: card.section, version: card.version,
          compartment: .section(head.programme, card.section))
        try tryAll(#require(row).body, contexts: [place.cardContext(epoch: 1)])
      }
    }
    let waiting = try #require(
      try store.read { view in try view.row(.submission, SubmissionRows.headKey(keys, team.submission)) })
    let submission = try SubmissionRows.head(of: waiting, keys: keys)
    for part in submission.parts {
      let place = submission.place(of: part, vault: keys.vault)
      let (section, wrap) = try store.read { view in
        (
          try view.row(.section, SubmissionRows.bodyKey(keys, submission.id, part.section)),
          try view.row(.wrap, SubmissionRows.sealedKeyKey(keys, submission.id, part.section))
        )
      }
      let keyContext = place.keyContext(epoch: part.epoch, bodyHash: part.bodyHash)
      try tryAll(#require(section).body, contexts: [place.bodyContext])
      try tryAll(#require(wrap).body, contexts: [keyContext], isSubmission: true)
    }
    let origin = try LogOrigin.name(vault: keys.vault, number: 1)
    let log = try LogContext(vaultID: keys.vault, origin: origin)
    var opener = LeafOpener(
      context: log, keys: Dictionary(uniqueKeysWithValues: (1...3).map { (UInt64($0), openers[Int($0)]) }))
    for leaf in try store.read({ view in try view.rows(.logLeaf, limit: .max) }) {
      attempts += 1
      #expect(throws: LogError.self) { try opener.open(leaf.body, index: #require(StoreKey.index(of: leaf.key))) }
    }
    #expect(attempts > 1000)
  }

  @Test func `P1 P2 No byte of the data directory or the anchor shows a word of a record or a search`() async throws {
    let (team, place) = try await Team.copy()
    // Also while it is open, with its write-ahead log.
    let vault = try await place.open()
    let officer = try team.seat(.officer, in: vault)
    _ = try await vault.createRecord(
      in: programme(Team.navigators), json(Caseload.shirin), by: officer.caller(reason: "Her brother rang again"))
    _ = try await vault.search("stefanescu", programme: nil, born: nil, limit: nil, by: officer.caller)
    vault.maintain()
    let names = try FileManager.default.contentsOfDirectory(atPath: place.directory)
    #expect(names.contains("vault.sqlite-wal"))
    for path in names.map({ place.directory + "/" + $0 }) + [place.anchor] {
      try expectNothingPlanted([UInt8](#require(FileManager.default.contents(atPath: path))), path)
    }
    await vault.close()
    try expectNothingPlanted([UInt8](#require(FileManager.default.contents(atPath: place.database))))
    // The test would see them.
    let plain = Array("… Tara …".utf8)
    #expect(Self.planted.contains { contains(plain, $0) })
  }

  private func expectNothingPlanted(_ bytes: [UInt8], _ comment: String = "") throws {
    let data = Data(bytes)
    for word in Self.planted { #expect(data.range(of: Data(word.utf8)) == nil, "\(word) \(comment)") }
  }

  private func contains(_ bytes: [UInt8], _ word: String) -> Bool { Data(bytes).range(of: Data(word.utf8)) != nil }
}
