/// One row of a CSV file.
public struct CSVRow: Hashable, Sendable {
  /// As a spreadsheet counts: the headings are row 1, and blank lines count.
  public var number: Int
  public var cells: [String]

  public init(number: Int, cells: [String]) {
    self.number = number
    self.cells = cells
  }
}

/// Reads CSV (RFC 4180) row by row from bytes that come in chunks, so that a file is never in memory as a whole.
///
/// Cells are UTF-8, with or without a byte order mark; rows end in CRLF, LF or CR; the separator is `,`, `;` or tab, and
/// is found in the first row unless it is given. A line break inside a quoted cell becomes LF. Blank lines are skipped.
public struct CSVReader {
  /// Bytes of one row: far above a full set of narratives, and a bound on what an unclosed quote can swallow.
  public static let rowByteCountMax = 1 << 20
  /// Cells of one row: the standard has 84 fields.
  public static let columnCountMax = 500
  /// Bytes of one cell: the longest narrative (20,000 characters) in a three-byte script.
  public static let cellByteCountMax = 64 << 10
  /// Rows of one file without its headings; more has to be split, so that a person can look through what was refused.
  public static let rowCountMax = 1_000_000

  private let nextChunk: () throws(ImportError) -> [UInt8]
  private var buffer: [UInt8] = []
  private var at = 0
  private var isAtEnd = false
  private var failure: ImportError?
  private var row = 0
  /// Bytes of the chunks before `buffer`.
  private var passedByteCount = 0

  /// What separates cells: `,`, `;` or tab.
  public let delimiter: UInt8

  /// Bytes read so far, for a progress bar.
  public var byteCount: Int { passedByteCount + at }

  /// `nextChunk` gives the next bytes, and none at the end; its error is passed on. Looks at the beginning of the file.
  public init(
    delimiter: UInt8? = nil, nextChunk: @escaping () throws(ImportError) -> [UInt8]
  ) throws(ImportError) {
    self.nextChunk = nextChunk
    var start = CSVStart()
    while !start.isComplete {
      let chunk = try nextChunk()
      if chunk.isEmpty { break }
      start.append(chunk)
    }
    at = try start.textOffset()
    self.delimiter = delimiter ?? start.delimiter(from: at)
    buffer = start.bytes
  }

  /// Reads bytes that are in memory already.
  public init(bytes: [UInt8], delimiter: UInt8? = nil) throws(ImportError) {
    var rest = bytes
    try self.init(delimiter: delimiter) { () throws(ImportError) in
      defer { rest = [] }
      return rest
    }
  }

  /// The next row that is not blank; nil at the end. After an error of one row (`isOfOneRow`) reading goes on with the
  /// next row; any other error comes again.
  public mutating func nextRow() throws(ImportError) -> CSVRow? {
    if let failure { throw failure }
    while true {
      guard try peek() != nil else { return nil }
      row += 1
      guard row <= Self.rowCountMax + 1 else {
        throw ends(.tooManyRows, "the file has more than \(Self.rowCountMax) rows", "split it")
      }
      let cells = try readCells()
      if cells != [""] { return CSVRow(number: row, cells: cells) }
    }
  }

  private mutating func peek() throws(ImportError) -> UInt8? {
    if at < buffer.count { return buffer[at] }
    guard !isAtEnd else { return nil }
    passedByteCount += buffer.count
    at = 0
    do throws(ImportError) {
      buffer = try nextChunk()
    } catch {
      failure = error
      throw error
    }
    isAtEnd = buffer.isEmpty
    return buffer.first
  }

  private mutating func readCells() throws(ImportError) -> [String] {
    var cells: [String] = []
    var cell: [UInt8] = []
    let start = byteCount
    // The first fault of the row: reading goes on to the row's end, so that the next one starts where it should.
    var fault: ImportError?
    while true {
      let end: CellEnd
      if try peek() == UInt8(ascii: "\"") {
        end = try readQuoted(&cell, rowStart: start)
      } else {
        end = try readPlain(&cell, rowStart: start)
      }
      let cellFault: ImportError?
      switch end {
      case .strayQuote:
        cellFault = ImportError(
          .strayQuote, row: row, detail: "a quote stands inside a cell that does not start with one",
          hint: "put the cell in quotes and double the quotes inside it")
      case _ where cell.count > Self.cellByteCountMax:
        cellFault = ImportError(
          .fieldTooLong, row: row, detail: "a cell is longer than \(Self.cellByteCountMax >> 10) KiB")
      case _ where cells.count == Self.columnCountMax:
        cellFault = ImportError(
          .tooManyColumns, row: row, detail: "the row has more than \(Self.columnCountMax) cells")
      default:
        if let text = String(validating: cell, as: UTF8.self) {
          cells.append(text)
          cellFault = nil
        } else {
          cellFault = ImportError(
            .invalidUTF8, row: row, detail: "the text is not UTF-8",
            hint: "save the file again as “CSV UTF-8”")
        }
      }
      if fault == nil { fault = cellFault }
      cell.removeAll(keepingCapacity: true)
      guard case .separator = end else { break }
      try checkRowLength(start)
    }
    if let fault { throw fault }
    return cells
  }

  private enum CellEnd { case separator, row, strayQuote }

  /// Reads a cell without quotes and what ends it. Keeps one byte more than a cell may have, to show that it is too long.
  private mutating func readPlain(_ cell: inout [UInt8], rowStart: Int) throws(ImportError) -> CellEnd {
    var isStray = false
    while let byte = try peek() {
      switch byte {
      case delimiter where !isStray:
        at += 1
        return .separator
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        try skipLineEnd(byte)
        return isStray ? .strayQuote : .row
      case UInt8(ascii: "\""), delimiter:
        isStray = true
        at += 1
      default: copyPlain(to: &cell)
      }
      try checkRowLength(rowStart)
    }
    return isStray ? .strayQuote : .row
  }

  /// Takes the bytes up to the next that could mean something, or to the end of the chunk.
  private mutating func copyPlain(to cell: inout [UInt8]) {
    let start = at
    while at < buffer.count {
      switch buffer[at] {
      case delimiter, UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\""):
        return cell.append(contentsOf: buffer[start..<at].prefix(room(in: cell)))
      default: at += 1
      }
    }
    cell.append(contentsOf: buffer[start..<at].prefix(room(in: cell)))
  }

  private func room(in cell: [UInt8]) -> Int { max(Self.cellByteCountMax + 1 - cell.count, 0) }

  /// Reads a cell in quotes and what ends it.
  private mutating func readQuoted(_ cell: inout [UInt8], rowStart: Int) throws(ImportError) -> CellEnd {
    at += 1
    while let byte = try peek() {
      at += 1
      var content = byte
      if byte == UInt8(ascii: "\"") {
        switch try peek() {
        case UInt8(ascii: "\""): at += 1
        case delimiter:
          at += 1
          return .separator
        case nil: return .row
        case let next? where next == UInt8(ascii: "\n") || next == UInt8(ascii: "\r"):
          try skipLineEnd(next)
          return .row
        default:
          throw ends(
            .textAfterQuote, "a cell goes on after its closing quote", "double the quotes inside a quoted cell")
        }
      } else if byte == UInt8(ascii: "\r") {
        if try peek() == UInt8(ascii: "\n") { at += 1 }
        content = UInt8(ascii: "\n")
      }
      if cell.count <= Self.cellByteCountMax { cell.append(content) }
      try checkRowLength(rowStart)
    }
    throw ends(.unterminatedQuote, "a quoted cell that starts in this row never ends", "close the quote")
  }

  private mutating func skipLineEnd(_ byte: UInt8) throws(ImportError) {
    at += 1
    guard byte == UInt8(ascii: "\r"), try peek() == UInt8(ascii: "\n") else { return }
    at += 1
  }

  private mutating func checkRowLength(_ rowStart: Int) throws(ImportError) {
    guard byteCount - rowStart > Self.rowByteCountMax else { return }
    // Most likely a quote is never closed, and whatever follows would be misread.
    throw ends(
      .rowTooLong, "the row is longer than \(Self.rowByteCountMax >> 20) MiB", "look for a quote that is never closed")
  }

  private mutating func ends(_ code: ImportError.Code, _ detail: String, _ hint: String) -> ImportError {
    let error = ImportError(code, row: row, detail: detail, hint: hint)
    failure = error
    return error
  }
}
