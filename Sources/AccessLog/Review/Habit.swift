/// What is usual: the median of some counts, and how far from it they usually lie.
///
/// Both are robust: up to half of the values can be anything without moving them far, so that somebody who browses on a
/// few days does not make browsing their habit.
public struct Habit: Hashable, Sendable {
  public let median: Double
  /// The largest of 1.4826 × the median absolute deviation (which for values around a bell curve is its standard
  /// deviation), the square root of the median (what pure chance does to a count), and 1.
  public let spread: Double
  /// Values that this rests on.
  public let count: Int

  /// Makes the median absolute deviation comparable with a standard deviation.
  private static let deviationScale = 1.4826
  /// Distances from the median, in spreads, from which on a value is called unusual. Counts are skewed: at five, a
  /// person with 20 working days a month is pointed out by chance less than once in many years.
  public static let unusualSpreadCount = 5.0

  /// nil without values.
  public init?(_ values: [Int]) {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    median = Habit.median(sorted.map { Double($0) })
    let middle = median
    let deviations = sorted.map { abs(Double($0) - middle) }.sorted()
    spread = max(Habit.deviationScale * Habit.median(deviations), median.squareRoot(), 1)
    count = values.count
  }

  /// What a value has to exceed.
  public var limit: Double { median + Habit.unusualSpreadCount * spread }

  private static func median(_ sorted: [Double]) -> Double {
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}
