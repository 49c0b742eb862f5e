import Foundation
import Testing

@testable import VaultModel

/// The built-in forms against the published standard.
@Suite struct FormDataTests {
  private let forms = FormSet.builtIn

  /// The standard as JSON, outside the repository; nil, loudly, where it is not there.
  private static let standard: JSONValue? = {
    let environment = ProcessInfo.processInfo.environment["VAULT_DATA"]
    let package = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL
    let folder = environment.map { URL(filePath: $0) } ?? package.appending(path: "../shared/data")
    let file = folder.appending(path: "htcds-2.0.json")
    guard let data = try? Data(contentsOf: file) else {
      print(
        "SKIPPED: no htcds-2.0.json; set VAULT_DATA to the folder that has it to compare the forms with the standard")
      return nil
    }
    return try? JSONValue.parse(bytes: data)
  }()

  @Test func `the forms have 74 fields of the standard and none twice`() throws {
    let standard = try #require(forms.forms.first { $0.name == "htcds-2.0" })
    #expect(standard.fields.count == 74)
    let keys = forms.forms.flatMap(\.fields).map(\.key)
    #expect(Set(keys).count == keys.count)
    let folded = keys.map(Spellings.fold)
    #expect(Set(folded).count == folded.count)
    #expect(forms.codeLists["countries"]?.codes.count == 249)
    #expect(forms.codeLists["countries"]?.label(of: "BD") == "Bangladesh")
  }

  @Test func `every field has help of one sentence, a section and a list that exists`() {
    for field in forms.forms.flatMap(\.fields) {
      var fields = [field]
      if case .group(let members, _) = field.kind { fields += members }
      for field in fields {
        #expect(field.help.hasSuffix(".") && field.help.count > 8, "\(field.key)")
        if let list = field.kind.list { #expect(forms.codeLists[list] != nil, "\(field.key)") }
      }
    }
    #expect(Section.allCases.allSatisfy { !forms.fields(in: $0).isEmpty })
  }

  @Test func `our own fields carry the vault's prefix and no label of the standard`() throws {
    let standard = try #require(forms.forms.first { $0.name == "htcds-2.0" })
    let own = try #require(forms.forms.first { $0.name == "vault" })
    let labels = Set(standard.fields.map { Spellings.fold($0.label) })
    for field in own.fields {
      #expect(field.key.hasPrefix("vault_"))
      #expect(!labels.contains(Spellings.fold(field.label)), "\(field.key)")
      #expect(forms.canonicalKey(for: field.label) == field.key)
    }
    for prefix in Set(standard.fields.map { $0.key.prefix { $0 != "_" } + "_" }) {
      #expect(Form.reservedPrefixes.contains(String(prefix)))
    }
  }

  @Test(.enabled(if: standard != nil, "needs htcds-2.0.json; VAULT_DATA names its folder"))
  func `keys, labels, sections, core marks and code lists are the standard's, verbatim`() throws {
    let standard = try #require(Self.standard)
    let published = try #require(standard["fields"]?.arrayValue)
    #expect(published.count == 84)
    for entry in published {
      let key = try #require(entry["key"]?.stringValue)
      guard entry["section"] != "organisation" else {
        #expect(forms.field(key) == nil)
        continue
      }
      let field = try #require(forms.field(key), "\(key)")
      #expect(.string(field.label) == entry["label"])
      #expect(.string(field.section.rawValue) == entry["section"])
      #expect(.string(field.sensitivity.rawValue) == entry["sensitivity"])
      #expect(.bool(field.isCore) == entry["core"])
      if case .codes = field.kind {
        #expect(entry["cardinality"] == "multi", "\(key)")
      } else {
        #expect(entry["cardinality"] == "single", "\(key)")
      }
      if let list = entry["code_list"]?.stringValue { #expect(field.kind.list == list) }
      switch entry["type"]?.stringValue {
      case "Date": #expect(field.kind.name == "date")
      case "Checkbox": #expect(field.kind == .checkbox)
      case "Long Text": #expect(field.kind.name == "longText")
      case "Number", "Geolocation": #expect(field.kind.name == "number")
      default: #expect(["text", "code", "codes", "codeOrText"].contains(field.kind.name), "\(key)")
      }
    }
    let lists = try #require(standard["code_lists"]?.objectValue)
    for (name, codes) in lists where name != "org_Type" {
      try expect(codes, equals: #require(forms.codeLists[name]))
    }
    try expect(#require(standard["countries_iso3166_alpha2"]), equals: #require(forms.codeLists["countries"]))
  }

  private func expect(_ codes: JSONValue, equals list: CodeList) throws {
    let published = try #require(codes.arrayValue)
    #expect(published.map { $0["name"]?.stringValue } == list.codes.map(\.name))
    #expect(published.map { $0["label"]?.stringValue } == list.codes.map(\.label))
  }

  @Test func `the schema names every field and list and is canonical`() throws {
    let bytes = forms.schemaJSON()
    let schema = try JSONValue.parse(bytes)
    #expect(schema.canonicalBytes() == bytes)
    let fields = try #require(schema["fields"]?.arrayValue)
    #expect(Set(fields.compactMap { $0["key"]?.stringValue }) == Set(forms.forms.flatMap(\.fields).map(\.key)))
    #expect(Set(try #require(schema["codeLists"]?.objectValue).keys) == Set(forms.codeLists.keys))
    let names = try #require(fields.first { $0["key"] == "vault_Names" })
    #expect(names["fields"]?.arrayValue?.count == 5 && names["countMax"] == 20 && names["form"] == "vault")
  }
}
