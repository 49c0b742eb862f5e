import VaultModel

/// Where a page of records ended: in a programme, whose records come first, or among those that were shared.
struct ListPosition {
  private enum Place {
    case start
    case programme(ProgrammeID, RecordID)
    case shared(RecordID?)
  }

  /// Stands for a programme's id in what a client sends back: no programme is called so.
  private static let sharedMark = "+"

  private let place: Place

  init(_ text: String?) throws(VaultError) {
    guard let text else {
      place = .start
      return
    }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2 else { throw ListPosition.refusal }
    if parts[0] == ListPosition.sharedMark {
      guard !parts[1].isEmpty else {
        place = .shared(nil)
        return
      }
      guard let record = try? RecordID(canonical: String(parts[1])) else { throw ListPosition.refusal }
      place = .shared(record)
    } else {
      guard let programme = try? ProgrammeID(String(parts[0])),
        let record = try? RecordID(canonical: String(parts[1]))
      else { throw ListPosition.refusal }
      place = .programme(programme, record)
    }
  }

  private static var refusal: VaultError {
    VaultError(.invalid, "This is not where a page ended.", hint: "Send `next` of the page before.", field: "after")
  }

  static func shared(after record: RecordID?) -> String { "\(sharedMark)/\(record?.description ?? "")" }

  var isShared: Bool { if case .shared = place { true } else { false } }

  func isAtOrBefore(_ programme: ProgrammeID) -> Bool {
    if case .programme(let reached, _) = place { programme >= reached } else { true }
  }

  /// The last record that was listed of a programme.
  func record(in programme: ProgrammeID) -> RecordID? {
    if case .programme(programme, let record) = place { record } else { nil }
  }

  func isBeforeShared(_ record: RecordID) -> Bool {
    if case .shared(let reached?) = place { reached.bits < record.bits } else { true }
  }
}
