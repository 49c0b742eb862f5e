/// Fields and code lists from one source: the standard, the vault's own, or an organisation's.
///
/// A form is data. Its document is a JSON object:
///
///     {"form": "shelter-intake", "title": "Shelter intake", "source": "…", "prefix": "shakti_",
///      "codeLists": [{"name": "shakti_Room", "codes": [["east", "East wing"], ["west", "West wing"]]}],
///      "fields": [{"key": "shakti_Room", "section": "case", "label": "Room", "kind": "code", "list": "shakti_Room",
///                  "sensitivity": "process", "help": "Where she sleeps."}]}
///
/// `kind` is one of `text`, `longText` (both with optional `lengthMax`), `date` (with
/// optional `past`), `time`, `timeZone`, `checkbox`, `number` (`min`, `max`, `integer`), `code`, `codes`, `codeOrText` (all three with `list`) and `group` (`fields`, `countMax`).
public struct Form: Hashable, Sendable {
  public let name: String
  public let title: String
  /// Where it comes from and under which terms.
  public let source: String
  /// What every key starts with; none for the standard, which has nine.
  public let prefix: String?
  public let codeLists: [CodeList]
  public let fields: [FormField]

  /// Prefixes of the standard and of the vault, which no organisation may use.
  public static let reservedPrefixes: Set<String> = [
    "org_", "prs_", "vic_", "per_", "cas_", "cco_", "hte_", "spl_", "con_", "vault_",
  ]

  /// Bytes of an organisation's form file: some hundred fields with their help and lists.
  public static let byteCountMax = 256 << 10

  /// Reads an organisation's form file. Keys and code lists must carry the file's own prefix
  /// (`[a-z][a-z0-9]{1,15}_`); lists of the standard and the vault may be referred to.
  public static func load(_ bytes: [UInt8]) throws(FormError) -> Form {
    var reader = FormReader(knownLists: Set(FormSet.builtIn.codeLists.keys), demandsPrefix: true)
    return try reader.read(bytes)
  }
}
