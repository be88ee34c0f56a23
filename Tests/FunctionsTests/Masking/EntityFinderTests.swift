import Functions
import TestSupport
import Testing

@Suite("Finding e-mail addresses, numbers and dates by rule")
struct EntityFinderTests {
  /// Texts with what is to be found between « and ».
  private func check(_ kind: EntityKind, _ texts: [String], sourceLocation: SourceLocation = #_sourceLocation)
  {
    for marked in texts {
      let text = marked.filter { $0 != "«" && $0 != "»" }
      let spans = EntityFinder([kind]).spans(in: text)
      var found = ""
      var start = 0
      let bytes = Array(text.utf8)
      for span in spans {
        #expect(span.kind == kind)
        found += String(decoding: bytes[start..<span.range.lowerBound], as: UTF8.self)
        found += "«" + String(decoding: bytes[span.range], as: UTF8.self) + "»"
        start = span.range.upperBound
      }
      found += String(decoding: bytes[start...], as: UTF8.self)
      #expect(found == marked, sourceLocation: sourceLocation)
    }
  }

  @Test("E-mail addresses")
  func emails() {
    check(
      .email,
      [
        "Write to «bob@example.com».", "«bob.smith+tag@mail.example.co.uk», please", "<«a_b-c@x-y.org»>",
        "mailto:«o'neil@example.ie»?subject=x", "'«bob@example.com»'", "(«BOB@EXAMPLE.COM»)",
        "«andré@exämple.fr»",
        "«почта@пример.рф»", "«a@b.xn--p1ai»", "«1@2.de»;«3@4.de»", "Anna:«anna@web.de»,Ben:«ben@gmx.net»",
        "user@localhost", "@handle", "a@b", "a @ b.com", "a@", "@b.com", "x@1.2.3.4", "a..b@example.com",
        "me@-.com",
        "price@3.50", "git@", "a.@b.com", "«x@y.com»@z", "—«bob@example.com»—", "日本 «taro@example.jp»",
      ])
  }

  @Test("URLs")
  func urls() {
    check(
      .url,
      [
        "See «https://example.com/a?b=c#d».", "(«http://example.com/x_(y)»)", "<«https://a.b/c»>",
        "«www.example.org/path»,",
        "«HTTP://EXAMPLE.COM»!", "«ftp://files.example.com/a.zip»", "«https://müller.de/straße»",
        "«http://localhost:8080/x»",
        "«example.com» and «example.org/about»", "[«https://example.com»](«https://example.com/2»)",
        "«https://[::1]:80/»", "\"«https://x.y/z»\"", "see «https://example.com», or",
        "«postgres://user:pw@host/db»",
        "glued«https://t.co/x» and", "«git+https://x.y»", "http://", "://x", "a.b", "file.txt", "Node.js",
        "e.g. this", "v1.2.3", "bob@example.com",
        "https:// x", "www.",
        "«http://a/http://b»", "«https://example.com/a»；次",
      ])
  }

  @Test("IP addresses")
  func addresses() {
    check(
      .ip,
      [
        "«192.168.0.1»", "from «10.0.0.255»:8080.", "«8.8.8.8»/24", "[«127.0.0.1»]", "http://«1.2.3.4»/x",
        "«0.0.0.0»,«1.1.1.1»",
        "«2001:0db8:85a3:0000:0000:8a2e:0370:7334»", "«2001:db8::1»", "«::1»", "«fe80::1»%eth0",
        "«::ffff:192.0.2.1»",
        "[«2001:db8::ff00:42:8329»]:443", "«1:2:3:4:5:6:7:8»", "«64:ff9b::»", "address: «fe80::»",
        "256.1.1.1", "1.2.3", "1.2.3.4.5", "v1.2.3.4", "01.2.3.4", "1.2.3.4a", "12:30:45", "12:30", "a::b",
        "std::vector",
        "::", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::1", "00:1A:2B:3C:4D:5E", "1.2.3.456", "x1.2.3.4",
      ])
  }

  @Test("Card numbers")
  func cards() {
    check(
      .card,
      [
        "«4111 1111 1111 1111»", "card «4111111111111111».", "«5500-0000-0000-0004»", "«3400 000000 00009»",
        "«378282246310005»",
        "«6011 1111 1111 1117» exp 12/26", "«30569309025904»", "«3530111333300000»", "«2223 0031 2200 3222»",
        "«4222222222222»",
        "a «4012 8888 8888 1881»/«5105 1051 0510 5100»", "No.«4111111111111111»", "«4111 1111 1111 1111» 123",
        "4111 1111 1111 1112", "4111-1111 1111-1111", "1234 5678 9012 3456", "0000 0000 0000 0000",
        "411111111111111",
        "41111111111111111111", "x4111111111111111", "4111111111111111x", "9111 1111 1111 1111",
        "41 11 11 11 11 11 11 11",
      ])
  }

  @Test("Bank account numbers")
  func accounts() {
    check(
      .iban,
      [
        "«DE89 3704 0044 0532 0130 00»", "IBAN:«DE89370400440532013000».", "«GB29 NWBK 6016 1331 9268 19»",
        "«gb29nwbk60161331926819»",
        "«FR14 2004 1010 0505 0001 3M02 606»,", "«NO9386011117947»", "«CH93 0076 2011 6238 5295 7»",
        "«NL91-ABNA-0417-1643-00»",
        "«MT84MALT011000012345MTLCAST001S»", "«BE68 5390 0754 7034» (BIC …)",
        "DE88 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 0", "XX89 3704 0044 0532 0130 00",
        "DE8937040044053201300012",
        "DE89 37040 044 0532 0130 00", "DE89", "ADE89370400440532013000", "AB12 3456",
      ])
  }

  @Test("Telephone numbers")
  func phones() {
    check(
      .phone,
      [
        "«+49 170 1234567»", "Call «+1 (555) 123-4567».", "«+44 20 7946 0958»", "«+33 (0)6 12 34 56 78»",
        "«+4917012345678»",
        "«0049 170 1234567»", "«(555) 123-4567»", "«555-123-4567»", "«555.123.4567»", "«1-800-555-0199»",
        "«212 555 0187»",
        "«030 12345678»", "«0171/1234567»", "«06 12 34 56 78»", "«020 7946 0958»", "«01711234567»",
        "tel: «555-1234»",
        "phone number is «5551234567»", "call me at «555-0123»!", "Fax: «12345-67»", "«555-123-4567 ext. 12»",
        "«555-123-4567x89»",
        "tel:«+15551234567»", "«+49‑170‑1234567»", "Tel. «0301234567»",
        "1234567", "5551234567", "555-1234", "2024-01-02", "01.02.2023", "12/25/2024", "4111 1111 1111 1111",
        "DE89 3704 0044 0532 0130 00", "192.168.100.200", "$100 200 3000", "1,234,567.89",
        "order 123456789012",
        "+0 123 4567", "+12", "100-200-3000", "3.14159265", "ISBN 978-3-16-148410-0", "x555-123-4567",
        "room 12",
        "2024-01-02 10:00:00", "0.123456789",
      ])
  }

  @Test("Dates")
  func dates() {
    check(
      .date,
      [
        "«2024-01-02»", "«2024/1/2»,", "«2024.12.31»", "at «2024-01-02T10:30:15Z».",
        "«2024-01-02T10:30+01:00»", "«2024-01-02» 10:30",
        "«12/25/2024»", "«25/12/2024»", "«1.5.2024»", "«03.04.21»", "«3/4/21»", "«31-12-1999»",
        "«January 5, 2024»", "«Jan. 5th, 2024»",
        "«Jan 5»", "on «5 January 2024»;", "«5th of March 2023»", "«5. Januar 2024»", "am «3. März» um",
        "«1er janvier 2024»",
        "«5 de enero de 2024»", "«14 juillet 1789»", "«12 Dec 2020»", "«December 2021»", "«May 5»", "«5 May»",
        "«2 février 2020»",
        "«12-Jan-2024»", "«MARCH 3 2020»", "(«2020-02-29»)", "from «May 1» to «May 3»",
        "2024-13-01", "2024-01-32", "31/02/2024", "30.02.2024", "1.2.3", "1.2.03", "24/7", "24/7/365", "12.5",
        "1/2", "12:30",
        "may 5 people", "march 3 miles", "May", "Mayor 5", "1-2-2024-5", "99/99/9999", "1.2.2024.5",
        "v2024-01-02x", "2024-01",
        "January", "5 maybe", "Marching 3", "May 5.5", "555-12-2024", "0000-01-01", "12 marbles",
      ])
  }

  @Test("The longest find wins, and all of it is masked")
  func overlaps() {
    let all = EntityFinder(Set(EntityKind.allCases))
    #expect(
      all.masked(
        "Ann (ann@x.com, +49 170 1234567) paid 4111 1111 1111 1111 on 2024-01-02 via https://x.com/a@b.de from 10.0.0.1."
      )
        == "Ann ([MASKED], [MASKED]) paid [MASKED] on [MASKED] via [MASKED] from [MASKED].")
    #expect(all.spans(in: "http://1.2.3.4/2024-01-02").map(\.kind) == [.url])
    #expect(all.spans(in: "bob@example.com").map(\.kind) == [.email])
    #expect(all.spans(in: "DE89 3704 0044 0532 0130 00").map(\.kind) == [.iban])
    #expect(EntityFinder([.ip]).masked("http://1.2.3.4/", replacement: "*") == "http://*/")
    #expect(all.masked("") == "" && all.masked("nothing here") == "nothing here")
    #expect(EntityFinder([]).masked("bob@example.com") == "bob@example.com")
  }

  @Test("Names of kinds, as people write them")
  func names() {
    for (name, kind) in [
      ("email", EntityKind.email), ("E-Mail", .email), ("emails", .email), ("email address", .email),
      ("email_addresses", .email),
      ("phone", .phone), ("phone_number", .phone), ("Phone Numbers", .phone), ("credit card", .card),
      ("cards", .card),
      ("IBAN", .iban), ("ip", .ip), ("IP addresses", .ip), ("url", .url), ("URLs", .url), ("dates", .date),
    ] {
      #expect(EntityKind(name: name) == kind, "\(name)")
    }
    for name in ["", "person", "address", "ssn", "s", "names", "updated"] {
      #expect(EntityKind(name: name) == nil)
    }
  }

  @Test("No bytes trap; what lies outside of the spans is as it was; masking twice is masking once")
  func anyText() {
    var generator = SeededGenerator(seed: 5)
    let parts = [
      "bob@example.com", "https://x.com/a", "192.168.0.1", "4111 1111 1111 1111",
      "DE89 3704 0044 0532 0130 00", "+49 170 1234567",
      "555-123-4567", "2024-01-02", "5 May 2024", "::1", "fe80::", "tel", "1", "23", "456", "0", "00", "-",
      ".", "/", " ", "@", ":", "+",
      "(", ")", "é", "日", "—", "\u{A0}", "x", "www.", "://", "#", "]", "T10:00", ",", "%", "May ", "of ",
      "ext. 5", "\n",
    ]
    for round in 0..<6_000 {
      var bytes: [UInt8] = []
      if round % 3 == 0 {
        for _ in 0..<Int.random(in: 0...60, using: &generator) {
          bytes.append(.random(in: 0 ... .max, using: &generator))
        }
      } else {
        for _ in 0..<Int.random(in: 0...14, using: &generator) {
          bytes += Array((parts.randomElement(using: &generator) ?? "").utf8)
        }
      }
      var kinds: Set<EntityKind> = []
      for kind in EntityKind.allCases where round % 2 == 0 || Bool.random(using: &generator) {
        kinds.insert(kind)
      }
      let finder = EntityFinder(kinds)
      let spans = bytes.withUnsafeBufferPointer { finder.spans(in: $0) }
      var end = 0
      for span in spans {
        #expect(span.range.lowerBound >= end && !span.range.isEmpty && span.range.upperBound <= bytes.count)
        #expect(kinds.contains(span.kind))
        end = span.range.upperBound
      }
      guard let text = String(validating: bytes, as: UTF8.self) else { continue }
      let masked = finder.masked(text)
      var wanted: [UInt8] = []
      end = 0
      for span in spans {
        wanted += bytes[end..<span.range.lowerBound] + Array(EntityFinder.replacement.utf8)
        end = span.range.upperBound
      }
      #expect(Array(masked.utf8) == wanted + bytes[end...])
      #expect(finder.masked(masked) == masked, "\(text.debugDescription) \(kinds)")
    }
  }

  @Test(
    "Time is linear in hostile texts",
    arguments: ["1", "a@", "a.", "1-", "::", "(1)", "http://", "1 ", "May 5 ", "5 May ", "+1", "é"])
  func hostile(part: String) {
    // Quadratic time would be minutes here.
    let text = String(repeating: part, count: 400_000 / part.utf8.count)
    let spans = EntityFinder(Set(EntityKind.allCases)).spans(in: text)
    #expect(spans.allSatisfy { !$0.range.isEmpty })
  }
}
