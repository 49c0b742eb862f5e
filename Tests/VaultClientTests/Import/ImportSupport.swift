import Foundation
import VaultModel

@testable import VaultClient

/// Stands in for SHA-256: four FNV-1a lanes with different starts. Tests need it to tell inputs apart and no more.
func testHash(_ bytes: [UInt8]) -> [UInt8] {
  (0..<4).flatMap { (lane: UInt64) -> [UInt8] in
    var value = 0xCBF2_9CE4_8422_2325 ^ (lane &* 0x9E37_79B9_7F4A_7C15)
    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}

let navigators = try! ProgrammeID("navigators")

/// Everything that becomes of a file.
struct Imported {
  var rows: [ConvertedRow] = []
  var faults: [RowFault] = []

  init(_ bytes: [UInt8], map: ImportMap? = nil, programme: ProgrammeID = navigators) throws(ImportError) {
    var caseload = try CaseloadImport(
      reader: CSVReader(bytes: bytes, delimiter: map?.separator), map: map, forms: .builtIn, programme: programme,
      hash: testHash)
    while let outcome = try caseload.next() {
      switch outcome {
      case .converted(let row): rows.append(row)
      case .rejected(let found): faults += found
      }
    }
  }

  init(_ text: String, map: String? = nil, programme: ProgrammeID = navigators) throws(ImportError) {
    let map = try map.map { text throws(ImportError) in try ImportMap.load(Array(text.utf8)) }
    try self.init(Array(text.utf8), map: map, programme: programme)
  }

  /// The answers of a row's section.
  subscript(row: Int, section: Section) -> [String: JSONValue] { rows[row].sections[section] ?? [:] }
}

/// The code of the error that `body` ends with; nil when it ends well.
func errorCode(_ body: () throws(ImportError) -> Void) -> ImportError.Code? {
  do throws(ImportError) {
    try body()
    return nil
  } catch {
    return error.code
  }
}

/// The package's directory, from where this file stands in it.
let packageDirectory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent()

func example(_ name: String) throws -> [UInt8] {
  try [UInt8](Data(contentsOf: packageDirectory.appending(path: "docs/examples/\(name)")))
}
