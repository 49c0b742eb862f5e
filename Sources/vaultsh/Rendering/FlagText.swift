import VaultModel

extension [RecordFlag] {
  /// Loud where somebody was let in for an emergency.
  var words: String {
    map { $0 == .breakGlass ? $0.rawValue.uppercased() : $0.rawValue }.joined(separator: ", ")
  }

  var tone: Style.Tone { contains(.breakGlass) ? .danger : .careful }
}
