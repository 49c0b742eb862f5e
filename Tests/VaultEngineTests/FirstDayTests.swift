import Testing
import VaultCrypto
import VaultModel

@testable import VaultEngine

@Suite struct FirstDayTests {
  @Test func `A vault is founded, worked in, asked about and opened again`() async throws {
    let place = try VaultPlace()
    let codes = try place.found()
    let navigators = try programme("navigators")
    let recordID: RecordID
    do {
      let vault = try await place.open()
      #expect(try !vault.status().isFounded)
      try await vault.enrol(.administrator, code: codes.administrator)
      try await vault.enrol(.supervisor, code: codes.supervisor)
      #expect(try !vault.status().isFounded)
      try await vault.enrol(.auditor, code: codes.auditor)
      #expect(try vault.status().isFounded)

      let administrator = try await vault.seat(.administrator)
      let supervisor = try await vault.seat(.supervisor)
      _ = try await vault.addProgramme(navigators, title: "Victim Navigators", by: supervisor.caller)
      let words = try await vault.inviteAndEnrol(.officer, by: administrator)
      try await vault.inviteAndEnrol(.stranger, by: administrator)
      let wrong = await refusal {
        try await vault.grant(
          name(Person.officer.name), in: navigators, fingerprint: "academic acid acrobat actress adapt adequate",
          expires: nil, by: supervisor.caller)
      }
      #expect(wrong == .conflict)
      _ = try await vault.grant(
        name(Person.officer.name), in: navigators, fingerprint: words, expires: nil, by: supervisor.caller)

      let officer = try await vault.seat(.officer)
      let made = try await vault.createRecord(in: navigators, json(Caseload.shirin), by: officer.caller)
      recordID = made.value.id
      #expect(made.value.version == 1)

      let short = try await vault.readRecord(recordID, sections: [], by: officer.caller).value
      #expect(short.sections.map(\.section) == [.contact, .case])
      #expect(!short.text.contains("শিরিন") && short.text.contains("Call after school"))
      #expect(!short.text.contains("Mirpur"), "the address is not part of the default view")
      let one = try await vault.readRecord(recordID, sections: [.identity], by: officer.caller).value
      #expect(one.text.contains("শিরিন") && one.sections.count == 1)
      let all = try await vault.readRecord(recordID, sections: Section.allCases, by: officer.caller).value
      #expect(all.sections.count == Section.allCases.count)

      let edited = try await vault.editRecord(
        recordID, patch: json(#"{"sections":{"case":{"vault_Risk":"high","vault_Team":null}}}"#), ifVersion: 1,
        by: officer.caller)
      #expect(edited.value.version == 2)
      let stale = await refusal {
        try await vault.editRecord(
          recordID, patch: json(#"{"case":{"vault_Risk":"low"}}"#), ifVersion: 1, by: officer.caller)
      }
      #expect(stale == .stale)
      let merged = try await vault.readRecord(recordID, sections: [.case], by: officer.caller).value
      #expect(merged.version == 2 && merged.text.contains(#""vault_Risk":"high""#))
      #expect(merged.text.contains("vault_Summary") && !merged.text.contains("vault_Team"))

      let found = try await vault.search("shirin", programme: nil, born: nil, limit: nil, by: officer.caller).value
      #expect(found.map(\.id) == [recordID])
      #expect(found.first?.name.contains("শিরিন") == true && found.first?.yearOfBirth == 1999)

      let stranger = try await vault.seat(.stranger)
      #expect(
        await refusal { try await vault.readRecord(recordID, sections: [.identity], by: stranger.caller) } == .denied)
      #expect(
        await refusal {
          try await vault.search("shirin", programme: navigators, born: nil, limit: nil, by: stranger.caller)
        } == .denied)
      await vault.close()
    }

    let vault = try await place.open()
    let officer = try await vault.seat(.officer)
    let again = try await vault.readRecord(recordID, sections: [.identity, .case], by: officer.caller).value
    #expect(again.version == 2 && again.text.contains("শিরিন"))
    #expect(
      try await vault.search("শিরিন", programme: nil, born: nil, limit: nil, by: officer.caller).value.map(\.id) == [
        recordID
      ])

    let auditor = try await vault.seat(.auditor)
    let log = try await vault.auditEntries(.init(), by: auditor.caller).value.entries
    #expect(log.map(\.index) == Array(0..<UInt64(log.count)))
    #expect(log.map(\.time) == log.map(\.time).sorted())
    let denied = log.filter { $0.entry.action == "record.read" && $0.entry.outcome == .denied }
    #expect(denied.map(\.entry.account) == [Person.stranger.name])
    #expect(denied.first?.entry.record == recordID.description && denied.first?.entry.uid == Person.stranger.uid)
    let searches = log.filter { $0.entry.action == "record.search" }
    #expect(searches.first?.entry.results == [recordID.description])
    #expect(searches.allSatisfy { $0.freeText == nil } && searches.last?.text == .masked)
    let terms = try await vault.reveal(#require(searches.last).index, by: auditor.caller)
    #expect(terms.value == "শিরিন")
    let read = log.first { $0.entry.action == "record.read" && $0.entry.sections == ["identity"] }
    #expect(read?.entry.purpose == "casework" && read?.entry.outcome == .allowed)
    #expect(log.contains { $0.entry.action == "record.edit" && $0.entry.outcome == .failed })
    #expect(log.last?.entry.action == "log.read", "an auditor sees their own reading")
    await vault.close()
  }
}
