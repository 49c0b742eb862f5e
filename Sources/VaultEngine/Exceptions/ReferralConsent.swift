import VaultModel

/// Whether the survivor agreed to a sharing. The one place that asks, before any key is wrapped.
enum ReferralConsent {
  /// Lets every referral pass: what was agreed stands in the section `consent`, whose rules arrive with the forms of case
  /// work. They belong here: throw `denied` where the consent that is in force does not cover these sections for this
  /// receiver, and return what the preview should say of it.
  static func demand(
    _ sections: Set<Section>, of head: RecordHead, for receiver: RecordTerms.Receiver
  ) throws(VaultError) {}
}
