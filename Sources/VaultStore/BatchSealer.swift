/// What the ledger adds to every batch before it becomes durable: its entries, its checkpoint, its state row.
///
/// All methods run on the writer's thread, one at a time. A sealer that keeps state between batches changes it for
/// good only in `committed()`, and goes back in `abandoned()`.
public protocol BatchSealer: Sendable {
  associatedtype Entry: Sendable
  associatedtype Receipt: Sendable

  /// A batch begins: what `applied` told of another one is not to be counted on.
  func begins()

  /// Whether what the entry stands on still holds, asked before its changes are applied; otherwise its caller gets
  /// `.superseded` and nothing is applied. What the submissions before it in this batch change is told by `applied`.
  func admits(_ entry: Entry) -> Bool

  /// The changes of this entry's submission were applied; the batch may yet be abandoned.
  func applied(_ entry: Entry)

  /// Called inside the transaction, after the changes of the accepted submissions were applied in order.
  ///
  /// - Parameters:
  ///   - entries: one per accepted submission, never empty.
  ///   - deltas: each change of a metadata row, in order; a row changed twice in the batch appears twice.
  ///     What the sealer itself writes is not among them.
  /// - Returns: one receipt per entry, in order.
  /// - Throws: anything; the batch is rolled back and each of its callers gets `.commitFailed`.
  func seal(_ entries: [Entry], deltas: [RowDelta], transaction: borrowing WriteTransaction) throws -> [Receipt]

  /// Called after the durable commit of a batch that was sealed, before its callers resume.
  func committed()

  /// Called after the rollback of a batch for which `seal` was called.
  func abandoned()

  /// Whether the store, read afresh, is as the last `committed()` left it. Asked before the next batch after a commit
  /// failed or the file had been away; until the answer is yes nothing is written.
  func holds(_ view: borrowing ReadView) throws -> Bool
}

extension BatchSealer {
  public func begins() {}
  public func admits(_ entry: Entry) -> Bool { true }
  public func applied(_ entry: Entry) {}
}
