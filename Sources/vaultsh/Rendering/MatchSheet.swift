import VaultAPI

/// What a search found, for people: a table where there is room for one, else two lines a match.
@MainActor enum MatchSheet {
  /// Columns that the table needs to be about one line a row.
  private static let tableWidthMin = 110

  static func fill(_ sheet: inout Sheet, _ matches: [SearchMatch]) {
    guard !matches.isEmpty else {
      sheet.line("No record matches.")
      sheet.paragraph("Try part of the name, another spelling, or the year of birth with --born.", tone: .dim)
      return
    }
    if sheet.isBounded, sheet.width < tableWidthMin {
      for match in matches { pair(match, in: &sheet) }
    } else {
      table(matches, in: &sheet)
    }
    sheet.line()
    sheet.line(sheet.style(.dim, "\(matches.count) \(matches.count == 1 ? "match" : "matches"); `show ID` opens one."))
  }

  private static func table(_ matches: [SearchMatch], in sheet: inout Sheet) {
    var table = Table([
      .init("ID"), .init("NAME", isFlexible: true), .init("BORN"), .init("PROGRAMME"),
      .init("MATCHED ON", isFlexible: true), .init("CONTACT", isFlexible: true), .init("FLAGS"),
    ])
    for match in matches {
      let warning = warning(of: match)
      table.row([
        .init(match.id, .bold), .init(match.name), .init(match.yearOfBirth.map { String($0) } ?? ""),
        .init(match.programme), .init(match.matchedOn.joined(separator: ", ")), .init(warning.text, warning.tone),
        .init(match.flags.words, match.flags.tone),
      ])
    }
    sheet.table(table)
  }

  private static func pair(_ match: SearchMatch, in sheet: inout Sheet) {
    let born = match.yearOfBirth.map { "  born \($0)" } ?? ""
    sheet.line(
      sheet.style(.bold, Printable.line(match.id)) + "  \(Printable.line(match.name))"
        + sheet.style(.dim, "\(born)  \(Printable.line(match.programme))"))
    if !match.flags.isEmpty { sheet.paragraph(match.flags.words, indent: 4, tone: match.flags.tone) }
    let warning = warning(of: match)
    sheet.paragraph(warning.text, indent: 4, tone: warning.tone)
    sheet.paragraph(match.matchedOn.joined(separator: ", "), indent: 4, tone: .dim)
  }

  private static func warning(of match: SearchMatch) -> (text: String, tone: Style.Tone) {
    let forbidding = "do not call"
    guard let warning = match.contactWarning else { return ("see safe contact", .dim) }
    guard warning.hasPrefix(forbidding) else { return (warning, .careful) }
    return (forbidding.uppercased() + warning.dropFirst(forbidding.count), .danger)
  }
}
