/// The first bytes of a file: whether it is text at all, and what separates its cells.
struct CSVStart {
  /// Bytes that are looked at for the heading row.
  private static let byteCountMax = 64 << 10

  private(set) var bytes: [UInt8] = []

  mutating func append(_ chunk: [UInt8]) { bytes.append(contentsOf: chunk) }

  /// Whether the heading row is there, or enough to judge.
  var isComplete: Bool {
    bytes.count >= Self.byteCountMax || (bytes.count >= 4 && headingEnd(from: 0) != nil)
  }

  /// Where the text starts: after a UTF-8 byte order mark. Refuses what is no UTF-8 text by its first bytes.
  func textOffset() throws(ImportError) -> Int {
    let hint = "save it as “CSV UTF-8”"
    guard !bytes.isEmpty else { throw ImportError(.empty, detail: "the file is empty") }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return 3 }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) || bytes.prefix(4).contains(0) {
      throw ImportError(.notUTF8, detail: "the file is UTF-16 or UTF-32, not UTF-8", hint: hint)
    }
    // Every xlsx and ods file is a zip archive; xls is an OLE file.
    if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) || bytes.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) {
      throw ImportError(.notCSV, detail: "this is a workbook, not CSV", hint: hint)
    }
    return 0
  }

  /// The candidate that stands most often in the heading row outside quotes; a comma when there is none.
  func delimiter(from offset: Int) -> UInt8 {
    let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
    var counts = [0, 0, 0]
    var isQuoted = false
    for byte in bytes[offset..<(headingEnd(from: offset) ?? bytes.count)] {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if !isQuoted, let index = candidates.firstIndex(of: byte) { counts[index] += 1 }
    }
    let most = counts.max() ?? 0
    return candidates[counts.firstIndex(of: most) ?? 0]
  }

  private func headingEnd(from offset: Int) -> Int? {
    var isQuoted = false
    for (index, byte) in bytes.enumerated().dropFirst(offset) {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if !isQuoted, byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { return index }
    }
    return nil
  }
}
