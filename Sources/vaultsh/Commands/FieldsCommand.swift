import ArgumentParser
import VaultModel

struct Fields: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "The fields of a record: keys, kinds and codes, for --from and for map files. Needs no session.")

  @Argument(help: ArgumentHelp("Of this section only.", valueName: "section"))
  var section: Section?

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    // What the daemon says, where somebody's program reads it: an organisation's own fields are in it.
    let schema = shell.given.json ? try await shell.client.schema() : .null
    try shell.answer(schema.canonicalBytes()) { sheet in
      for section in Section.allCases where self.section == nil || self.section == section {
        FieldSheet.fill(&sheet, section, FormSet.builtIn)
      }
    }
  }
}

/// The fields of one section, for people.
@MainActor enum FieldSheet {
  /// Codes that are listed beside a field; longer lists are named.
  private static let shownCodeCountMax = 12

  static func fill(_ sheet: inout Sheet, _ section: Section, _ forms: FormSet) {
    sheet.heading(section.rawValue.capitalized)
    var table = Table([
      .init("  KEY"), .init("KIND"), .init("LABEL", isFlexible: true), .init("CODES", isFlexible: true),
    ])
    for field in FieldOrder.sorted(forms.fields(in: section)) {
      row(of: field, "  ", &table, forms)
      guard case .group(let members, _) = field.kind else { continue }
      for member in members { row(of: member, "    .", &table, forms) }
    }
    sheet.table(table)
  }

  private static func row(of field: FormField, _ indent: String, _ table: inout Table, _ forms: FormSet) {
    table.row([
      .init(indent + field.key, .bold), .init(field.kind.name, .dim), .init(field.label),
      .init(codes(of: field.kind, forms)),
    ])
  }

  private static func codes(of kind: FieldKind, _ forms: FormSet) -> String {
    guard let name = kind.list, let list = forms.codeLists[name] else { return "" }
    let shown = list.codes.prefix(shownCodeCountMax).map(\.name).joined(separator: ", ")
    let rest = list.codes.count - shownCodeCountMax
    return rest > 0 ? "\(shown) and \(rest) more" : shown
  }
}
