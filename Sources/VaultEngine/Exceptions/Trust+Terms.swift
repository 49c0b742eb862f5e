import VaultCrypto
import VaultModel
import VaultStore

/// What stands behind a record's terms. They lie in a row that no member signs, and every later version is sealed for
/// whoever they let in: so what lets somebody in is believed by a signature only, and with the root key nobody is added.
extension Trust {
  /// Whoever referred the record signed it, and was a member of its programme under the keys that they signed with.
  func demandSigned(_ referral: RecordTerms.Referral, of head: RecordHead, in view: borrowing ReadView) throws {
    for section in referral.sections {
      let members = try manifest(head.compartment(of: section), in: view)?.members
      let known = try verifyingKeys(of: referral.referrer, among: members, in: view)
      guard referral.isSigned(about: head.id, of: keys.vault, byOneOf: known) else {
        throw VaultError.tampered("A referral")
      }
    }
  }

  /// Keys of the account that an emergency lets in: those that signed the request, which a member approved for this record
  /// and for no longer.
  func keys(
    letInBy emergency: RecordTerms.Emergency, to head: RecordHead, in view: borrowing ReadView
  ) throws -> MemberKeys {
    guard let id = RequestID(emergency.request),
      let request = try ApprovalRegister(keys: keys, trust: self).verified(id, in: view), request.state == .used,
      case .breakGlass(head.id, let seconds) = request.action, request.request.requester == emergency.account,
      let approval = request.approval, approval.approver == emergency.granter, let keys = request.approverKeys,
      emergency.until <= approval.decided.adding(seconds: seconds)
    else { throw VaultError.tampered("An emergency") }
    // Of a pair that an administrator made up, neither is a member.
    let members = try manifest(head.compartment(of: .identity), in: view)?.members
    guard try verifyingKeys(of: approval.approver, among: members, in: view).contains(keys.verifying) else {
      throw VaultError.tampered("An emergency")
    }
    return request.requesterKeys
  }
}
