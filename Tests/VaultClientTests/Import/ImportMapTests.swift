import Testing
import VaultModel

@testable import VaultClient

@Suite struct ImportMapTests {
  @Test func `values are translated, flags gathered and empty words skipped`() throws {
    let map = """
      {"empty": ["-"], "ignore": ["Bed"], "constants": {"vault_Team": "Intake", "vic_TypeOfExploitation": "Servitude"},
       "columns": {
        "Sex": {"section": "identity", "field": "prs_Gender", "values": {"F": "Feminine", "": "Masculine"}},
        "Bonded": {"field": "vic_TypeOfExploitation", "values": {"1": "ForcedLabour", "0": null}},
        "Married off": {"field": "vic_TypeOfExploitation", "values": {"1": ["ForcedMarriage", "Servitude"], "0": null}},
        "From": {"field": "prs_Citizenship", "split": "/", "values": {"B'desh": "BD"}}}}
      """
    let imported = try Imported(
      "Sex,Bonded,Married off,From,Bed,Team\nF,1,1,B'desh / India,7,Night\n-,0,0,-,-,-\nF,0,,-,,\n", map: map)
    #expect(imported.faults.map(\.row) == [3])
    #expect(imported[0, .identity] == ["prs_Gender": "Feminine", "prs_Citizenship": ["BD", "IN"]])
    #expect(imported[0, .exploitation] == ["vic_TypeOfExploitation": ["Servitude", "ForcedLabour", "ForcedMarriage"]])
    #expect(imported[0, .case] == ["vault_Team": "Night"])
    #expect(imported[1, .case] == ["vault_Team": "Intake"])
  }

  @Test func `columns are joined into notes behind their labels`() throws {
    let map = """
      {"constants": {"vault_Notes": "From the old sheet."}, "columns": {
       "a": {"field": "vault_Notes", "label": "Remarks"}, "b": {"field": "vault_Notes", "label": "Warden", "split": ";"},
       "c": "prs_MailingStreet", "d": {"field": "prs_MailingStreet", "join": ", "}, "e": "prs_FirstName", "f": "prs_FirstName"}}
      """
    let imported = try Imported("a,b,c,d,e,f\n\"Tall\nQuiet\",x;y,Hill 3,2nd floor,Mai,Linh\n", map: map)
    #expect(imported.faults.isEmpty)
    #expect(imported[0, .case]["vault_Notes"] == "From the old sheet.\nRemarks: Tall\nQuiet\nWarden: x, y")
    #expect(imported[0, .contact]["prs_MailingStreet"] == "Hill 3, 2nd floor")
    #expect(imported[0, .identity]["prs_FirstName"] == "Mai Linh")
  }

  @Test func `columns become names with their kind, and nothing where the cell is empty`() throws {
    let map = """
      {"columns": {"Name": {"field": "vault_Names.text", "with": {"kind": "legal", "script": "Latn"}},
       "Called": {"field": "vault_Names[2].text", "with": {"kind": "Nickname", "use": "never-aloud"}},
       "Phone": {"field": "vault_ContactMethods.value", "with": {"kind": "mobile", "safe": "unknown"}}}}
      """
    let imported = try Imported("Name,Called,Phone\nশিরিন,,\n,রিনা,+44 7700 900002\n", map: map)
    #expect(imported.faults.isEmpty)
    // What the map says goes before what the letters say.
    #expect(
      imported.rows[0].sections == [.identity: ["vault_Names": [["text": "শিরিন", "kind": "legal", "script": "Latn"]]]])
    #expect(
      imported[1, .identity]["vault_Names"] == [
        ["text": "রিনা", "kind": "nickname", "use": "never-aloud", "script": "Beng"]
      ])
    #expect(
      imported[1, .contact]["vault_ContactMethods"] == [
        ["kind": "mobile", "value": "+44 7700 900002", "safe": "unknown"]
      ])
  }

  @Test(arguments: [
    ("DD/MM/YYYY", "03/04/1999", "1999-04-03"), ("MM/DD/YYYY", "03/04/1999", "1999-03-04"),
    ("DD.MM.YYYY", "3.4.1999", "1999-04-03"), ("D-MMM-YYYY", "3-Apr-1999", "1999-04-03"),
    ("DD MMM YYYY", "03 APRIL 1999", "1999-04-03"), ("MM/YYYY", "04/1999", "1999-04"), ("YYYY.MM", "1999.4", "1999-04"),
    ("DD/MM/YYYY", "1999-05", "1999-05"), ("DD/MM/YYYY", "1999", "1999"), ("DD/MM/YYYY", "31/12/1999", "1999-12-31"),
    ("MM/DD/YYYY", "31/12/1999", nil), ("DD/MM/YYYY", "30/02/1999", nil), ("DD/MM/YYYY", "03/04/99", nil),
    ("DD/MM/YYYY", "03-04-1999", nil), ("DD/MM/YYYY", "03/04/1999/1", nil), ("DD/MM/YYYY", "০৩/০৪/১৯৯৯", nil),
    ("DD/MM/YYYY", "+3/04/1999", nil), ("DD/MM/YYYY", "003/04/1999", nil), ("DD/MM/YYYY", "//1999", nil),
  ])
  func `dates are read in the format that the map declares`(_ format: String, _ cell: String, _ date: String?) throws {
    let imported = try Imported(
      "DOB,vault_Team\n\(cell),x\n", map: #"{"columns": {"DOB": {"field": "prs_Birthdate", "date": "\#(format)"}}}"#)
    #expect(imported.rows.first?.sections[.identity]?["prs_Birthdate"] == date.map(JSONValue.string))
    #expect(imported.faults.map(\.field) == (date == nil ? ["prs_Birthdate"] : []))
    #expect(!imported.faults.contains { $0.detail.contains(cell) })
  }

  @Test func `two columns may not disagree on one answer`() throws {
    let map = """
      {"columns": {"Girl": {"field": "prs_Gender", "values": {"1": "Feminine", "0": null}},
       "Boy": {"field": "prs_Gender", "values": {"1": "Masculine", "0": null}}}}
      """
    let imported = try Imported("Girl,Boy\n1,0\n1,1\n0,1\n0,0\n", map: map)
    #expect(imported.rows.map(\.row) == [2, 4])
    #expect(imported.faults.map(\.row) == [3, 5])
  }

  @Test(arguments: [("keep", "Loud"), ("drop", nil), ("refuse", nil)])
  func `cells that the map does not list are kept, dropped or refused`(_ others: String, _ kept: String?) throws {
    let map = #"{"columns": {"a": {"field": "vault_Team", "others": "\#(others)", "values": {"n": "Night"}}}}"#
    let imported = try Imported("a,prs_FirstName\nn,Ioana\nLoud,Ioana\n", map: map)
    #expect(imported[0, .case] == ["vault_Team": "Night"])
    #expect(imported.faults.count == (others == "refuse" ? 1 : 0))
    #expect(imported.rows.dropFirst().first?.sections[.case] == kept.map { ["vault_Team": .string($0)] })
  }

  @Test func `one column may give several fields, and all others may be left out`() throws {
    let map =
      #"{"ignore": ["*"], "optional": ["gone"], "columns": {"gone": "prs_Title", "a": ["vault_Team", "vault_Owner"]}}"#
    let imported = try Imported("a,shoe size,prs_FirstName\nNight,38,Ioana\n", map: map)
    #expect(
      imported.rows[0].sections == [
        .case: ["vault_Team": "Night", "vault_Owner": "Night"], .identity: ["prs_FirstName": "Ioana"],
      ])
  }

  @Test func `a declared separator is not guessed`() throws {
    let map = #"{"delimiter": ";", "columns": {"a,b,c": "prs_FirstName"}}"#
    #expect(
      try Imported("a,b,c;prs_Title\nIoana;Dr\n", map: map)[0, .identity] == [
        "prs_FirstName": "Ioana", "prs_Title": "Dr",
      ])
  }

  private static let badMaps: [(String, ImportError.Code)] = [
    ("", .mapNotJSON), ("[]", .mapMalformed), ("{\"columns\": 1}", .mapMalformed), ("{\"colums\": {}}", .mapMalformed),
    (#"{"columns": {"a": 1}}"#, .mapMalformed), (#"{"columns": {"a": {}}}"#, .mapMalformed),
    (#"{"columns": {"a": []}}"#, .mapMalformed), (#"{"columns": {"a": "prs_Shoe"}}"#, .unknownField),
    (#"{"columns": {"a": "vault_Names"}}"#, .unknownField),
    (#"{"columns": {"a": {"field": "prs_Gender", "section": "legal"}}}"#, .wrongSection),
    (#"{"columns": {"a": {"field": "prs_Gender", "section": "shoes"}}}"#, .mapMalformed),
    (#"{"columns": {"a": {"field": "prs_Gender", "values": {"x": "Zebra"}}}}"#, .badValue),
    (#"{"columns": {"a": {"field": "prs_Gender", "values": {"x": 1}}}}"#, .mapMalformed),
    (#"{"columns": {"a": {"field": "prs_Gender", "others": "guess"}}}"#, .mapMalformed),
    (#"{"columns": {"a": {"field": "prs_Citizenship", "split": ";;"}}}"#, .mapMalformed),
    (#"{"columns": {"a": {"field": "prs_Birthdate", "date": "DD/MM/YY"}}}"#, .badDateFormat),
    (#"{"columns": {"a": {"field": "prs_Birthdate", "date": "DD/YYYY"}}}"#, .badDateFormat),
    (#"{"columns": {"a": {"field": "prs_Birthdate", "date": ["DD/MM/YYYY", "MM/DD/YYYY"]}}}"#, .badDateFormat),
    (#"{"columns": {"a": {"field": "prs_Gender", "date": "DD/MM/YYYY"}}}"#, .mapMalformed),
    (#"{"columns": {"a": {"field": "prs_Gender", "with": {"kind": "legal"}}}}"#, .unknownField),
    (#"{"columns": {"a": {"field": "vault_Names.text", "with": {"kind": "Zebra"}}}}"#, .badValue),
    (#"{"columns": {"a": "prs_Title"}, "ignore": ["a"]}"#, .mapMalformed),
    (#"{"columns": {"a": "prs_Title", "z": "prs_FirstName"}}"#, .missingColumns),
    (#"{"columns": {"a": "prs_Title"}, "key": "z"}"#, .missingColumns),
    (#"{"columns": {"a": "prs_Title"}, "constants": {"vault_Names.kind": "legal"}}"#, .mapMalformed),
    (#"{"columns": {"a": "prs_Title"}, "constants": {"prs_Shoe": "1"}}"#, .unknownField),
    (#"{"columns": {"a": "prs_Title"}, "constants": {"prs_Gender": "Zebra"}}"#, .badValue),
    (#"{"columns": {"a": "prs_Title"}, "delimiter": "|"}"#, .mapMalformed),
    ("{\"about\": \"" + String(repeating: "x", count: ImportMap.byteCountMax) + "\"}", .mapTooLarge),
    (String(repeating: "[", count: 100_000), .mapNotJSON),
  ]

  @Test(arguments: badMaps)
  func `P10 a bad map is refused and says where`(_ map: String, _ code: ImportError.Code) throws {
    do throws(ImportError) {
      _ = try Imported("a\nx\n", map: map)
      Issue.record("it was accepted")
    } catch {
      #expect(error.code == code)
      #expect(!error.description.contains("Zebra"))
      #expect(error.description.utf8.count < 400)
    }
  }
}
