import Testing
import VaultModel

@Suite struct PathwayTests {
  private func refusal(_ steps: [Pathway.Step]) -> PathwayError? {
    do {
      _ = try Pathway(steps: steps)
      return nil
    } catch { return error }
  }

  private func steps(_ count: Int) -> [Pathway.Step] { (0..<count).map { .init(name: "Step \($0)") } }

  @Test func `has its steps in their order`() throws {
    let steps: [Pathway.Step] = [
      .init(name: "Evaluarea siguranței", withinDays: 1), .init(name: "নিরাপদ আশ্রয়"),
      .init(name: "कानूनी सहायता", withinDays: 1), .init(name: "Closing", withinDays: Pathway.withinDaysMax),
    ]
    #expect(try Pathway(steps: steps).steps == steps)
    #expect(Pathway.none.steps.isEmpty)
    #expect(refusal(self.steps(Pathway.stepCountMax)) == nil)
  }

  @Test func `P10 says which step breaks which rule`() {
    #expect(refusal([])?.code == .count)
    #expect(refusal(steps(Pathway.stepCountMax + 1))?.code == .count)
    let longest = String(repeating: "a", count: Pathway.nameByteCountMax)
    #expect(refusal([.init(name: longest)]) == nil)
    for name in ["", longest + "a"] { #expect(refusal([.init(name: name)])?.code == .length) }
    // What would show another order of words to whoever approves, or another line.
    for name in [
      "a\nb", "a\tb", "a\u{1B}[2J", "a\u{2028}b", "a\u{202E}b", "a\u{2066}b", " ", "a ", " a", "a\u{200B}", "a\u{2800}",
      "a”, in “b",
    ] {
      #expect(refusal([.init(name: "first"), .init(name: name)])?.code == .character)
    }
    // The joiners that Bengali needs turn nothing.
    #expect(refusal([.init(name: "র\u{200D}্যাব")]) == nil)
    #expect(refusal([.init(name: "a"), .init(name: "a")])?.code == .twice)
    for days in [0, Pathway.withinDaysMax + 1] {
      #expect(refusal([.init(name: "a", withinDays: days)])?.code == .days)
    }
    let early = refusal([.init(name: "a", withinDays: 7), .init(name: "b"), .init(name: "c", withinDays: 6)])
    #expect(early?.code == .order)
    #expect(early?.field == "steps/3")
    #expect(refusal([])?.field == "steps")
  }
}
