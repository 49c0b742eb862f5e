/// The answers a picklist offers, in the order they are shown.
public struct CodeList: Hashable, Sendable {
  public struct Code: Hashable, Sendable {
    /// What is stored.
    public var name: String
    /// What is shown.
    public var label: String
  }

  public let name: String
  public let codes: [Code]
  private let labels: [String: String]
  private let namesBySpelling: [String: String]

  /// `codes` must have distinct names.
  init(name: String, codes: [Code]) {
    self.name = name
    self.codes = codes
    labels = Dictionary(codes.map { ($0.name, $0.label) }, uniquingKeysWith: { first, _ in first })
    var spellings = Spellings()
    for code in codes { spellings.add(code.label, for: code.name) }
    var named = spellings.targets
    // A name always means itself, whatever another code is labelled.
    for code in codes { named[Spellings.fold(code.name)] = code.name }
    namesBySpelling = named
  }

  public func contains(_ name: String) -> Bool { labels[name] != nil }

  public func label(of name: String) -> String? { labels[name] }

  /// The code a person meant by a name or a label, whatever its case, spaces and punctuation; nil when there is none or
  /// more than one.
  public func code(for text: String) -> String? {
    contains(text) ? text : namesBySpelling[Spellings.fold(text)]
  }
}

/// Names by how they are spelled when case, spaces and punctuation do not count; spellings of two names lead nowhere.
struct Spellings {
  private var found: [String: String?] = [:]

  var targets: [String: String] { found.compactMapValues { $0 } }

  mutating func add(_ spelling: String, for target: String) {
    let folded = Self.fold(spelling)
    if let known = found[folded], known != target {
      found[folded] = .some(nil)
    } else {
      found[folded] = target
    }
  }

  /// Letters, marks and digits in lowercase.
  static func fold(_ text: String) -> String {
    var folded = String.UnicodeScalarView()
    for scalar in text.lowercased().unicodeScalars {
      switch scalar.properties.generalCategory {
      case .lowercaseLetter, .otherLetter, .modifierLetter, .titlecaseLetter, .uppercaseLetter, .decimalNumber,
        .nonspacingMark, .spacingMark:
        folded.append(scalar)
      default: continue
      }
    }
    return String(folded)
  }
}
