/// Who may do what: one row per role. The daemon asks it before it acts, and the compartments a role's holders are
/// granted follow from it, so that the key a person lacks and the refusal they get cannot drift apart.
public struct RoleTable: Hashable, Sendable {
  public struct Row: Hashable, Sendable {
    public var reads: Set<Section>
    public var writes: Set<Section>
    public var submits: Set<Section>
    /// Verbs about a programme or the vault; section verbs here are ignored.
    public var may: Set<Verb>
    /// Not the role's by itself: what the grant of one member may add, for that member alone.
    public var mayBeGranted: Set<Verb>

    public init(
      reads: Set<Section> = [], writes: Set<Section> = [], submits: Set<Section> = [], may: Set<Verb> = [],
      mayBeGranted: Set<Verb> = []
    ) {
      self.reads = reads
      self.writes = writes
      self.submits = submits
      self.may = may
      self.mayBeGranted = mayBeGranted
    }
  }

  private let rows: [Role: Row]

  /// A role without a row may do nothing.
  public init(rows: [Role: Row]) { self.rows = rows }

  private static let everySection = Set(Section.allCases)

  /// The table the vault runs on (DESIGN §1).
  public static let standard = RoleTable(rows: [
    .officer: Row(
      reads: everySection, writes: everySection,
      may: [.create, .list, .search, .review, .listProgrammes, .refer, .request]),
    .supervisor: Row(
      reads: everySection, writes: everySection,
      may: [
        .create, .list, .search, .review, .listProgrammes,
        .addProgramme, .grant, .revoke, .suspend, .reassign, .request, .approve, .listAccounts, .acceptRestore,
        .refer, .bar, .restrict,
      ]),
    .liaison: Row(
      reads: [.identity, .legal],
      may: [.list, .search, .listProgrammes]),
    .auditor: Row(
      may: [
        .readLog, .verifyLog, .signOffLog, .exportLog, .admitAuditor, .listAccounts, .listProgrammes, .request,
        .approve, .acceptRestore,
      ]),
    .administrator: Row(
      may: [.invite, .suspend, .listAccounts, .listProgrammes, .request]),
    .analyst: Row(
      may: [.count, .listProgrammes]),
    .service: Row(
      submits: everySection,
      may: [.create, .listProgrammes], mayBeGranted: [.read, .count]),
  ])

  /// Whether `role` may do `verb`. A section verb needs the section it is about, any other verb none: a question of
  /// the wrong shape is answered no.
  public func allows(_ role: Role, _ verb: Verb, in section: Section? = nil) -> Bool {
    guard let row = rows[role] else { return false }
    guard verb.scope == .section else { return section == nil && row.may.contains(verb) }
    guard let section else { return false }
    switch verb {
    case .read: return row.reads.contains(section)
    case .write: return row.writes.contains(section)
    case .submit: return row.submits.contains(section)
    default: return false
    }
  }

  /// Whether a grant may let a member of `role` do `verb`: the ceiling of what a membership says.
  public func mayBeGranted(_ role: Role, _ verb: Verb) -> Bool { rows[role]?.mayBeGranted.contains(verb) ?? false }

  /// The compartments whose keys the role's holders are granted in `programme`: every section they may read;
  /// statistics for whoever counts, or writes and so must rewrap the fragments; the audit compartment for whoever
  /// reads the log, whatever the programme.
  public func compartments(of role: Role, in programme: ProgrammeID) -> Set<Compartment> {
    guard let row = rows[role] else { return [] }
    var compartments = Set(row.reads.map { Compartment.section(programme, $0) })
    if !row.writes.isEmpty || row.may.contains(.count) { compartments.insert(.statistics(programme)) }
    if row.may.contains(.readLog) { compartments.insert(.audit) }
    return compartments
  }
}
