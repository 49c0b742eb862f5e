import VaultModel

/// What everyone must know before they get in touch, in a frame of its own above everything else.
@MainActor struct SafeContactBox {
  /// Nil where the contact section was not opened.
  let contact: [String: JSONValue]?
  let forms: FormSet

  private static let callable: Set = ["phone", "mobile", "whatsapp"]
  private static let title = " SAFE CONTACT "

  func fill(_ sheet: inout Sheet) {
    let inner = max(20, min(sheet.width, Sheet.readableWidth) - 4)
    let style = sheet.style
    let (tone, body) = content(width: inner)
    let bar = String(repeating: "─", count: inner + 2 - Self.title.count - 1)
    sheet.line(style(tone, "┌─\(Self.title)\(bar)┐"))
    for line in body {
      for piece in TextWidth.wrapped(line.text, to: inner) {
        let padded = TextWidth.padded(piece, to: inner)
        let shown = line.tone.map { style($0, padded) } ?? padded
        sheet.line(style(tone, "│") + " \(shown) " + style(tone, "│"))
      }
    }
    sheet.line(style(tone, "└" + String(repeating: "─", count: inner + 2) + "┘"))
  }

  private struct Line {
    var text: String
    var tone: Style.Tone?
  }

  private func content(width: Int) -> (frame: Style.Tone, lines: [Line]) {
    guard let contact else {
      return (
        .danger,
        [
          Line(text: "DO NOT CALL", tone: .alarm),
          Line(text: "The contact section is not open here. Read it first, or ask whoever may."),
        ]
      )
    }
    let safe = SafeContact(contact: contact)
    var lines: [Line] = []
    let warning = safe.warning
    if let warning {
      let forbidden = warning.hasPrefix("do not call")
      lines.append(
        Line(
          text: forbidden
            ? "DO NOT CALL" + warning.dropFirst("do not call".count)
            : warning.prefix(1).uppercased()
              + warning.dropFirst(), tone: forbidden ? .alarm : .notice))
    }
    if let instructions = safe.instructions {
      lines += Printable.lines(instructions).map { Line(text: $0, tone: .bold) }
    }
    for method in safe.methods {
      lines.append(Line(text: ""))
      lines += self.lines(of: method)
    }
    return (warning == nil ? .good : safe.methods.contains { $0.safety == .yes } ? .careful : .danger, lines)
  }

  private func lines(of method: SafeContact.Method) -> [Line] {
    let kind = label(method.kind, "vault_ContactKind")
    let value = Printable.line(method.value)
    var lines: [Line] = []
    // Nobody calls an e-mail address.
    let never = Self.callable.contains(method.kind) ? "DO NOT CALL" : "DO NOT USE "
    switch method.safety {
    case .yes: lines.append(Line(text: "SAFE         \(kind): \(value)", tone: .good))
    case .no: lines.append(Line(text: "\(never)  \(kind): \(value)  (not safe)", tone: .danger))
    case .unknown:
      lines.append(Line(text: "\(never)  \(kind): \(value)  (unknown whether it is safe)", tone: .danger))
    }
    var when: [String] = method.days.map { label($0, "vault_Weekday") }
    switch (method.from, method.to) {
    case (let from?, let to?): when.append("\(from)–\(to)")
    case (let from?, nil): when.append("from \(from)")
    case (nil, let to?): when.append("until \(to)")
    case (nil, nil): break
    }
    if let zone = method.timeZone { when.append(zone) }
    if !when.isEmpty { lines.append(detail("When", when.joined(separator: " "))) }
    if let caller = method.sayCallerIs { lines.append(detail("Say you are", caller)) }
    if let word = method.codeWord { lines.append(detail("Code word", word)) }
    if let others = method.whoMayAnswer { lines.append(detail("May answer", others)) }
    lines.append(detail("Voicemail", method.mayLeaveVoicemail ? "a message may be left" : "leave no message"))
    if let date = method.confirmedAt { lines.append(detail("Confirmed", date.description)) }
    return lines
  }

  private func detail(_ label: String, _ text: String) -> Line {
    Line(text: "             \(TextWidth.padded(label, to: 12)) \(Printable.line(text))")
  }

  private func label(_ code: String, _ list: String) -> String {
    Printable.line(forms.codeLists[list]?.label(of: code) ?? code)
  }
}
