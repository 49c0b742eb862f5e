import VaultModel

/// What one can type at the prompt: what one's role can use first.
@MainActor enum HelpScreen {
  private struct Topic {
    let title: String
    let verbs: [Verb]
    let rows: [(String, String)]
  }

  private static let topics = [
    Topic(
      title: "Records", verbs: [.search, .create, .list],
      rows: [
        ("find NAME …", "by a name in any script, a telephone number or a year"),
        ("show ID", "safe contact and case summary; --section S, or --all"),
        ("new", "open a record: asks field by field, safe contact first"),
        ("edit ID", "change one, field by field; or --from FILE"),
        ("list", "ids of your programmes' records"),
        ("fields [SECTION]", "what can be recorded, with keys and codes"),
        ("import FILE --programme P", "a spreadsheet saved as CSV"),
      ]),
    Topic(
      title: "Access log", verbs: [.readLog],
      rows: [
        ("log", "who did what: --record, --account, --programme, --action, --outcome, --since, …"),
        ("log --by account", "counted by account, record or day; with the same filters"),
        ("log --unassigned", "readings outside assignment; --off-hours for nights and weekends"),
        ("log reveal INDEX", "what somebody searched for; an entry with your name tells of it"),
        ("who-read ID", "one record's readers; --plain to read out to the survivor"),
        ("log signoff --note -", "sign what you have reviewed; log signoffs lists who did"),
        ("grant NAME --audit --fingerprint …", "let another auditor in; revoke NAME --audit takes one out"),
        ("log verify [DIR]", "that nothing in it was altered: of the vault, or of an export or a bundle"),
        ("log export DIR", "carry all of it away, for anyone to verify; the entries stay closed"),
        ("log report [--html FILE]", "what is unusual, who read what and when: --since, --until, --time-zone"),
        ("log prove INDEX … --to DIR", "open single entries for a court, with their proofs"),
      ]),
    Topic(
      title: "Programmes and grants", verbs: [.addProgramme, .grant],
      rows: [
        ("programme add P --title T", "begin a caseload"),
        ("grant NAME --programme P --fingerprint \"six words\"", "let somebody in"),
        ("revoke NAME [--programme P]", "take somebody out"),
        ("reassign --from NAME --to NAME", "hand records over"),
        ("rekey [--programme P] [--deep]", "bring records under the newest keys, and see how far that is"),
      ]),
    Topic(
      title: "Accounts", verbs: [.invite, .suspend],
      rows: [
        ("account add NAME --role R --uid U", "invite a person"),
        ("account suspend NAME", "shut somebody out, now"),
        ("account replace NAME", "new keys for a person who lost theirs"),
      ]),
    Topic(
      title: "Everyone", verbs: [],
      rows: [
        ("status · account list · programme list", "what there is"),
        ("purpose [CODE]", "say anew why you read"),
        ("passphrase", "change your own"),
        ("lock", "forget everything and ask for the passphrase again"),
        ("logout, Ctrl-D", "leave"),
        ("help COMMAND", "all options of one command"),
      ]),
  ]

  static func fill(_ sheet: inout Sheet, role: Role) {
    func isMine(_ topic: Topic) -> Bool {
      topic.verbs.isEmpty || topic.verbs.contains { RoleTable.standard.allows(role, $0) }
    }
    for topic in topics where isMine(topic) { show(topic, in: &sheet) }
    let others = topics.filter { !isMine($0) }
    guard !others.isEmpty else { return }
    sheet.line()
    sheet.line(sheet.style(.dim, "For other roles:"))
    for topic in others { show(topic, in: &sheet) }
  }

  private static func show(_ topic: Topic, in sheet: inout Sheet) {
    sheet.heading(topic.title)
    for (command, what) in topic.rows {
      if command.count <= 28 {
        sheet.field(command, what, labelWidth: 28, indent: 2)
      } else {
        sheet.line("  " + sheet.style(.dim, command))
        sheet.field("", what, labelWidth: 28, indent: 2)
      }
    }
  }
}
