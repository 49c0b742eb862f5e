extension FormSet {
  /// What is wrong with the answers of one section; empty when they may be stored. Fields in the order of their keys,
  /// at most `FieldBounds.faultCountMax` faults.
  public func validate(section: Section, values: [String: JSONValue]) -> [FieldFault] {
    var check = AnswerCheck(section: section, forms: self)
    // First of all, so that nothing below looks at more than a section may hold.
    guard JSONValue.object(values).canonicalBytes().count <= FieldBounds.sectionByteCountMax else {
      check.add(.tooLarge, "", "the section is larger than \(FieldBounds.sectionByteCountMax / 1024) KiB")
      return check.faults
    }
    for (key, value) in values.sorted(by: { $0.key < $1.key }) where !check.isFull {
      if let field = field(key, in: section) {
        check.check(value, against: field, at: key)
      } else {
        check.addUnknown(key, under: "")
      }
    }
    return check.faults
  }

  /// What is wrong with the answers of several sections, in the order of the sections.
  public func validateRecord(_ sections: [Section: [String: JSONValue]]) -> [FieldFault] {
    var faults: [FieldFault] = []
    for section in Section.allCases {
      guard let values = sections[section] else { continue }
      faults += validate(section: section, values: values)
    }
    return Array(faults.prefix(FieldBounds.faultCountMax))
  }
}
