import VaultCrypto
import VaultModel
import VaultStore

/// Who may sign the first manifest of a compartment: nothing before it names anybody, and an administrator invites
/// supervisors alone. So the founding has to have named them, or a programme that such people began and let them in.
struct Beginners: Sendable {
  /// Only those who still hold the keys that they got by the code of the genesis or of a recovery.
  static let founding = Beginners()

  private var named: [AccountName: Set<MemberKeys>] = [:]

  mutating func add(_ members: [AccountName: Set<MemberKeys>]) { named.merge(members) { $0.union($1) } }

  func include(_ account: VerifiedAccount, under keys: MemberKeys) -> Bool {
    keys == account.foundingKeys || named[account.name]?.contains(keys) == true
  }
}

extension Trust {
  /// Everybody who may begin a compartment of this programme, by what all others say.
  ///
  /// It reads their manifests, so it is asked for only where the keys are not those of the founding.
  func beginners(besides programme: ProgrammeID, in view: borrowing ReadView) throws(VaultError) -> Beginners {
    var others = try onStored("A programme") { try programmeEntries(in: view) }.map(\.id).filter { $0 != programme }
    var beginners = Beginners.founding
    // A programme leans on one that was begun before it, in whatever order they stand here.
    var isGrowing = true
    while isGrowing {
      isGrowing = false
      var unproven: [ProgrammeID] = []
      for other in others {
        // Every member of a programme who may grant holds this compartment.
        let identity = Compartment.section(other, .identity)
        do throws(VaultError) {
          guard let manifest = try manifest(identity, beginners: beginners, in: view) else { continue }
          beginners.add(manifest.members)
          isGrowing = true
        } catch {
          guard error.code == .integrity else { throw error }
          unproven.append(other)
        }
      }
      others = unproven
    }
    return beginners
  }
}
