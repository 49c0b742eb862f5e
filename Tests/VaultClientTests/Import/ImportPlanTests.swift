import Testing
import VaultModel

@testable import VaultClient

@Suite struct ImportPlanTests {
  @Test func `headings are known by key, by template spelling and by label`() throws {
    let imported = try Imported(
      "prs_First_Name,SECOND NAME,prs_Birthdate,vic_Methods_of_Control,vic_TraffickinStatusDecisionMakingOrg,Safe Address\n"
        + "Ioana,Ștefănescu,1999-05,Debt bondage; TakesEarnings,NGO,the blue house\n")
    #expect(imported.faults.isEmpty)
    #expect(
      imported[0, .identity] == ["prs_FirstName": "Ioana", "prs_SecondName": "Ștefănescu", "prs_Birthdate": "1999-05"])
    #expect(imported[0, .exploitation]["vic_MethodsOfControl"] == ["DebtBondage", "TakesEarnings"])
    #expect(imported[0, .exploitation]["vic_TraffickingStatusDecisionMakingOrg"] == "NGO")
    #expect(imported[0, .contact] == ["vault_SafeAddress": "the blue house"])
  }

  @Test func `names and contact methods come from numbered columns and close up`() throws {
    let imported = try Imported(
      "vault_Names.text,vault_Names.latin,vault_Names[2].text,vault_Names[2].use,vault_Names[3].text,"
        + "vault_ContactMethods[2].kind,Contact Methods[2].Number or address,vault_ContactMethods[2].days\n"
        + "শিরিন আক্তার,Shirin Akter,,,दिव्या,mobile,+44 7700 900001,Monday;tue\n")
    #expect(imported.faults.isEmpty)
    #expect(
      imported[0, .identity]["vault_Names"] == [
        ["text": "শিরিন আক্তার", "latin": "Shirin Akter", "script": "Beng"], ["text": "दिव्या", "script": "Deva"],
      ])
    #expect(
      imported[0, .contact]["vault_ContactMethods"] == [
        ["kind": "mobile", "value": "+44 7700 900001", "days": ["mon", "tue"]]
      ])
  }

  @Test(arguments: [
    ("Ștefania Rusu", "Latn"), ("Nguyễn Thị Hương", "Latn"), ("লক্ষ্মী", "Beng"), ("लक्ष्मी", "Deva"), ("محمد", "Arab"),
    ("ਗੁਰਪ੍ਰੀਤ", "Guru"), ("Олена", "Cyrl"), ("Divya दिव्या", nil), ("王芳", nil), ("123", nil),
  ])
  func `a name's script is told by its letters`(_ name: String, _ script: String?) {
    #expect(NameScript.code(of: name) == script)
  }

  @Test(arguments: [
    ("nickname,shoe size\nx,1\n", ImportError.Code.unknownColumns),
    ("Longitude\n1\n", .unknownColumns),
    ("vault_Names\nx\n", .unknownColumns),
    ("vault_Names[0].text\nx\n", .unknownColumns),
    ("vault_Names[21].text\nx\n", .unknownColumns),
    ("vault_Names[-1].text\nx\n", .unknownColumns),
    ("vault_Names[99999999999999999999].text\nx\n", .unknownColumns),
    ("vault_Names].text\nx\n", .unknownColumns),
    ("vault_Names.shoe\nx\n", .unknownColumns),
    ("prs_Gender.text\nx\n", .unknownColumns),
    (".\nx\n", .unknownColumns),
    ("prs_Gender,prs_Gender\nx,y\n", .repeatedHeading),
    ("prs_Gender,Gender\nx,y\n", .repeatedField),
    ("vault_Names.text,vault_Names[1].text\nx,y\n", .repeatedField),
    (",,\nx,y,z\n", .blankHeading),
    ("\n\n", .empty),
  ])
  func `P10 headings that cannot be right refuse the file`(_ text: String, _ code: ImportError.Code) {
    #expect(errorCode { () throws(ImportError) in _ = try Imported(text) } == code)
  }

  @Test func `unknown columns are named together, and cannot act on the terminal`() throws {
    do throws(ImportError) {
      _ = try Imported("shoe size,\u{1B}[2Jhat,prs_Gender,\(String(repeating: "z", count: 300))\n")
      Issue.record("it was accepted")
    } catch {
      #expect(error.detail.contains("“shoe size”, “\u{FFFD}[2Jhat”, “zzz"))
      #expect(!error.detail.contains("prs_Gender"))
      #expect(error.detail.utf8.count < 300)
      #expect(error.hint?.contains("ignore") == true)
    }
  }

  private static let badCells: [(String, String, String)] = [
    ("prs_Gender", "Zebra", "prs_Gender"),
    ("prs_Birthdate", "03/04/1999", "prs_Birthdate"),
    ("prs_Birthdate", "1999-02-30", "prs_Birthdate"),
    ("prs_NumberOfChildren", "Zebra", "prs_NumberOfChildren"),
    ("prs_NumberOfChildren", "51", "prs_NumberOfChildren"),
    ("prs_NumberOfChildren", "1.5", "prs_NumberOfChildren"),
    ("con_Consent", "Zebra", "con_Consent"),
    ("vic_TypeOfExploitation", "ForcedLabour;Zebra", "vic_TypeOfExploitation"),
    ("vic_ForcedLabourIndustry", "F_Construction;C_Manufacturing", "vic_ForcedLabourIndustry"),
    ("vault_Names.latin", "Zebra", "vault_Names[1].text"),
    ("vault_Names[3].latin", "Zebra", "vault_Names[3].text"),
    ("vault_Names[2].use", "Zebra", "vault_Names[2].use"),
    ("vault_ContactMethods.value", "Zebra", "vault_ContactMethods[1].kind"),
    ("vault_ContactMethods.from", "25:00", "vault_ContactMethods.from"),
    ("prs_FirstName", String(repeating: "Zebra", count: 60), "prs_FirstName"),
    ("prs_FirstName", "Ze\u{1B}bra", "prs_FirstName"),
    ("vault_Narrative", String(repeating: "Zebra", count: 4_001), "vault_Narrative"),
  ]

  @Test(arguments: badCells)
  func `P10 a bad cell refuses its row, names the field and is not repeated`(
    _ heading: String, _ cell: String, _ field: String
  )
    throws
  {
    let imported = try Imported("\(heading),vault_Notes\nx,a\n".replacing("x,a", with: "\(cell),a") + ",b\n")
    #expect(imported.faults.map(\.row) == [2])
    #expect(imported.faults.map(\.field) == [field])
    #expect(!imported.faults.contains { $0.detail.contains("Zebra") || $0.detail.contains(cell) })
    // The row after it is imported, and nothing of the bad one.
    #expect(imported.rows.map(\.row) == [3])
  }

  @Test func `P10 a bad row is refused whole, with every fault`() throws {
    let imported = try Imported("prs_FirstName,prs_Gender,prs_Birthdate\nIoana,?,?\nIoana\nIoana,,1999,\nIoana,,1999\n")
    #expect(imported.faults.map(\.row) == [2, 2, 3, 4])
    #expect(imported.faults.map(\.field) == ["prs_Gender", "prs_Birthdate", "", ""])
    #expect(imported.rows.map(\.row) == [5])
  }

  @Test func `rows without content are skipped, and cells without a heading refused`() throws {
    let imported = try Imported("prs_FirstName,,prs_Gender\nIoana,,\n,,\n\"  \",\t,\nAgim,x,\n")
    #expect(imported.rows.map(\.row) == [2])
    #expect(imported.faults.map(\.row) == [5])
  }

  @Test func `bytes that are not UTF-8 refuse their row and no other`() throws {
    let bytes = Array("prs_FirstName\nA".utf8) + [0xE9] + Array("\nIoana\n".utf8)
    let imported = try Imported(bytes)
    #expect(imported.faults.map(\.row) == [2])
    #expect(imported.rows.map(\.row) == [3])
  }

  @Test func `an open quote ends the import with what came before it`() throws {
    var caseload = try CaseloadImport(
      reader: CSVReader(bytes: Array("prs_FirstName\nIoana\n\"Agim\nLuan\n".utf8)), map: nil, forms: .builtIn,
      programme: navigators, hash: testHash)
    guard case .converted? = try caseload.next() else {
      Issue.record("the first row was refused")
      return
    }
    #expect(errorCode { () throws(ImportError) in _ = try caseload.next() } == .unterminatedQuote)
  }
}
