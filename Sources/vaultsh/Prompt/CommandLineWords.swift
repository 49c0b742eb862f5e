/// A line typed at the prompt, as words. Quotes keep spaces together, a backslash the next character.
enum CommandLineWords {
  /// Throws where a quote is not closed.
  static func split(_ line: String) throws -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    var characters = line.makeIterator()
    while let character = characters.next() {
      if character == "\\", quote != "'" {
        guard let next = characters.next() else { break }
        word = (word ?? "") + String(next)
      } else if character == quote {
        quote = nil
      } else if quote == nil, character == "\"" || character == "'" {
        quote = character
        word = word ?? ""
      } else if quote == nil, character.isWhitespace {
        if let done = word { words.append(done) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    guard quote == nil else {
      throw Failure.usage("A quotation mark is not closed.", hint: "Write names with an apostrophe in double quotes.")
    }
    if let word { words.append(word) }
    return words
  }
}
