import Glibc

/// What went wrong, for people: what happened, what it means, and what to do next.
@MainActor enum FailureText {
  static func show(_ failure: Failure) {
    let style = Style(for: STDERR_FILENO)
    let width = Terminal.size.columns
    var text = style(.danger, "error: ") + style(.bold, failure.title) + "\n"
    let detail = sentence(failure.detail) + (failure.field.map { " (\(Printable.line($0)))" } ?? "")
    if failure.detail != failure.title, failure.detail != failure.title + "." || failure.field != nil {
      for line in TextWidth.wrapped(detail, to: width - 2) { text += "  " + line + "\n" }
    }
    let label = "hint: "
    for (index, line) in TextWidth.wrapped(label + sentence(failure.hint), to: width - 2).enumerated() {
      text += "  " + (index == 0 ? style(.good, label) + line.dropFirst(label.count) : line) + "\n"
    }
    Terminal.write(text, to: STDERR_FILENO)
  }

  private static func sentence(_ text: String) -> String {
    let text = Printable.line(text)
    // A sentence may begin with the name of a file, which is told as it is.
    let isName = text.prefix { $0 != " " }.dropLast().contains { "./_".contains($0) }
    return (isName ? String(text.prefix(1)) : text.prefix(1).uppercased()) + text.dropFirst()
      + (text.hasSuffix(".") || text.isEmpty ? "" : ".")
  }
}
