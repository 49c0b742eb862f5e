/// Digits of telephone numbers, in any script, and when two numbers are the same.
enum PhoneDigits {
  /// Below this many digits a run says too little to look for.
  static let searchedCountMin = 4
  /// ITU-T E.164 allows 15 digits; with an international prefix and room for an extension, 20. Of longer ones the end is kept.
  static let countMax = 20
  /// From this many common last digits on, two numbers are one, whatever stands before (country code, trunk zero).
  static let nationalCountMin = 9

  /// The ASCII digits of a text; everything else is passed over.
  static func digits(in text: String) -> [UInt8] {
    var digits: [UInt8] = []
    for scalar in text.unicodeScalars {
      if let value = value(of: scalar) { digits.append(UInt8(ascii: "0") + value) }
    }
    return Array(digits.suffix(countMax))
  }

  /// A decimal digit's value in any script, or nil.
  static func value(of scalar: Unicode.Scalar) -> UInt8? {
    if (0x30...0x39).contains(scalar.value) { return UInt8(scalar.value - 0x30) }
    guard !scalar.isASCII, scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue else {
      return nil
    }
    return UInt8(value)
  }

  enum Likeness: UInt8, Comparable, Sendable {
    case whole
    case end
    case within

    static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }

    var sentence: String {
      switch self {
      case .whole: "phone: same number"
      case .end: "phone: ends in the digits"
      case .within: "phone: contains the digits"
      }
    }

    /// Points of 1,000.
    var points: Int {
      switch self {
      case .whole: 1_000
      case .end: 900
      case .within: 650
      }
    }
  }

  /// How the digits of a query meet a stored number. A country code or a trunk zero on one side only does not matter.
  static func likeness(query: Span<UInt8>, number: Span<UInt8>) -> Likeness? {
    guard query.count >= searchedCountMin else { return nil }
    let queryStart = leadingZeroCount(query)
    let numberStart = leadingZeroCount(number)
    let significant = query.count - queryStart
    var common = 0
    while common < min(query.count, number.count), query[query.count - 1 - common] == number[number.count - 1 - common]
    {
      common += 1
    }
    if common >= nationalCountMin { return .whole }
    if common >= significant && significant >= searchedCountMin && significant == number.count - numberStart {
      return .whole
    }
    if common == query.count || (common >= significant && significant >= searchedCountMin) { return .end }
    guard significant >= searchedCountMin, query.count <= number.count else { return nil }
    for start in 0..<(number.count - query.count) {
      var place = 0
      while place < query.count, query[place] == number[start + place] { place += 1 }
      if place == query.count { return .within }
    }
    return nil
  }

  private static func leadingZeroCount(_ digits: Span<UInt8>) -> Int {
    var count = 0
    while count < digits.count, digits[count] == UInt8(ascii: "0") { count += 1 }
    return count
  }
}
