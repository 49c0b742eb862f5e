/// What is out of the ordinary about the access to a record; shown wherever the record is.
public enum RecordFlag: String, CaseIterable, Hashable, Sendable, Codable {
  /// Shared with somebody outside its programme.
  case referred
  /// Kept to named people.
  case restricted
  /// Somebody was let in for an emergency, and still is.
  case breakGlass = "break-glass"
}
