import VaultModel

/// The daemon's own refusal: the role table and the membership, asked before anything is touched. Keys refuse a second
/// time, for themselves; a test takes this gate away and sees them do it (P2).
struct Gate: Sendable {
  private let table: RoleTable
  private let isRemoved: Bool

  var isOn: Bool { !isRemoved }

  init(table: RoleTable) { self.init(table: table, isRemoved: false) }

  private init(table: RoleTable, isRemoved: Bool) {
    self.table = table
    self.isRemoved = isRemoved
  }

  static let standard = Gate(table: .standard, isRemoved: false)
  /// Lets everything pass. For the tests of what keys alone refuse.
  package static let removed = Gate(table: .standard, isRemoved: true)

  /// About the vault.
  func check(_ session: Session, _ verb: Verb) throws(VaultError) {
    guard !isRemoved, !table.allows(session.role, verb) else { return }
    throw refusal(session, verb)
  }

  /// About a programme.
  func check(_ session: Session, _ verb: Verb, in programme: ProgrammeID) throws(VaultError) {
    guard !isRemoved else { return }
    // What the role does not give by itself, the membership may, as far as the role's ceiling goes.
    let isGranted =
      table.mayBeGranted(session.role, verb) && session.held(.statistics(programme))?.verbs.contains(verb) == true
    guard table.allows(session.role, verb) || isGranted else { throw refusal(session, verb) }
    guard session.isMember(of: programme) else { throw Gate.noGrant(programme) }
  }

  /// About a section of a programme's records.
  func check(_ session: Session, _ verb: Verb, _ section: Section, in programme: ProgrammeID) throws(VaultError) {
    guard !isRemoved else { return }
    let held = session.held(.section(programme, section))
    let isGranted = table.mayBeGranted(session.role, verb) && held?.verbs.contains(verb) == true
    guard table.allows(session.role, verb, in: section) || isGranted else {
      throw VaultError(
        .denied, "The role \(session.role.rawValue) may not \(verb.rawValue) the section \(section.rawValue).",
        hint: "Ask for the sections of your role only, or ask the supervisor.")
    }
    guard let held, held.verbs.contains(verb) else {
      throw Gate.noGrant(programme)
    }
  }

  func allows(_ session: Session, _ verb: Verb, _ section: Section, in programme: ProgrammeID) -> Bool {
    (try? check(session, verb, section, in: programme)) != nil
  }

  private func refusal(_ session: Session, _ verb: Verb) -> VaultError {
    let others = Role.allCases.filter { table.allows($0, verb) }.map(\.rawValue).joined(separator: ", ")
    return VaultError(
      .denied, "The role \(session.role.rawValue) may not do this: \(verb.rawValue).",
      hint: others.isEmpty ? "No role may." : "Who may: \(others).")
  }

  private static func noGrant(_ programme: ProgrammeID) -> VaultError {
    VaultError(
      .denied, "This account has no grant for the programme that this belongs to.",
      hint: "Its supervisor can give one: vaultsh grant NAME --programme ID --fingerprint WORDS.")
  }
}
