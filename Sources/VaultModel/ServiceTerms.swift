/// What a service may do in one programme, as its supervisor grants it.
///
/// Written as words: `submit`, `count`, `read:SECTION` for each section.
public struct ServiceTerms: Hashable, Sendable {
  public var submits: Bool
  public var counts: Bool
  public var reads: Set<Section>

  public init(submits: Bool = false, counts: Bool = false, reads: Set<Section> = []) {
    self.submits = submits
    self.counts = counts
    self.reads = reads
  }

  /// What a service may where nothing else was said.
  public static let submitOnly = ServiceTerms(submits: true)

  private static let readPrefix = "read:"

  /// nil where a word is none of these, and where there is none: a service that may nothing is a mistake.
  public init?(words: [String]) {
    self.init()
    for word in words {
      switch word {
      case Verb.submit.rawValue: submits = true
      case Verb.count.rawValue: counts = true
      default:
        guard word.hasPrefix(Self.readPrefix),
          let section = Section(rawValue: String(word.dropFirst(Self.readPrefix.count)))
        else { return nil }
        reads.insert(section)
      }
    }
    guard self != ServiceTerms() else { return nil }
  }

  /// Reads what a person types: the words with commas between them, where further sections may follow a `read:` without
  /// repeating it, as in `submit,read:identity,case`.
  public init?(typed text: String) {
    var words: [String] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let isFurther = Section(rawValue: String(part)) != nil && words.last?.hasPrefix(Self.readPrefix) == true
      words.append(isFurther ? Self.readPrefix + part : String(part))
    }
    self.init(words: words)
  }

  /// In one order: for the wire and the log.
  public var words: [String] {
    (submits ? [Verb.submit.rawValue] : []) + (counts ? [Verb.count.rawValue] : [])
      + Section.allCases.filter(reads.contains).map { Self.readPrefix + $0.rawValue }
  }

  /// The verbs of a membership in `compartment`, and whether it holds the key. nil: no member of it.
  public func membership(in compartment: Compartment) -> (verbs: Set<Verb>, holdsKey: Bool)? {
    let verbs: Set<Verb>
    let holdsKey: Bool
    switch compartment {
    case .section(_, let section):
      holdsKey = reads.contains(section)
      verbs = Set((submits ? [Verb.submit] : []) + (holdsKey ? [.read] : []))
    case .statistics:
      holdsKey = counts
      verbs = counts ? [.count] : []
    case .audit: return nil
    }
    return verbs.isEmpty ? nil : (verbs, holdsKey)
  }
}
