/// The script of a name, by its letters: a column of names often mixes several, and no constant would be true of all.
enum NameScript {
  /// Blocks of the Unicode standard whose letters belong to one script, with its ISO 15924 code.
  private static let blocks: [(range: ClosedRange<UInt32>, code: String)] = [
    (0x0370...0x03FF, "Grek"), (0x0400...0x052F, "Cyrl"), (0x0530...0x058F, "Armn"), (0x0590...0x05FF, "Hebr"),
    (0x0600...0x06FF, "Arab"), (0x0750...0x077F, "Arab"), (0x0780...0x07BF, "Thaa"), (0x08A0...0x08FF, "Arab"),
    (0x0900...0x097F, "Deva"), (0x0980...0x09FF, "Beng"), (0x0A00...0x0A7F, "Guru"), (0x0A80...0x0AFF, "Gujr"),
    (0x0B00...0x0B7F, "Orya"), (0x0B80...0x0BFF, "Taml"), (0x0C00...0x0C7F, "Telu"), (0x0C80...0x0CFF, "Knda"),
    (0x0D00...0x0D7F, "Mlym"), (0x0D80...0x0DFF, "Sinh"), (0x0E00...0x0E7F, "Thai"), (0x0E80...0x0EFF, "Laoo"),
    (0x0F00...0x0FFF, "Tibt"), (0x1000...0x109F, "Mymr"), (0x10A0...0x10FF, "Geor"), (0x1100...0x11FF, "Kore"),
    (0x1200...0x137F, "Ethi"), (0x1780...0x17FF, "Khmr"), (0x1800...0x18AF, "Mong"), (0x1C50...0x1C7F, "Olck"),
    (0x3040...0x30FF, "Jpan"), (0xABC0...0xABFF, "Mtei"), (0xAC00...0xD7AF, "Kore"),
  ]

  /// The one script of all letters; nil for none, for a mixture, and where letters alone do not tell (Chinese).
  static func code(of text: String) -> String? {
    var found: String?
    for scalar in text.unicodeScalars where scalar.properties.isAlphabetic {
      guard let code = code(of: scalar), found == nil || found == code else { return nil }
      found = code
    }
    return found
  }

  private static func code(of scalar: Unicode.Scalar) -> String? {
    switch scalar.value {
    case 0..<0x0250, 0x1E00...0x1EFF: "Latn"
    default: blocks.first { $0.range.contains(scalar.value) }?.code
    }
  }
}
