import VaultCrypto
import VaultModel
import VaultStore

extension JournalEvent {
  /// What the row of the event's account or record holds in the transaction of the event; nil where a restore has nothing
  /// to learn from it: an account that enrols for the first time, a record that is gone.
  func stateNow(
    after action: Action, in transaction: borrowing WriteTransaction, _ keys: StoreKeys
  ) throws -> [UInt8]? {
    let state: [UInt8]
    if let record {
      let key = RecordRows.recordKey(keys, record)
      guard let row = try transaction.row(.record, key),
        case .head(let head) = try RecordPlace(decoding: keys.openMetadata(row, table: .record))
      else { return nil }
      state = head.terms.bytes
    } else if let account {
      let key = keys.rowKey(.account, Array(account.description.utf8))
      guard let row = try transaction.row(.account, key) else { return nil }
      state = try keys.openMetadata(row, table: .account)
      if action == .accountEnrol, try AccountRow(decoding: state).earlier.isEmpty { return nil }
    } else {
      return nil
    }
    guard state.count <= JournalEvent.stateByteCountMax else {
      throw VaultError(.failed, "The row is too large for the journal.")
    }
    return state
  }
}
