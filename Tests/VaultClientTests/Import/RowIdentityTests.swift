import Testing
import VaultModel

@testable import VaultClient

@Suite struct RowIdentityTests {
  private func keys(
    _ text: String, map: String? = nil, programme: String = "navigators"
  ) throws -> [String] {
    try Imported(text, map: map, programme: ProgrammeID(programme)).rows.map(\.idempotencyKey)
  }

  private let heading = "prs_FirstName,prs_Gender\n"

  @Test func `the same file gives the same keys, and people alike get different ones`() throws {
    let first = try keys(heading + "Ioana,Feminine\nIoana,Feminine\nAgim,Masculine\n")
    #expect(Set(first).count == 3)
    #expect(try keys(heading + "Ioana,Feminine\nIoana,Feminine\nAgim,Masculine\n") == first)
    #expect(first.allSatisfy { $0.count == 64 && $0.allSatisfy(\.isHexDigit) })
  }

  @Test func `order of rows and columns, spaces and line ends change no key`() throws {
    let first = try keys(heading + "Ioana,Feminine\nAgim,Masculine\n")
    #expect(try keys("prs_Gender,prs_FirstName\r\nMasculine,Agim\r\nFeminine,\" Ioana \"\r\n") == first.reversed())
    #expect(try keys("prs_Gender;prs_FirstName;prs_Title\nFeminine;Ioana;\n") == [first[0]])
  }

  @Test func `a row that was refused and corrected does not disturb the others`() throws {
    let broken = try keys(heading + "Ioana,Feminine\nAgim,Zebra\nIoana,Feminine\n")
    let corrected = try keys(heading + "Ioana,Feminine\nAgim,Masculine\nIoana,Feminine\n")
    #expect(broken == [corrected[0], corrected[2]])
  }

  @Test(arguments: [
    "prs_FirstName,prs_Gender\nIoanaF,eminine\n", "prs_FirstName,prs_Gender\nIoan,Feminine\n",
    "prs_SecondName,prs_Gender\nIoana,Feminine\n", "prs_FirstName,prs_Title\nIoana,Feminine\n",
  ])
  func `another content is another key`(_ text: String) throws {
    // The first would be refused for its code; the map drops it.
    let map =
      #"{"columns": {"prs_Gender": {"field": "prs_Gender", "values": {"Feminine": "Feminine"}, "others": "drop"}}, "optional": ["prs_Gender"]}"#
    let known = try keys(heading + "Ioana,Feminine\n", map: map)[0]
    #expect(try keys(text, map: map)[0] != known)
  }

  @Test func `another programme is another key`() throws {
    #expect(try keys(heading + "Ioana,\n") != keys(heading + "Ioana,\n", programme: "shelter"))
  }

  @Test func `a key column decides alone, must be there and may not repeat`() throws {
    let map = #"{"key": "Ref", "columns": {"prs_FirstName": "prs_FirstName"}}"#
    let first = try keys("Ref,prs_FirstName\n7,Ioana\n8,Ioana\n", map: map)
    #expect(try keys("Ref,prs_FirstName\n8,Mirela\n7,Ioana\n", map: map) == first.reversed())
    let imported = try Imported("Ref,prs_FirstName\n7,Ioana\n,Agim\n7,Luan\n", map: map)
    #expect(imported.rows.map(\.row) == [2])
    #expect(imported.faults.map(\.row) == [3, 4])
    #expect(imported.faults[1].detail.contains("row 2"))
  }

  @Test func `the encoding that is hashed is the documented one`() throws {
    var hashed: [[UInt8]] = []
    var identity = RowIdentity(programme: navigators, headings: ["b", "a", "c"], keyColumn: nil) {
      hashed.append($0)
      return [UInt8](repeating: 0xA5, count: 32)
    }
    #expect(identity.identity(of: ["2", "1", ""], row: 2) == .key(String(repeating: "a5", count: 32)))
    func field(_ text: String) -> [UInt8] { [0, 0, 0, UInt8(text.utf8.count)] + Array(text.utf8) }
    let content =
      Array("survivor-vault/v1/import-row\0".utf8) + ["navigators", "row", "a", "1", "b", "2"].flatMap(field)
    #expect(hashed == [content, content + [0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0]])
  }
}
