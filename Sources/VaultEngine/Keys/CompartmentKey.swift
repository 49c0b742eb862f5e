import VaultCrypto
import VaultModel

/// What holding a compartment's secret of one epoch gives: its wraps, its cards, and what was sealed to it.
final class CompartmentKey: Sendable {
  let compartment: Compartment
  let epoch: UInt64
  let opening: OpeningKey
  let wrapKey: SymmetricKey
  let cardKey: SymmetricKey

  init(_ opening: OpeningKey, compartment: Compartment, epoch: UInt64, store: StoreKeys) {
    self.compartment = compartment
    self.epoch = epoch
    self.opening = opening
    // Both halves are needed: a member who left with the secret cannot read a stolen file without the root key.
    func derive(_ purpose: StaticString) -> SymmetricKey {
      var context = CanonicalEncoding(purpose)
      context.append(store.vault)
      context.append(compartment.description)
      context.append(epoch)
      return HKDF.combine(store.outerWrap, opening.secretKey, context: context.bytes)
    }
    wrapKey = derive("wrap-key")
    cardKey = derive("card-key")
  }
}
