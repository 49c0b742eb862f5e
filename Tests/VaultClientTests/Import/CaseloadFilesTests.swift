import Foundation
import Testing
import VaultModel

@testable import VaultClient

@Suite struct CaseloadFilesTests {
  @Test func `the sample caseload converts whole, and every row says that it is invented`() throws {
    let imported = try Imported(example("sample-caseload.csv"))
    #expect(imported.faults == [])
    #expect(imported.rows.count == 200)
    #expect(Set(imported.rows.map(\.idempotencyKey)).count == 200)
    for index in imported.rows.indices {
      #expect(imported[index, .case]["vault_Notes"]?.stringValue?.hasPrefix("Invented sample – no real person") == true)
    }
    #expect(imported.rows.allSatisfy { Set($0.sections.keys).isSuperset(of: [.identity, .contact, .case, .consent]) })
    #expect(Set(imported.rows.flatMap { $0.sections.keys }) == Set(Section.allCases))
  }

  @Test(arguments: ["শিরিন", "সুমাইয়া", "লক্ষ্মী", "Ștefănescu", "দিব্যা", "दिव्या", "Muhammad"])
  func `the sample has the names that the search must find`(_ name: String) throws {
    let imported = try Imported(example("sample-caseload.csv"))
    let names = imported.rows.indices.flatMap { imported[$0, .identity]["vault_Names"]?.arrayValue ?? [] }
    #expect(names.contains { $0["text"]?.stringValue?.contains(name) == true })
    #expect(Set(names.compactMap { $0["script"]?.stringValue }) == ["Latn", "Beng", "Deva"])
  }

  @Test func `the sample's telephone numbers can reach nobody`() throws {
    let imported = try Imported(example("sample-caseload.csv"))
    let methods = imported.rows.indices.flatMap { imported[$0, .contact]["vault_ContactMethods"]?.arrayValue ?? [] }
    let unreachable = ["+44 7700 900", "+1 202 555 01", "+880 0000 ", "+91 00000 ", "+40 000 000 "]
    for value in methods.compactMap({ $0["value"]?.stringValue }) {
      #expect(unreachable.contains { value.hasPrefix($0) } || value.hasSuffix("@example.org"), "\(value)")
    }
    #expect(Set(methods.compactMap { $0["safe"]?.stringValue }) == ["yes", "no", "unknown"])
  }

  @Test func `the shelter's map fits the sheet that the documentation describes`() throws {
    let map = try ImportMap.load(example("shelter-intake.map.json"))
    let imported = try Imported(
      Array(
        """
        S. no.,Case ref,Name,Called,DOB,Sex,From,Phone,Bonded labour (0/1),Forced marriage (0/1),Remarks,Warden's remarks,FIR no.,Bed
        1,A-1,শিরিন আক্তার,Lily,03/04/1999,F,B'desh/India,+880 0000 000001,1,1,Quiet,Sings,INVENTED 7,4
        2,A-2,दिव्या,-,05/2001,F,Nepal,,0,0,,,,
        """.utf8), map: map)
    #expect(imported.faults.isEmpty)
    #expect(imported[0, .identity]["prs_Birthdate"] == "1999-04-03")
    #expect(imported[1, .identity]["prs_Birthdate"] == "2001-05")
    #expect(imported[0, .exploitation]["vic_TypeOfExploitation"] == ["ForcedLabour", "ForcedMarriage"])
    #expect(imported[0, .case]["vault_Notes"] == "Remarks: Quiet\nWarden: Sings")
    #expect(imported[1, .identity]["vault_Names"] == [["text": "दिव्या", "kind": "legal", "script": "Deva"]])
  }

  /// The published table, where it is; it is not ours to keep in the repository.
  private static let table: URL? = {
    let directory =
      ProcessInfo.processInfo.environment["VAULT_DATA"].map { URL(fileURLWithPath: $0) }
      ?? packageDirectory.deletingLastPathComponent().appending(path: "shared/data")
    let file = directory.appending(path: "ctdc-vp-synthetic.csv")
    if FileManager.default.isReadableFile(atPath: file.path) { return file }
    FileHandle.standardError.write(
      Data("SKIPPED: no ctdc-vp-synthetic.csv in \(directory.path); set VAULT_DATA to its directory\n".utf8))
    return nil
  }()

  @Test(.enabled(if: table != nil, "ctdc-vp-synthetic.csv is not there; set VAULT_DATA to its directory"))
  func `the published table converts whole through its map`() throws {
    let bytes = try [UInt8](Data(contentsOf: #require(Self.table)))
    let map = try ImportMap.load(example("ctdc-vp-synthetic.map.json"))
    var imported: Imported?
    let time = try ContinuousClock().measure { imported = try Imported(bytes, map: map) }
    let rows = try #require(imported).rows
    #expect(imported?.faults == [])
    #expect(rows.count == 21_195)
    #expect(Set(rows.map(\.idempotencyKey)).count == 21_195)
    let codes = rows.flatMap { $0.sections[.exploitation]?["vic_TypeOfExploitation"]?.arrayValue ?? [] }
    #expect(codes.count { $0 == "ForcedLabour" } == 12_248)
    #expect(codes.count { $0 == "SexualExploitation" } == 2_775)
    #expect(rows.count { $0.sections[.identity]?["prs_Gender"] == "Feminine" } == 9_589)
    let perSecond = 21_195 / (Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18)
    print("ctdc-vp-synthetic.csv: \(Int(perSecond)) rows/s parsed, converted and checked")
  }

  @Test func `P10 a damaged sample is read to its end or refused, never trapped on`() throws {
    let original = try example("sample-caseload.csv")
    var random = SplitMix(state: 7)
    let nasty: [UInt8] = [0, 0x0A, 0x0D, 0x22, 0x2C, 0x3B, 0x09, 0x5B, 0x5D, 0x2E, 0x1B, 0x80, 0xC0, 0xED, 0xEF, 0xFF]
    for _ in 0..<60 {
      var bytes = Array(original.prefix(2_000 + Int(random.next() % 20_000)))
      for _ in 0..<(1 + random.next() % 8) {
        bytes[Int(random.next() % UInt64(bytes.count))] = nasty[Int(random.next() % 16)]
      }
      do throws(ImportError) {
        let imported = try Imported(bytes)
        #expect(imported.rows.count <= 200)
        // What was converted is what the forms allow.
        for row in imported.rows { #expect(FormSet.builtIn.validateRecord(row.sections).isEmpty) }
      } catch {
        #expect(!error.detail.isEmpty)
      }
    }
  }
}

/// A small seeded generator, so that a failure comes again.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}
