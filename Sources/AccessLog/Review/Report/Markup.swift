/// Writes HTML. Whatever becomes text or the value of an attribute is escaped here and nowhere else; there is no way to
/// write bytes as they are, so that no value of a log can become an element, an attribute or a link.
struct Markup {
  enum Tag: String {
    case html, head, title, body, header, main, nav, section, footer, div, span, bdi, p, strong, small, code, a
    case h1, h2, h3, h4, ol, ul, li, dl, dt, dd, details, summary
    case table, caption, thead, tbody, tr, th, td, svg

    /// Whether a line ends after it: for those who read the source.
    fileprivate var endsLine: Bool {
      switch self {
      case .span, .bdi, .strong, .small, .code, .a, .th, .td, .dt: false
      default: true
      }
    }
  }

  /// Elements without content.
  enum Leaf: String { case meta, rect, line, circle }

  enum Attribute {
    case lang(StaticString)
    case name(StaticString, content: String)
    case httpEquiv(StaticString, content: String)
    case charset
    /// Words of the style sheet.
    case style(StaticString)
    case id(Anchor)
    case link(Anchor)
    case labelledBy(Anchor)
    case label(StaticString)
    case scope(Scope)
    /// Said by nothing but the eye; the same stands beside it in words.
    case decoration
    /// A part of the page that is scrolled by itself, with the keyboard too.
    case scrolledGroup
    case size(width: Int, height: Int)
    /// Of a shape, in the units of its picture.
    case number(StaticString, Double)
  }

  enum Scope: String { case col, row }

  /// A place on the page.
  struct Anchor: Hashable {
    let name: String

    init(_ name: StaticString) { self.name = name.description }
    init(_ name: StaticString, _ number: Int) { self.name = "\(name)-\(number)" }
    private init(_ name: String) { self.name = name }

    /// The heading or caption of what stands there.
    var heading: Anchor { Anchor(name + "-title") }
  }

  private(set) var bytes: [UInt8] = Array("<!DOCTYPE html>\n".utf8)

  mutating func element(_ tag: Tag, _ attributes: Attribute..., content: (inout Markup) -> Void) {
    open(tag.rawValue, attributes)
    content(&self)
    close(tag)
  }

  mutating func element(_ tag: Tag, _ attributes: Attribute..., text: String) {
    open(tag.rawValue, attributes)
    self.text(text)
    close(tag)
  }

  mutating func leaf(_ tag: Leaf, _ attributes: Attribute...) { open(tag.rawValue, attributes, end: "/>") }

  /// Our own words.
  mutating func text(_ text: String) { escape(VisibleText.of(text)) }

  /// A value that somebody else chose: shut off from the direction of the text around it, and cut where it is far
  /// longer than anything that the vault itself would accept.
  mutating func foreign(_ text: String, scalarCountMax: Int = VisibleText.wordScalarCountMax) {
    element(.bdi) { $0.escape(VisibleText.of(text, scalarCountMax: scalarCountMax)) }
  }

  /// The style sheet, which is the same for every page.
  mutating func style(_ sheet: ReportStyle) {
    append("<style>")
    append(sheet.text)
    append("</style>\n")
  }

  // MARK: Bytes

  private mutating func open(_ tag: String, _ attributes: [Attribute], end: String = ">") {
    append("<" + tag)
    for attribute in attributes { write(attribute) }
    append(end)
  }

  private mutating func close(_ tag: Tag) {
    append("</" + tag.rawValue + ">")
    if tag.endsLine { append("\n") }
  }

  private mutating func write(_ attribute: Attribute) {
    switch attribute {
    case .lang(let language): pair("lang", language.description)
    case .name(let name, let content):
      pair("name", name.description)
      pair("content", content)
    case .httpEquiv(let name, let content):
      pair("http-equiv", name.description)
      pair("content", content)
    case .charset: pair("charset", "utf-8")
    case .style(let words): pair("class", words.description)
    case .id(let anchor): pair("id", anchor.name)
    case .link(let anchor): pair("href", "#" + anchor.name)
    case .labelledBy(let anchor): pair("aria-labelledby", anchor.name)
    case .label(let words): pair("aria-label", words.description)
    case .scope(let scope): pair("scope", scope.rawValue)
    case .decoration: pair("aria-hidden", "true")
    case .scrolledGroup:
      pair("role", "group")
      pair("tabindex", "0")
    case .size(let width, let height):
      pair("width", String(width))
      pair("height", String(height))
    case .number(let name, let value): pair(name.description, ReviewNumber.text(value))
    }
  }

  private mutating func pair(_ name: String, _ value: String) {
    append(" " + name + "=\"")
    escape(value)
    append("\"")
  }

  private mutating func escape(_ text: String) {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "&"): append("&amp;")
      case UInt8(ascii: "<"): append("&lt;")
      case UInt8(ascii: ">"): append("&gt;")
      case UInt8(ascii: "\""): append("&quot;")
      case UInt8(ascii: "'"): append("&#39;")
      default: bytes.append(byte)
      }
    }
  }

  private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
}
