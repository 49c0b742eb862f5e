import AccessLog

/// `README.txt` of a bundle: what it is, in words for people who have never heard of such a log. Made from what was
/// verified and from nothing else, so that verifying can make it again and compare.
enum BundlePage {
  private static let width = 78

  static func text(_ proven: [ProvenEntry], of checkpoint: VerifiedCheckpoint) -> String {
    var page = Page()
    page.heading(
      proven.count == 1 ? "One entry of an access log, with its proof" : "Entries of an access log, with their proofs")
    page.paragraph(
      "A vault of case records writes down each time that somebody reads, changes or searches them, or is refused. This "
        + "directory holds \(proven.count == 1 ? "one entry" : "\(proven.count) entries") of that log, opened to be read, "
        + "and what one needs to check them without trusting whoever handed them over.")
    page.heading("What the \(proven.count == 1 ? "entry says" : "entries say")")
    for (number, entry) in proven.enumerated() {
      if number > 0 { page.gap() }
      page.paragraph("Entry \(entry.index)")
      for (label, value) in entry.lines { page.field(label, value) }
    }
    page.heading("What this proves")
    page.points([
      "Each entry stood in the log, at its number and with exactly this content, when the log's key signed that it had "
        + "\(LogFailure.count(checkpoint.size)). A single changed letter would not fit the signature.",
      "Entries stand in the order in which they were written. That none of them was changed, removed or put in between "
        + "afterwards shows to anybody who compares a later checkpoint of the log with the one in this directory.",
    ])
    if !checkpoint.cosignatures.isEmpty {
      page.points(
        checkpoint.cosignatures.map {
          "Somebody with the key named \(Printable.line($0.key.name.text)) vouched, at "
            + "\(UniversalTime.text(milliseconds: Int64(clamping: $0.posixSeconds) &* 1000)) by their own clock, for the "
            + "log up to this point."
        })
    }
    page.heading("What this does not prove")
    page.points([
      "That the log's key is that of the vault. Get the key (a line that begins with the log's name) from somebody you "
        + "trust, in another way than this directory, and compare.",
      "Which person sat at the keyboard. An entry names the account and the user id that asked; who knew its passphrase is "
        + "a question for other evidence.",
      "That the clock was right. The order of entries is certain; the times are those of the "
        + "vault's computer, in universal time (UTC, which ends in Z).",
      "What was written between or around these entries: nothing here opens another entry. The reasons and search terms "
        + "that may stand beside an entry are not part of it either; only a fingerprint (SHA-256) of their encrypted form is.",
      "That whoever held the vault's computer and its keys wrote down everything. It proves what was written, and that it "
        + "stayed as it was.",
    ])
    page.heading("How to check it")
    page.points([
      "With the vault's own shell, on any computer, without the vault:  vaultsh log verify DIRECTORY --log-key KEY",
      "With other software: each NUMBER.tlog-proof is a proof in the C2SP form tlog-proof (c2sp.org/tlog-proof), with the "
        + "signed checkpoint in it, for the bytes of NUMBER.leaf. NUMBER.key opens NUMBER.leaf and no other leaf, as the "
        + "vault's docs/format.md describes under “Log entry”.",
    ])
    page.heading("The log")
    page.field("Name", checkpoint.origin.text)
    page.field("Size", LogFailure.count(checkpoint.size))
    page.field("Root", checkpoint.root.description)
    return page.text
  }

  private struct Page {
    private(set) var text = ""

    mutating func heading(_ title: String) {
      if !text.isEmpty { text += "\n" }
      text += title + "\n" + String(repeating: "-", count: title.count) + "\n\n"
    }

    mutating func gap() { text += "\n" }

    mutating func paragraph(_ words: String) {
      for line in TextWidth.wrapped(words, to: width) { text += line + "\n" }
    }

    mutating func points(_ points: [String]) {
      for point in points {
        for (number, line) in TextWidth.wrapped(point, to: width - 2).enumerated() {
          text += (number == 0 ? "* " : "  ") + line + "\n"
        }
      }
    }

    mutating func field(_ label: String, _ value: String) {
      let column = 18
      for (number, line) in TextWidth.wrapped(Printable.line(value), to: width - column).enumerated() {
        let start = number == 0 ? "  \(label)" : ""
        text += start + String(repeating: " ", count: max(1, column - start.count)) + line + "\n"
      }
    }
  }
}
