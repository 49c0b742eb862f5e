import Testing

@testable import VaultModel

@Suite struct RoleTableTests {
  private static let programme = try! ProgrammeID("navigators")

  /// The table again, written out by hand from DESIGN §1 and kept apart from `RoleTable.standard`: for each role the
  /// sections it reads, writes and submits, then its other verbs.
  private static let expected: [Role: (reads: String, writes: String, submits: String, verbs: String)] = [
    .officer: (
      "identity contact case exploitation health legal consent",
      "identity contact case exploitation health legal consent", "",
      "create list search review listProgrammes refer request"
    ),
    .supervisor: (
      "identity contact case exploitation health legal consent",
      "identity contact case exploitation health legal consent", "",
      "create list search review listProgrammes addProgramme grant revoke suspend reassign request approve listAccounts refer bar restrict acceptRestore"
    ),
    .liaison: ("identity legal", "", "", "list search listProgrammes"),
    .auditor: (
      "", "", "",
      "readLog verifyLog signOffLog exportLog admitAuditor listAccounts listProgrammes request approve acceptRestore"
    ),
    .administrator: ("", "", "", "invite suspend listAccounts listProgrammes request"),
    .analyst: ("", "", "", "count listProgrammes"),
    .service: ("", "", "identity contact case exploitation health legal consent", "create listProgrammes"),
  ]

  @Test(arguments: Role.allCases, Verb.allCases)
  func `P2 every role, verb and section is as written in the design`(_ role: Role, _ verb: Verb) throws {
    let row = try #require(Self.expected[role])
    func names(_ text: String) -> Set<String> { Set(text.split(separator: " ").map(String.init)) }
    for section in Section.allCases {
      let allowed: Bool
      switch verb {
      case .read: allowed = names(row.reads).contains(section.rawValue)
      case .write: allowed = names(row.writes).contains(section.rawValue)
      case .submit: allowed = names(row.submits).contains(section.rawValue)
      default: allowed = false
      }
      #expect(RoleTable.standard.allows(role, verb, in: section) == allowed)
    }
    #expect(RoleTable.standard.allows(role, verb) == names(row.verbs).contains(verb.rawValue))
  }

  @Test(arguments: [
    (
      Role.officer,
      [
        "navigators/identity", "navigators/contact", "navigators/case", "navigators/exploitation", "navigators/health",
        "navigators/legal", "navigators/consent", "navigators/statistics",
      ]
    ),
    (
      Role.supervisor,
      [
        "navigators/identity", "navigators/contact", "navigators/case", "navigators/exploitation", "navigators/health",
        "navigators/legal", "navigators/consent", "navigators/statistics",
      ]
    ),
    (Role.liaison, ["navigators/identity", "navigators/legal"]),
    (Role.auditor, ["audit"]),
    (Role.administrator, []),
    (Role.analyst, ["navigators/statistics"]),
    (Role.service, []),
  ])
  func `P2 a role's holders get exactly these compartments`(_ role: Role, _ names: [String]) {
    let compartments = RoleTable.standard.compartments(of: role, in: Self.programme)
    #expect(Set(compartments.map(\.description)) == Set(names))
  }

  @Test(arguments: Role.allCases)
  func `P2 whoever may read a section holds its key and nobody else does`(_ role: Role) {
    let compartments = RoleTable.standard.compartments(of: role, in: Self.programme)
    for section in Section.allCases {
      let holdsKey = compartments.contains(.section(Self.programme, section))
      #expect(RoleTable.standard.allows(role, .read, in: section) == holdsKey)
    }
  }

  @Test func `a role without a row may do nothing`() {
    let table = RoleTable(rows: [.analyst: .init(may: [.count])])
    for role in Role.allCases where role != .analyst {
      #expect(Verb.allCases.allSatisfy { !table.allows(role, $0) && !table.allows(role, $0, in: .identity) })
      #expect(table.compartments(of: role, in: Self.programme).isEmpty)
    }
    #expect(table.allows(.analyst, .count))
  }

  @Test func `a section verb among the other verbs gives nothing`() {
    let table = RoleTable(rows: [.analyst: .init(may: [.read, .write])])
    #expect(!table.allows(.analyst, .read))
    #expect(!table.allows(.analyst, .read, in: .identity))
  }
}
