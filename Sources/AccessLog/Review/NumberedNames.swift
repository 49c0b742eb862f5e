/// Gives each name a number from 0 on, so that a million entries hold numbers.
struct NumberedNames<Name: Hashable & Sendable>: Sendable {
  private(set) var names: [Name] = []
  private var numbers: [Name: UInt32] = [:]

  mutating func number(of name: Name) -> UInt32 {
    if let number = numbers[name] { return number }
    let number = UInt32(names.count)
    numbers[name] = number
    names.append(name)
    return number
  }

  subscript(number: UInt32) -> Name { names[Int(number)] }
  var count: Int { names.count }
}
