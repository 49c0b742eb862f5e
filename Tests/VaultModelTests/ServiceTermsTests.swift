import Testing

@testable import VaultModel

@Suite struct ServiceTermsTests {
  @Test func `words and what a person types mean the same`() throws {
    let terms = try #require(ServiceTerms(typed: "submit,read:identity,case,count"))
    #expect(terms == ServiceTerms(submits: true, counts: true, reads: [.identity, .case]))
    #expect(terms.words == ["submit", "count", "read:identity", "read:case"])
    #expect(ServiceTerms(words: terms.words) == terms)
    #expect(ServiceTerms(typed: "submit") == .submitOnly)
  }

  @Test(arguments: [
    "", ",", "submit,", "read", "read:", "read:notes", "identity", "submit,identity", "write", "Submit",
    "read:identity,x",
    "read:identity,submit,case", "read: identity",
  ])
  func `anything else is nothing`(typed: String) { #expect(ServiceTerms(typed: typed) == nil) }

  @Test func `nothing at all is no grant`() { #expect(ServiceTerms(words: []) == nil) }
}
