/// Reads back what the report writes, and nothing more lenient: every element closed in order, every attribute quoted,
/// no character of markup left in the text.
struct ReadMarkup {
  struct Element: Equatable {
    let name: String
    let attributes: [String: String]
    /// Names of the elements around it.
    let path: [String]
  }

  enum Fault: Error, Equatable {
    case noEnd
    case unbalanced(String)
    case attribute(String)
    case entity(String)
    case stray(String)
  }

  private(set) var elements: [Element] = []
  /// The text, unescaped, with a space for each tag.
  private(set) var text = ""
  private(set) var styles: [String] = []
  private var path: [String] = []

  init(_ bytes: [UInt8]) throws {
    let whole = String(decoding: bytes, as: UTF8.self)
    guard whole.hasPrefix("<!DOCTYPE html>\n") else { throw Fault.noEnd }
    var rest = whole.unicodeScalars.dropFirst(16)
    while let scalar = rest.first {
      if path.last == "style" {
        var sheet = Substring.UnicodeScalarView()
        while let next = rest.first, next != "<" {
          sheet.append(next)
          rest.removeFirst()
        }
        styles.append(String(sheet))
        try tag(&rest)
      } else if scalar == "<" {
        try tag(&rest)
      } else {
        try character(&rest)
      }
    }
    guard path.isEmpty else { throw Fault.unbalanced(path.joined(separator: " ")) }
  }

  func all(_ name: String) -> [Element] { elements.filter { $0.name == name } }

  private mutating func tag(_ rest: inout Substring.UnicodeScalarView) throws {
    guard let end = rest.firstIndex(of: ">") else { throw Fault.noEnd }
    var inside = String(rest[rest.index(after: rest.startIndex)..<end])
    rest = rest[rest.index(after: end)...]
    text += " "
    if inside.hasPrefix("/") {
      guard path.popLast() == String(inside.dropFirst()) else { throw Fault.unbalanced(inside) }
      return
    }
    let isLeaf = inside.hasSuffix("/")
    if isLeaf { inside.removeLast() }
    let name = String(inside.prefix { $0 != " " })
    var attributes: [String: String] = [:]
    var given = inside.dropFirst(name.count)
    while !given.isEmpty {
      guard given.removeFirst() == " ", let equals = given.firstIndex(of: "=") else { throw Fault.attribute(inside) }
      let key = String(given[..<equals])
      given = given[given.index(after: equals)...]
      guard given.popFirst() == "\"", let quote = given.firstIndex(of: "\"") else { throw Fault.attribute(inside) }
      guard attributes.updateValue(String(given[..<quote]), forKey: key) == nil else { throw Fault.attribute(key) }
      given = given[given.index(after: quote)...]
    }
    guard !name.isEmpty, name.allSatisfy({ $0.isASCII && ($0.isLowercase || $0.isNumber) }) else {
      throw Fault.stray(name)
    }
    elements.append(Element(name: name, attributes: attributes, path: path))
    if !isLeaf { path.append(name) }
  }

  private mutating func character(_ rest: inout Substring.UnicodeScalarView) throws {
    let scalar = rest.removeFirst()
    switch scalar {
    case ">", "\"", "'": throw Fault.stray(String(scalar))
    case "&":
      let name = String(rest.prefix { $0 != ";" })
      guard let known = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "#39": "'"][name] else {
        throw Fault.entity(name)
      }
      rest = rest.dropFirst(name.unicodeScalars.count + 1)
      text += known
    default: text.unicodeScalars.append(scalar)
    }
  }
}
