import AccessLog

/// A public key on the command line: the vkey itself, or a file that holds one.
enum LogKeyText {
  /// Bytes of such a file: a key, and perhaps some lines of explanation.
  private static let byteCountMax = 4096

  static func key(_ text: String, _ algorithm: NoteKey.Algorithm, option: String) throws -> NoteKey {
    let key: NoteKey
    if let typed = try? NoteKey(vkey: text) {
      key = typed
    } else {
      let bytes = try InputText.read(text, byteCountMax: byteCountMax)
      let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
      guard let found = lines.lazy.compactMap({ try? NoteKey(vkey: String($0)) }).first else {
        throw Failure(
          .invalid, "\(option) names neither a public key nor a file with one.",
          hint: "A key looks like name+1a2b3c4d+base64, on one line.", field: option)
      }
      key = found
    }
    guard key.algorithm == algorithm else {
      throw Failure(
        .invalid, "\(option) is a key of another kind.",
        hint: algorithm == .ed25519
          ? "The log's own key is wanted here, not that of somebody who signs off."
          : "The key of somebody who signs off is wanted here, not that of the log.", field: option)
    }
    return key
  }

  /// Before anything is fetched: the key that was published here before is this one.
  static func demandSame(_ key: NoteKey, in file: String) throws {
    guard let there = try? InputText.read(file, byteCountMax: byteCountMax) else { return }
    let text = String(decoding: there, as: UTF8.self).split(whereSeparator: \.isNewline).first.map(String.init)
    guard text == key.vkey else {
      throw LogFailure.signedByOther(
        "\(Printable.line(file)) holds another key than the one that signs this vault's log.",
        hint: "Is it of another vault's log? Then name another directory. If it is of this vault, tell the auditor.")
    }
  }

  static func publish(_ key: NoteKey, in file: String) throws {
    try OutputFile.write(Array((key.vkey + "\n").utf8), to: file)
  }
}

@MainActor enum LogSheet {
  /// On a line of its own, unbroken however wide: it is copied and compared as a whole.
  static func key(_ key: NoteKey, in sheet: inout Sheet) {
    sheet.line(sheet.style(.dim, TextWidth.padded("Key", to: 16)) + "  " + Printable.line(key.vkey))
  }
}
