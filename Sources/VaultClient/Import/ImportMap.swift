import VaultModel

/// How the columns of one spreadsheet become fields; docs/import.md describes the file.
public struct ImportMap: Hashable, Sendable {
  /// Bytes of a map file: some hundred columns with their translations.
  public static let byteCountMax = 256 << 10
  /// Translations of one column: every country of the world in a few spellings.
  public static let translationCountMax = 2_000
  /// Fields that one column may give.
  public static let targetCountMax = 16

  /// What to do with a cell that the translations do not list.
  enum Others: String, CaseIterable { case keep, drop, refuse }

  /// One field that a column gives.
  struct Target: Hashable {
    /// A field's key, or a group's member: `vault_Names[2].text`.
    var field: String
    var section: Section?
    /// Cell to answers, written as in a cell; none where the cell says nothing.
    var translations: [String: [String]] = [:]
    var others: Others = .keep
    /// What separates several values in one cell.
    var split: Character?
    var dates: [DateFormat] = []
    /// Written before the cell in a text that several columns make.
    var label: String?
    /// What separates this column from those before it in one line of text.
    var join: String?
    /// Other members of the same group entry.
    var companions: [String: String] = [:]
  }

  var delimiter: UInt8?
  /// The heading of the column that tells rows apart.
  var keyHeading: String?
  /// Cells that say nothing.
  var emptyWords: Set<String> = []
  var ignoredHeadings: Set<String> = []
  /// Whether columns that nobody named are left out.
  var ignoresOthers = false
  /// Columns that need not be there.
  var optionalHeadings: Set<String> = []
  /// Field to cell, as though every row had it.
  var constants: [String: String] = [:]
  var targets: [String: [Target]] = [:]

  /// The separator to give to `CSVReader`; nil to find it.
  public var separator: UInt8? { delimiter }

  /// Reads a map file. Fields are looked up later, when the file's columns are known.
  public static func load(_ bytes: [UInt8]) throws(ImportError) -> ImportMap {
    try ImportMapReader().read(bytes)
  }
}
