import Testing

@testable import VaultClient

@Suite struct CSVReaderTests {
  private func rows(_ bytes: [UInt8], chunk: Int? = nil) throws(ImportError) -> [[String]] {
    var rest = bytes[...]
    var reader = try CSVReader { () throws(ImportError) in
      defer { rest = rest.dropFirst(chunk ?? rest.count) }
      return Array(rest.prefix(chunk ?? rest.count))
    }
    var rows: [[String]] = []
    while let row = try reader.nextRow() { rows.append(row.cells) }
    #expect(reader.byteCount == bytes.count)
    return rows
  }

  private static let files: [(String, [[String]])] = [
    ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
    ("a,b\r\n1,2", [["a", "b"], ["1", "2"]]),
    ("a,b\r1,2\r", [["a", "b"], ["1", "2"]]),
    ("\u{FEFF}a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
    ("a;b\n1,5;2\n", [["a", "b"], ["1,5", "2"]]),
    ("a\tb\n1,5\t2\n", [["a", "b"], ["1,5", "2"]]),
    ("\"a;x\",b\n\"1;2\",2\n", [["a;x", "b"], ["1;2", "2"]]),
    ("a,b\n\"1\n2\",\"x \"\"y\"\" z\"\n", [["a", "b"], ["1\n2", "x \"y\" z"]]),
    ("a,b\n\"1\r\n2\",\"3\r4\"\n", [["a", "b"], ["1\n2", "3\n4"]]),
    ("a,b\n\n\r\n1,2\n\n", [["a", "b"], ["1", "2"]]),
    ("a,b\n,\n\"\",\"\"", [["a", "b"], ["", ""], ["", ""]]),
    ("a\n\"\"\"\"\n", [["a"], ["\""]]),
    ("a,b\n1,2,\n", [["a", "b"], ["1", "2", ""]]),
    ("নাম,नाम\nশিরিন,\"दिव्या, Ștefănescu\"\n", [["নাম", "नाम"], ["শিরিন", "दिव्या, Ștefănescu"]]),
    ("a\n", [["a"]]), ("a", [["a"]]), ("\n", []),
  ]

  @Test(arguments: files)
  func `files are read as RFC 4180 says`(_ text: String, _ expected: [[String]]) throws {
    #expect(try rows(Array(text.utf8)) == expected)
  }

  @Test(arguments: files)
  func `where chunks are cut does not matter`(_ text: String, _ expected: [[String]]) throws {
    for size in 1...7 { #expect(try rows(Array(text.utf8), chunk: size) == expected, "chunks of \(size)") }
  }

  @Test func `rows are numbered as a spreadsheet shows them`() throws {
    var reader = try CSVReader(bytes: Array("a,b\n\n\"1\n2\",3\n4,5".utf8))
    var numbers: [Int] = []
    while let row = try reader.nextRow() { numbers.append(row.number) }
    #expect(numbers == [1, 3, 4])
  }

  /// A file that must be refused, by name, so that a failure does not print its bytes.
  struct Hostile: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var bytes: [UInt8]
    var code: ImportError.Code

    init(_ name: String, _ bytes: [UInt8], _ code: ImportError.Code) {
      testDescription = name
      self.bytes = bytes
      self.code = code
    }
  }

  private static let hostile = [
    Hostile("nothing", [], .empty),
    Hostile("UTF-16 little-endian", [0xFF, 0xFE, 0x61, 0], .notUTF8),
    Hostile("UTF-16 big-endian", [0xFE, 0xFF, 0, 0x61], .notUTF8),
    Hostile("UTF-16 without a mark", [0x61, 0, 0x2C, 0], .notUTF8),
    Hostile("a workbook", [0x50, 0x4B, 3, 4, 1, 1], .notCSV),
    Hostile("an old workbook", [0xD0, 0xCF, 0x11, 0xE0], .notCSV),
    Hostile("an open quote", Array("a,b\n\"1,2\n3,4\n".utf8), .unterminatedQuote),
    Hostile("a quote at the very end", Array("a,b\n1,\"".utf8), .unterminatedQuote),
    Hostile("text after a quote", Array("a,b\n\"1\"x,2\n".utf8), .textAfterQuote),
    Hostile("a quote inside a cell", Array("a,b\n1\"2,3\n".utf8), .strayQuote),
    Hostile("a space before a quote", Array("a,b\n1, \"2,3\"\n".utf8), .strayQuote),
    Hostile("bytes that are no UTF-8", Array("a,b\n".utf8) + [0xE0, 0xA6, 0x2C, 0x31], .invalidUTF8),
    Hostile("an overlong form", Array("a\n".utf8) + [0xC0, 0xAF], .invalidUTF8),
    Hostile("a surrogate", Array("a\n".utf8) + [0xED, 0xA0, 0x80], .invalidUTF8),
    Hostile(
      "a cell too long", Array("a\n".utf8) + [UInt8](repeating: 0x78, count: CSVReader.cellByteCountMax + 1),
      .fieldTooLong
    ),
    Hostile(
      "a quoted cell too long",
      Array("a\n\"".utf8) + [UInt8](repeating: 0x78, count: CSVReader.cellByteCountMax + 1) + [0x22], .fieldTooLong
    ),
    Hostile(
      "a row too long", Array("a\n\"".utf8) + [UInt8](repeating: 0x78, count: CSVReader.rowByteCountMax + 1),
      .rowTooLong
    ),
    Hostile("columns without end", [UInt8](repeating: 0x2C, count: 2_000_000), .rowTooLong),
    Hostile("too many columns", [UInt8](repeating: 0x2C, count: CSVReader.columnCountMax), .tooManyColumns),
  ]

  @Test(arguments: hostile)
  func `P10 a hostile file gets an error that names the row`(_ file: Hostile) {
    for size in [nil, 1_000] {
      #expect(errorCode { () throws(ImportError) in _ = try rows(file.bytes, chunk: size) } == file.code)
    }
  }

  @Test func `cells and rows at their bounds are read`() throws {
    let longest = String(repeating: "x", count: CSVReader.cellByteCountMax)
    #expect(try rows(Array("a\n\(longest)\n\"\(longest)\"".utf8)) == [["a"], [longest], [longest]])
    let widest = String(repeating: ",", count: CSVReader.columnCountMax - 1)
    #expect(try rows(Array(widest.utf8))[0].count == CSVReader.columnCountMax)
  }

  @Test(arguments: [
    "a,b\n1\"2,3\n4,5\n",
    "a,b\n1\"2,\"3\n4,5\n",
    "a,b\n\u{1}BAD\u{1},3\n4,5\n",
    "a,b\n\(String(repeating: "x", count: 70_000)),3\n4,5\n",
    "a,b\n\"\(String(repeating: "x\n", count: 40_000))\",3\n4,5\n",
    "a,b\n\(String(repeating: ",", count: 600))\n4,5\n",
  ])
  func `P10 a bad row loses nothing but itself`(_ text: String) throws {
    // A byte that cannot be written in a literal.
    let bytes = Array(text.utf8).map { $0 == 1 ? 0xFF : $0 }
    var reader = try CSVReader(bytes: bytes)
    _ = try reader.nextRow()
    #expect(errorCode { () throws(ImportError) in _ = try reader.nextRow() } != nil)
    #expect(try reader.nextRow()?.cells == ["4", "5"])
    #expect(try reader.nextRow() == nil)
  }

  @Test func `an error that ends the file comes again`() throws {
    var reader = try CSVReader(bytes: Array("a,b\n\"1\"x,2\n3,4\n".utf8))
    _ = try reader.nextRow()
    for _ in 0..<2 {
      #expect(errorCode { () throws(ImportError) in _ = try reader.nextRow() } == .textAfterQuote)
    }
  }

  @Test func `P10 a million rows are read and not one more`() throws {
    var sent = 0
    let lines = Array(String(repeating: "1\n", count: 1_000).utf8)
    var reader = try CSVReader { () throws(ImportError) in
      sent += 1
      return lines
    }
    var count = 0
    let code = errorCode { () throws(ImportError) in
      while try reader.nextRow() != nil { count += 1 }
    }
    #expect(code == .tooManyRows)
    #expect(count == CSVReader.rowCountMax + 1)
    // It stopped asking for more.
    #expect(sent <= 1_002)
  }

  @Test func `a file is read in chunks and a missing one is refused`() throws {
    #expect(errorCode { () throws(ImportError) in _ = try CSVFile(path: "/nonexistent/caseload.csv") } == .unreadable)
    let directory = try CSVFile(path: "/")
    #expect(errorCode { () throws(ImportError) in _ = try directory.nextChunk() } == .unreadable)
    let file = try CSVFile(path: packageDirectory.appending(path: "docs/examples/sample-caseload.csv").path)
    var reader = try CSVReader(nextChunk: file.nextChunk)
    var count = 0
    while try reader.nextRow() != nil { count += 1 }
    #expect(count == 201)
    #expect(reader.byteCount == file.byteCount)
  }
}
