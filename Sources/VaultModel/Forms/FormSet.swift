/// Every form in use: the standard, the vault's own and those of the organisation. Decides what may stand in a section.
public struct FormSet: Sendable {
  /// In the order they were given, the standard first.
  public let forms: [Form]
  /// All code lists by name.
  public let codeLists: [String: CodeList]
  private let fieldsBySection: [Section: [FormField]]
  private let fieldsByKey: [String: FormField]
  private let keysBySpelling: [String: String]

  /// The standard and the vault's own fields.
  public static let builtIn: FormSet = {
    do {
      var reader = FormReader(knownLists: [], demandsPrefix: false)
      let documents = [HTCDSCodeLists.document, HTCDSForm.document, VaultForm.document]
      return try FormSet(documents.map { try reader.read(Array($0.utf8)) }, adding: [])
    } catch {
      // These documents are part of the program: one that cannot be read is our mistake, and no test would pass.
      fatalError("a built-in form cannot be read: \(error)")
    }
  }()

  /// The built-in forms and an organisation's own, whose prefixes must differ from each other.
  public init(adding organisationForms: [Form]) throws(FormError) {
    try self.init(Self.builtIn.forms, adding: organisationForms)
  }

  private init(_ builtIn: [Form], adding organisationForms: [Form]) throws(FormError) {
    var prefixes: Set<String> = []
    for form in organisationForms {
      guard let prefix = form.prefix, !Form.reservedPrefixes.contains(prefix) else {
        throw FormError("prefix", .reservedPrefix, "an organisation's form needs a prefix of its own")
      }
      guard prefixes.insert(prefix).inserted else {
        throw FormError("prefix", .duplicate, "two forms use the same prefix")
      }
    }
    forms = builtIn + organisationForms
    let fields = forms.flatMap(\.fields)
    codeLists = Dictionary(forms.flatMap(\.codeLists).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    fieldsBySection = Dictionary(grouping: fields, by: \.section)
    fieldsByKey = Dictionary(fields.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    guard fieldsByKey.count == fields.count else {
      throw FormError("fields", .duplicate, "two fields have the same key")
    }

    var labels = Spellings()
    for field in fields {
      for spelling in [field.label] + field.aliases { labels.add(spelling, for: field.key) }
    }
    var keys = labels.targets
    // A key always means itself, whatever another field is labelled.
    for field in fields { keys[Spellings.fold(field.key)] = field.key }
    keysBySpelling = keys
  }

  /// The fields of a section, in the order they are asked.
  public func fields(in section: Section) -> [FormField] { fieldsBySection[section] ?? [] }

  /// The field with this key; keys are unique over all sections.
  public func field(_ key: String) -> FormField? { fieldsByKey[key] }

  public func field(_ key: String, in section: Section) -> FormField? {
    guard let field = fieldsByKey[key], field.section == section else { return nil }
    return field
  }

  /// Bytes of a column heading that are looked at; longer ones name no field.
  private static let headingByteCountMax = 256

  /// The key meant by a column heading: the key itself in any case and with any spaces or underscores
  /// (`prs_First_Name`), a published misspelling, or a label ("First Name"); nil when it could mean two fields or none.
  public func canonicalKey(for heading: String) -> String? {
    guard heading.utf8.count <= Self.headingByteCountMax else { return nil }
    return fieldsByKey[heading] != nil ? heading : keysBySpelling[Spellings.fold(heading)]
  }
}
