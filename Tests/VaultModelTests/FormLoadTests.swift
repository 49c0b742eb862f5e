import Testing

@testable import VaultModel

/// An organisation's own form file.
@Suite struct FormLoadTests {
  private static let sample: JSONValue = [
    "form": "shelter-intake", "title": "Shelter intake", "source": "Invented for tests", "prefix": "shakti_",
    "codeLists": [["name": "shakti_Wing", "codes": [["east", "East wing"], ["west", "West wing"]]]],
    "fields": [
      [
        "key": "shakti_Wing", "section": "case", "label": "Wing", "kind": "code", "list": "shakti_Wing",
        "sensitivity": "process", "help": "Where the bed is.",
      ],
      ["key": "shakti_Homes", "section": "contact", "label": "Home countries", "kind": "codes", "list": "countries"],
      [
        "key": "shakti_Belongings", "section": "case", "label": "Belongings", "kind": "group", "countMax": 3,
        "fields": [
          ["key": "what", "label": "What", "kind": "text", "lengthMax": 10, "required": true],
          ["key": "count", "label": "How many", "kind": "number", "min": 1, "max": 9, "integer": true],
        ],
      ],
    ],
  ]

  private func load(_ document: JSONValue) throws(FormError) -> Form { try Form.load(document.canonicalBytes()) }

  private func load(changing patch: JSONValue) throws(FormError) -> Form { try load(Self.sample.merging(patch: patch)) }

  @Test func `a form file adds its fields to the record`() throws {
    let forms = try FormSet(adding: [load(Self.sample)])
    #expect(forms.forms.count == FormSet.builtIn.forms.count + 1)
    let good: [String: JSONValue] = [
      "shakti_Wing": "east", "shakti_Belongings": [["what": "phone", "count": 2]], "cas_Status": "Active",
    ]
    #expect(forms.validate(section: .case, values: good).isEmpty)
    #expect(!FormSet.builtIn.validate(section: .case, values: good).isEmpty)
    #expect(forms.validate(section: .contact, values: ["shakti_Homes": ["BD", "RO"]]).isEmpty)
    #expect(forms.validate(section: .case, values: ["shakti_Wing": "north"]).map(\.rule) == [.unknownCode])
    #expect(
      forms.validate(section: .case, values: ["shakti_Belongings": [["what": "much too long"], [:]]]).map(\.rule)
        == [.tooLong, .required])
    #expect(forms.field("shakti_Homes")?.sensitivity == .specialCategory)
    #expect(forms.canonicalKey(for: "Shakti wing") == "shakti_Wing")
  }

  private static let field: JSONValue = ["key": "shakti_A", "section": "case", "label": "A", "kind": "text"]

  /// A change to one field of a form, the rule it must break, and where.
  private static let fieldFaults: [(JSONValue, FormError.Rule, String)] = [
    (["key": "vault_A"], .foreignPrefix, "fields[0].key"), (["key": "prs_Caste"], .foreignPrefix, "fields[0].key"),
    (["key": "shakti_"], .foreignPrefix, "fields[0].key"), (["key": "shakti_Ä"], .badName, "fields[0].key"),
    (["key": "shakti_a b"], .badName, "fields[0].key"), (["key": ""], .empty, "fields[0].key"),
    (["key": 7], .wrongType, "fields[0].key"), (["key": .null], .missing, "fields[0].key"),
    (["section": "notes"], .unknownSection, "fields[0].section"), (["section": .null], .missing, "fields[0].section"),
    (["section": "Case"], .unknownSection, "fields[0].section"),
    (["section": "organisation"], .unknownSection, "fields[0].section"),
    (["kind": "blob"], .unknownKind, "fields[0].kind"), (["kind": .null], .missing, "fields[0].kind"),
    (["kind": "code"], .missing, "fields[0].list"), (["kind": "code", "list": "none"], .unknownList, "fields[0].list"),
    (["kind": "number"], .missing, "fields[0].min"),
    (["kind": "number", "min": 2, "max": 1], .badBounds, "fields[0].min"),
    (["kind": "number", "min": "0", "max": 1], .wrongType, "fields[0].min"),
    (["lengthMax": 0], .badBounds, "fields[0].lengthMax"), (["lengthMax": 1001], .badBounds, "fields[0].lengthMax"),
    (["lengthMax": -1], .badBounds, "fields[0].lengthMax"), (["lengthMax": "9"], .wrongType, "fields[0].lengthMax"),
    (["kind": "group"], .empty, "fields[0].fields"),
    (["kind": "group", "fields": [], "countMax": 51], .empty, "fields[0].fields"),
    (
      ["kind": "group", "fields": [["key": "a", "label": "a", "kind": "group"]]], .nestedGroup,
      "fields[0].fields[0].kind"
    ),
    (
      ["kind": "group", "countMax": 51, "fields": [["key": "a", "label": "a", "kind": "date"]]], .badBounds,
      "fields[0].countMax"
    ),
    (["required": true], .badBounds, "fields[0].required"), (["label": .null], .missing, "fields[0].label"),
    (["label": "a\u{1B}[2J"], .badName, "fields[0].label"),
    (["help": .string(String(repeating: "h", count: 501))], .tooLong, "fields[0].help"),
    (["sensitivity": "secret"], .unknownSensitivity, "fields[0].sensitivity"),
    (["aliases": [1]], .wrongType, "fields[0].aliases[0]"), (["colour": "red"], .unknownMember, "fields[0]"),
  ]

  @Test(arguments: fieldFaults)
  func `a field that cannot be used is named`(_ change: JSONValue, _ rule: FormError.Rule, _ path: String) {
    do throws(FormError) {
      _ = try load(changing: ["fields": [Self.field.merging(patch: change)]])
      Issue.record("accepted")
    } catch {
      #expect(error.rule == rule && error.path == path)
    }
  }

  private static let documentFaults: [(JSONValue, FormError.Rule)] = [
    (["prefix": "vault_"], .reservedPrefix), (["prefix": "prs_"], .reservedPrefix),
    (["prefix": "org_"], .reservedPrefix),
    (["prefix": "con_"], .reservedPrefix), (["prefix": .null], .missing), (["prefix": "shakti"], .badName),
    (["prefix": "s_"], .badName), (["prefix": "_"], .badName), (["prefix": "Shakti_"], .badName),
    (["prefix": "9shakti_"], .badName), (["prefix": "sha_kti_"], .badName),
    (["prefix": "abcdefghijklmnopq_"], .badName), (["form": .null], .missing), (["title": 1], .wrongType),
    (["version": 2], .unknownMember), (["fields": ["a"]], .wrongType), (["fields": [:]], .wrongType),
    (["fields": [field, field]], .duplicate),
    (["codeLists": [["name": "shakti_Wing", "codes": []]]], .empty),
    (["codeLists": [["name": "prs_Gender", "codes": [["a", "a"]]]]], .foreignPrefix),
    (["codeLists": [["name": "shakti_Wing", "codes": [["a", "a"], ["a", "b"]]]]], .duplicate),
    (["codeLists": [["name": "shakti_Wing", "codes": [["a;b", "a"]]]]], .badName),
    (["codeLists": [["name": "shakti_Wing", "codes": [["a"]]]]], .wrongType),
    (["codeLists": [["name": "shakti_Wing", "codes": [["", "a"]]]]], .tooLong),
    (["fields": .array(Array(repeating: field, count: 201))], .tooMany),
  ]

  @Test(arguments: documentFaults)
  func `a document that cannot be used is refused`(_ change: JSONValue, _ rule: FormError.Rule) {
    do throws(FormError) {
      _ = try load(changing: change)
      Issue.record("accepted")
    } catch {
      #expect(error.rule == rule)
    }
  }

  @Test func `a file that is no JSON object, or too large, is refused`() {
    for (bytes, code) in [
      ([], JSONError.Code.unexpectedEnd), (Array("{".utf8), .unexpectedEnd),
      ([UInt8](repeating: 0x20, count: Form.byteCountMax + 1), .tooLarge),
    ] as [([UInt8], JSONError.Code)] {
      do throws(FormError) {
        _ = try Form.load(bytes)
        Issue.record("accepted")
      } catch {
        guard case .notJSON(let inner) = error.rule else {
          Issue.record("another rule")
          continue
        }
        #expect(inner.code == code)
      }
    }
    #expect(throws: FormError.self) { try Form.load(Array("[]".utf8)) }
  }

  @Test func `two forms cannot share a prefix`() throws {
    let form = try load(Self.sample)
    #expect(throws: FormError.self) { try FormSet(adding: [form, form]) }
  }

  @Test func `P10 damaged form files never trap`() throws {
    let sample = Self.sample.canonicalBytes()
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<5_000 {
      var bytes = sample
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(in: 0x20...0x7E, using: &generator)
      }
      if let form = try? Form.load(bytes) { _ = try? FormSet(adding: [form]).schemaJSON() }
    }
  }
}
