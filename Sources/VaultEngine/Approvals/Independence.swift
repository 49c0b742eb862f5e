import VaultCrypto
import VaultModel
import VaultStore

/// Whether two accounts are two people, as far as the vault's own signatures tell.
///
/// An account is made by whoever invited it, unless somebody else has let it into a compartment, because they compared
/// its fingerprint with the person. So one person could be behind an account when they could be behind its inviter *and*
/// behind everybody who vouched for it; a founder, or whom a recovery named, is nobody's making. Where one and the same
/// person could be behind both who ask and who approve, they do not count as two.
struct Independence {
  private let inviters: [AccountName: AccountName]
  private let vouchers: [AccountName: Set<AccountName>]

  init(inviters: [AccountName: AccountName], vouchers: [AccountName: Set<AccountName>]) {
    self.inviters = inviters
    self.vouchers = vouchers
  }

  func areTwo(_ first: AccountName, _ second: AccountName) -> Bool {
    // Whoever could be behind an account is the account itself or invited it, directly or not.
    var candidates = [first, second]
    var person = first
    while let inviter = inviters[person], !candidates.contains(inviter) {
      candidates.append(inviter)
      person = inviter
    }
    return !candidates.contains { candidate in
      let made = accounts(ofOne: candidate)
      return made.contains(first) && made.contains(second)
    }
  }

  /// Every account that this one person could be behind: all of which nobody else had a part in. Accounts that vouch for
  /// each other in a ring vouch for nobody.
  private func accounts(ofOne person: AccountName) -> Set<AccountName> {
    var accounts = Set(inviters.keys).union([person])
    var isChanging = true
    while isChanging {
      let others = accounts.filter { account in
        guard account != person else { return false }
        guard let inviter = inviters[account], accounts.contains(inviter) else { return true }
        return !accounts.isSuperset(of: (vouchers[account] ?? []).subtracting([account]))
      }
      accounts.subtract(others)
      isChanging = !others.isEmpty
    }
    return accounts
  }
}

extension Vault {
  /// From every invitation and every manifest as they are now.
  func independence(in view: borrowing ReadView) throws -> Independence {
    var inviters: [AccountName: AccountName] = [:]
    var accounts: [AccountName: VerifiedAccount] = [:]
    for name in try accountNames(in: view) {
      guard let account = try trust.account(name, in: view) else { throw VaultError.tampered("An account") }
      accounts[name] = account
      inviters[name] = account.invitation?.inviter.accountName
    }
    var vouchers: [AccountName: Set<AccountName>] = [:]
    for compartment in try trust.programmeEntries(in: view).flatMap({ Vault.compartments(of: $0.id) }) + [.audit] {
      guard let manifest = try trust.manifest(compartment, in: view) else { continue }
      for (name, others) in manifest.vouchers {
        // Who compared the fingerprint of keys that were replaced since has compared nobody's of now.
        guard let keys = manifest.manifest.member(name)?.keys, accounts[name]?.isNamedNow(by: keys) == true else {
          continue
        }
        vouchers[name, default: []].formUnion(others)
      }
    }
    return Independence(inviters: inviters, vouchers: vouchers)
  }
}
