import Glibc

/// What went wrong, for people: what happened, what it means, and what to do next.
@MainActor enum FailureText {
  static func show(_ failure: Failure) {
    let style = Style(for: STDERR_FILENO)
    let width = Terminal.size.columns
    var text = style(.danger, "error: ") + style(.bold, failure.title) + "\n"
    for (label, sentence) in [
      ("", failure.field.map { "\(failure.detail) (\($0))" } ?? failure.detail), ("hint: ", failure.hint),
    ]
    where !sentence.isEmpty && Printable.line(sentence) != failure.title + "." {
      for (index, line) in TextWidth.wrapped(label + Printable.line(sentence), to: width - 2).enumerated() {
        let shown = index == 0 && !label.isEmpty ? style(.good, label) + line.dropFirst(label.count) : line
        text += "  " + shown + "\n"
      }
    }
    Terminal.write(text, to: STDERR_FILENO)
  }
}
