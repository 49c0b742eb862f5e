import VaultModel

/// The daemon's check about one record: its programme's rules, and the terms that hold for it alone.
extension Gate {
  /// Why a session may read a section; nil where it may not.
  enum Way: Equatable {
    case member
    case referral(RecordTerms.Receiver, until: Timestamp)
    case emergency(request: String, until: Timestamp)
  }

  /// A record is not there for whoever is barred from it: the same words as for an id that nobody has.
  func checkExists(_ session: Session, _ head: RecordHead) throws(VaultError) {
    guard isOn, head.terms.isBarred(session.account) else { return }
    throw .noRecord(isBarred: true)
  }

  func check(
    _ session: Session, _ verb: Verb, _ section: Section, of head: RecordHead, at now: Timestamp
  ) throws(VaultError) {
    guard isOn else { return }
    try checkExists(session, head)
    let terms = head.terms
    let isNamed = !terms.isRestricted || terms.named.contains(session.account)
    if isNamed, allows(session, verb, section, in: head.programme) { return }
    if verb == .read, way(of: session, to: section, of: head, at: now) != nil { return }
    let shared = Section.allCases.filter { way(of: session, to: $0, of: head, at: now) != nil }
    if !shared.isEmpty {
      throw VaultError(
        .denied,
        verb == .read
          ? "This record was not shared with you as far as the section \(section.rawValue)."
          : "Whoever was let into a single record may read it and not change it.",
        hint: "You may read: \(shared.map(\.rawValue).joined(separator: ", ")). Ask the programme for more.")
    }
    // What the role may not do anywhere is said first, then what is particular to this record.
    if !isNamed, session.isMember(of: head.programme), allows(session, verb, section, in: head.programme) {
      var refusal = VaultError(.denied, "This record is kept to named people.")
      refusal.kept = head.id
      throw refusal
    }
    try check(session, verb, section, in: head.programme)
  }

  /// By right of membership alone. Whoever was let in for a time, or had the record shared with them, passes nothing on,
  /// lets nobody else in and changes no terms: what was to end would not.
  func checkStanding(
    _ session: Session, _ verb: Verb, _ section: Section, of head: RecordHead
  ) throws(VaultError) {
    guard isOn else { return }
    try checkStanding(session, of: head)
    try check(session, verb, section, in: head.programme)
  }

  /// The same about the record as a whole.
  func checkStanding(_ session: Session, of head: RecordHead) throws(VaultError) {
    guard isOn else { return }
    try checkExists(session, head)
    guard !head.terms.isRestricted || head.terms.named.contains(session.account) else {
      var refusal = VaultError(.denied, "This record is kept to named people.")
      refusal.kept = head.id
      throw refusal
    }
  }

  /// Whoever the record is kept to gives it back; where no supervisor is among them, one to whom they referred it. An
  /// emergency is for reading.
  func checkLifting(_ session: Session, of head: RecordHead, at now: Timestamp) throws(VaultError) {
    let isReferred = head.terms.referrals(at: now).contains { $0.receiver == .account(session.account) }
    guard !isReferred else { return }
    try checkStanding(session, of: head)
  }

  /// About a record as a whole: the verb in its programme.
  func check(_ session: Session, _ verb: Verb, on head: RecordHead) throws(VaultError) {
    guard isOn else { return }
    try checkExists(session, head)
    try check(session, verb, in: head.programme)
  }

  func allows(_ session: Session, _ verb: Verb, _ section: Section, of head: RecordHead, at now: Timestamp) -> Bool {
    (try? check(session, verb, section, of: head, at: now)) != nil
  }

  /// The exception that lets a session read a section, apart from membership.
  func way(of session: Session, to section: Section, of head: RecordHead, at now: Timestamp) -> Way? {
    guard !head.terms.isBarred(session.account), RoleTable.standard.allows(session.role, .read, in: section) else {
      return nil
    }
    for referral in head.terms.referrals(at: now) where referral.sections.contains(section) {
      switch referral.receiver {
      case .account(let name) where name == session.account:
        return .referral(referral.receiver, until: referral.until)
      case .programme(let id) where session.held(.section(id, section))?.verbs.contains(.read) == true:
        return .referral(referral.receiver, until: referral.until)
      default: continue
      }
    }
    return head.terms.emergencies(at: now).first { $0.account == session.account }
      .map { .emergency(request: $0.request, until: $0.until) }
  }
}

extension VaultError {
  /// There is no record of the id that was asked for, or none for the one who asks: nobody can tell by the answer.
  static func noRecord(isBarred: Bool = false) -> VaultError {
    var error = VaultError(.notFound, "There is no record of this id.", field: "id")
    error.isBarred = isBarred
    return error
  }
}
