import Testing

@testable import VaultModel

@Suite struct NamesTests {
  @Test(arguments: ["a", "ada", "victim-navigators", "kolkata.rescue-2", "z" + String(repeating: "9", count: 63)])
  func `plain names are taken`(_ text: String) throws {
    #expect(try AccountName(text).description == text)
    #expect(try ProgrammeID(text).description == text)
  }

  @Test(arguments: [
    ("", IdentifierError.Code.empty), ("2nd", .badStart), ("-a", .badStart), (".", .badStart), ("Ada", .badStart),
    ("ada lovelace", .badCharacter(position: 4)), ("a/b", .badCharacter(position: 2)),
    ("adá", .badCharacter(position: 3)), ("a\0", .badCharacter(position: 2)), ("a\n", .badCharacter(position: 2)),
    ("aB", .badCharacter(position: 2)), (String(repeating: "a", count: 65), .tooLong(byteCountMax: 64)),
    ("ада", .badStart),
  ])
  func `other names are refused with the rule`(_ text: String, _ code: IdentifierError.Code) {
    #expect(throws: IdentifierError(.account, code)) { try AccountName(text) }
    #expect(throws: IdentifierError(.programme, code)) { try ProgrammeID(text) }
  }

  @Test func `every compartment survives its text form`() throws {
    let programme = try ProgrammeID("audit")
    let compartments =
      Section.allCases.map { Compartment.section(programme, $0) } + [.statistics(programme), .audit]
    for compartment in compartments {
      #expect(try Compartment(compartment.description) == compartment)
    }
    #expect(Set(compartments.map(\.description)).count == compartments.count)
  }

  @Test(arguments: [
    "", "Audit", "audit/", "/identity", "navigators", "navigators/", "navigators/Identity", "navigators/identity/",
    "navigators/identity/x", "navigators//identity", " audit", "navigators/audit",
  ])
  func `other compartment texts are refused`(_ text: String) {
    #expect(throws: IdentifierError.self) { try Compartment(text) }
  }

  @Test func `the purposes and outcomes are those of the interface`() {
    #expect(
      Purpose.allCases.map(\.rawValue) == [
        "casework", "safeguarding", "court", "referral", "subject-access", "supervision", "emergency",
      ])
    #expect(Purpose.allCases.filter(\.needsReason) == [.emergency])
    #expect(Outcome.allCases.map(\.rawValue) == ["allowed", "denied", "failed"])
    #expect(
      Role.allCases.map(\.rawValue) == [
        "officer", "supervisor", "liaison", "auditor", "administrator", "analyst", "service",
      ])
    #expect(
      Section.allCases.map(\.rawValue) == [
        "identity", "contact", "case", "exploitation", "health", "legal", "consent",
      ])
  }

  @Test func `an error never repeats what was written`() {
    let planted = "hunter2 passphrase"
    do {
      _ = try AccountName(planted)
      Issue.record("accepted")
    } catch {
      #expect(!"\(error)".contains("hunter2") && !error.description.contains("hunter2"))
    }
  }
}
