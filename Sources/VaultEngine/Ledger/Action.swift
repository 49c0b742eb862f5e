/// What entries are about. The raw values stand in the log for ever.
public enum Action: String, Sendable, CaseIterable {
  // The daemon itself
  case daemonStart = "daemon.start"
  case daemonStop = "daemon.stop"
  /// The file outside the data directory that shows a rollback cannot be written, or can again; the detail says which.
  case anchorState = "anchor.state"
  /// The off-host journal cannot be written, or can again; the detail says which.
  case journalState = "journal.state"
  /// Another version, other forms or other flags than at the start before.
  case configChange = "config.change"
  case clockBack = "clock.back"
  case clockForward = "clock.forward"
  case spaceLow = "space.low"
  case vaultFound = "vault.found"
  /// A copy of the database is about to leave the host.
  case backupBegin = "backup.begin"
  case backupEnd = "backup.end"
  /// A backup was opened and checked, and holds this vault.
  case backupDrill = "backup.drill"
  /// The first entry of the log that a restore begins: what is kept of the log before, and what was known of it.
  case vaultRestore = "vault.restore"
  /// Something that had happened after the backup was repeated from the off-host journal.
  case vaultReplay = "vault.replay"
  case restoreShow = "restore.show"
  /// Somebody accepted a restore; with the second signature the vault is open.
  case restoreAccept = "restore.accept"
  /// The store master was wrapped anew; the old root key opens nothing written from then on.
  case rootKeyRotate = "root-key.rotate"
  /// Access was rebuilt from recovery shares: new people, new keys, new shares, everybody else out. The detail names them.
  case vaultRecover = "vault.recover"
  /// Recovery shares were proved to open the vault, and nothing was changed.
  case recoveryDrill = "recovery.drill"
  /// Refused before it was known what was asked for: malformed, unauthenticated, nowhere.
  case requestRefused = "request.refused"
  // Accounts and programmes
  case sessionOpen = "session.open"
  case sessionClose = "session.close"
  case passphraseChange = "passphrase.change"
  case accountInvite = "account.invite"
  case accountEnrol = "account.enrol"
  case accountSuspend = "account.suspend"
  case accountReinstate = "account.reinstate"
  /// The same person gets new keys by a new one-time code.
  case accountReplace = "account.replace"
  case accountList = "account.list"
  case programmeAdd = "programme.add"
  case programmeList = "programme.list"
  case memberGrant = "member.grant"
  case memberRevoke = "member.revoke"
  // What needs two people: asking, looking, deciding; then time ran out, or somebody who had signed was suspended
  case approvalRequest = "approval.request"
  case approvalList = "approval.list"
  case approvalRead = "approval.read"
  case approvalGive = "approval.give"
  case approvalDeny = "approval.deny"
  /// A permit was redeemed; the entries that follow say what left.
  case approvalUse = "approval.use"
  case approvalExpire = "approval.expire"
  case approvalVoid = "approval.void"
  case policyRead = "policy.read"
  case policyChange = "policy.change"
  case pathwayRead = "pathway.read"
  case pathwayChange = "pathway.change"
  /// Keys of a programme or of the log changed because of somebody who was shut out before, or for an exposure.
  case memberRekey = "member.rekey"
  // Records
  case recordCreate = "record.create"
  case recordRead = "record.read"
  case recordEdit = "record.edit"
  case recordList = "record.list"
  case recordExport = "record.export"
  case recordDisclose = "record.disclose"
  case recordErase = "record.erase"
  case recordSearch = "record.search"
  /// What a referral would show was looked at.
  case referralPreview = "referral.preview"
  /// One record was shared with a person or a programme.
  case referralMake = "referral.make"
  /// The sharing was ended, by a person or by its time.
  case referralEnd = "referral.end"
  /// One person was kept from one record.
  case barSet = "bar.set"
  case barLift = "bar.lift"
  case barList = "bar.list"
  /// One record was kept to named people.
  case restrictionSet = "restriction.set"
  case restrictionLift = "restriction.lift"
  /// Somebody was let into one record for an emergency.
  case breakGlass = "break-glass.open"
  case emergencyEnd = "emergency.end"
  case emergencyList = "emergency.list"
  case emergencyReview = "emergency.review"
  /// Who has access to one record apart from its programme was looked at.
  case recordAccess = "record.access"
  /// Sections were sealed anew: because somebody held their keys who may not any more, or did not who may again.
  case recordReseal = "record.reseal"
  // What services hand in
  case submissionSend = "submission.send"
  case submissionList = "submission.list"
  case submissionRead = "submission.read"
  /// It became a record, or part of the record that the entry names.
  case submissionAccept = "submission.accept"
  case submissionReject = "submission.reject"
  /// Records were brought under newer keys, in somebody's session; nobody was shown any of them.
  case recordRekey = "record.rekey"
  /// Somebody else was put in charge.
  case recordReassign = "record.reassign"
  // The log
  case logRead = "log.read"
  case logVerify = "log.verify"
  case logReveal = "log.reveal"
  case logProve = "log.prove"
  case logSignOff = "log.signoff"
  case logExport = "log.export"
  /// A text beside the log was erased.
  case textErase = "text.erase"

  /// Whether it is a whole action or one of the words of one, as filters of the log take them.
  public static func isKnown(_ text: String) -> Bool {
    allCases.contains { $0.rawValue == text || $0.rawValue.split(separator: ".").contains(Substring(text)) }
  }
}
