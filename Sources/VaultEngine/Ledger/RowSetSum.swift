/// The sum of all metadata rows' keyed hashes modulo 2²⁵⁶, and how many there are: O(1) a change, and equal for two
/// stores only when they hold the same rows.
struct RowSetSum: Equatable, Sendable {
  private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
  private(set) var count: UInt64 = 0

  init() {}

  /// 32 bytes, big-endian, and the count.
  init(bytes: [UInt8], count: UInt64) {
    words = RowSetSum.words(bytes)
    self.count = count
  }

  var bytes: [UInt8] {
    [words.0, words.1, words.2, words.3].flatMap { word in
      stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt64($0)) }
    }
  }

  mutating func add(_ hash: [UInt8]) {
    let other = RowSetSum.words(hash)
    var carry = false
    (words.3, carry) = words.3.addingReportingOverflow(other.3)
    (words.2, carry) = RowSetSum.add(words.2, other.2, carry)
    (words.1, carry) = RowSetSum.add(words.1, other.1, carry)
    (words.0, carry) = RowSetSum.add(words.0, other.0, carry)
    count &+= 1
  }

  mutating func subtract(_ hash: [UInt8]) {
    let other = RowSetSum.words(hash)
    var borrow = false
    (words.3, borrow) = words.3.subtractingReportingOverflow(other.3)
    (words.2, borrow) = RowSetSum.subtract(words.2, other.2, borrow)
    (words.1, borrow) = RowSetSum.subtract(words.1, other.1, borrow)
    (words.0, borrow) = RowSetSum.subtract(words.0, other.0, borrow)
    count &-= 1
  }

  static func == (left: RowSetSum, right: RowSetSum) -> Bool { left.words == right.words && left.count == right.count }

  private static func add(_ left: UInt64, _ right: UInt64, _ carry: Bool) -> (UInt64, Bool) {
    let (sum, first) = left.addingReportingOverflow(right)
    let (result, second) = sum.addingReportingOverflow(carry ? 1 : 0)
    return (result, first || second)
  }

  private static func subtract(_ left: UInt64, _ right: UInt64, _ borrow: Bool) -> (UInt64, Bool) {
    let (difference, first) = left.subtractingReportingOverflow(right)
    let (result, second) = difference.subtractingReportingOverflow(borrow ? 1 : 0)
    return (result, first || second)
  }

  private static func words(_ bytes: [UInt8]) -> (UInt64, UInt64, UInt64, UInt64) {
    precondition(bytes.count == 32)
    func word(_ index: Int) -> UInt64 { bytes[index * 8..<index * 8 + 8].reduce(0) { $0 << 8 | UInt64($1) } }
    return (word(0), word(1), word(2), word(3))
  }
}
