import RemoteModels
import Testing

@Suite struct RetryPolicyTests {
  @Test func pausesDoubleUpToABound() {
    let policy = RetryPolicy()
    #expect((1...4).map { policy.pause(after: $0, random: 1) } == [0.5, 1, 2, 4])
    #expect(policy.pause(after: 5, random: 1) == nil)
    var patient = RetryPolicy()
    patient.attempts = 100
    #expect(patient.pause(after: 99, random: 1) == 30)
  }

  @Test func jitterIsFull() {
    let policy = RetryPolicy()
    #expect(policy.pause(after: 3, random: 0) == 0)
    #expect(policy.pause(after: 3, random: 0.25) == 0.5)
    #expect(policy.pause(after: 3, random: 7) == 2)
  }

  @Test func whatTheServerAsksForIsWaitedFor() {
    let policy = RetryPolicy()
    #expect(policy.pause(after: 1, requested: 7, random: 0) == 7)
    #expect(policy.pause(after: 1, requested: 7, random: 1) == 7.5)
    #expect(policy.pause(after: 1, requested: 121, random: 0) == nil)
    #expect(policy.pause(after: 5, requested: 1, random: 0) == nil)
  }
}

@Suite struct RetryAfterTests {
  /// 1994-11-06T08:49:37Z, the example of RFC 9110.
  static let example = 784_111_777.0

  @Test(arguments: [
    "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
  ]) func datesOfAllThreeForms(_ text: String) {
    #expect(RetryAfter.seconds(text, now: Self.example - 30) == 30)
    #expect(RetryAfter.seconds(text, now: Self.example + 30) == 0)
  }

  @Test func leapDays() {
    let day = 86_400.0
    let before = RetryAfter.seconds("Wed, 28 Feb 2024 00:00:00 GMT", now: 0)
    let after = RetryAfter.seconds("Fri, 01 Mar 2024 00:00:00 GMT", now: 0)
    #expect(before.flatMap { before in after.map { $0 - before } } == 2 * day)
    #expect(before == 1_709_078_400)
  }

  @Test func numbers() {
    #expect(RetryAfter.seconds("120", now: 0) == 120)
    #expect(RetryAfter.seconds("0", now: 0) == 0)
  }

  @Test(arguments: [
    "", " ", "-1", "1.5", "soon", "99999999999999999999", "999999999999999", "Sun, 06 Nov 1994 25:49:37 GMT",
    "Sun, 99 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT",
    "a b c d e",
    "a, b c d e GMT", "::::: 1 2 3 4",
  ]) func nonsenseSaysNothing(_ text: String) { #expect(RetryAfter.seconds(text, now: 0) == nil) }
}

@Suite struct CircuitBreakerTests {
  @Test func opensAfterFailuresInARow() {
    var breaker = CircuitBreaker()
    func permission(_ now: Double) -> CircuitBreaker.Permission { breaker.permission(now: now) }
    for _ in 0..<(CircuitBreaker.mostFailures - 1) { breaker.failed(now: 100) }
    breaker.succeeded()
    for _ in 0..<(CircuitBreaker.mostFailures - 1) { breaker.failed(now: 100) }
    #expect(permission(100) == .granted)
    breaker.failed(now: 100)
    #expect(permission(103) == .refused(seconds: 7))
  }

  @Test func oneRequestTriesTheServer() {
    var breaker = CircuitBreaker()
    func permission(_ now: Double) -> CircuitBreaker.Permission { breaker.permission(now: now) }
    for _ in 0..<CircuitBreaker.mostFailures { breaker.failed(now: 0) }
    #expect(permission(10) == .granted)
    #expect(permission(10) == .wait)
    breaker.failed(now: 10)
    #expect(permission(29) == .refused(seconds: 1))
    #expect(permission(30) == .granted)
    breaker.succeeded()
    #expect(permission(30) == .granted)
    #expect(permission(30) == .granted)
  }

  @Test func aTrialThatIsBrokenOffLetsTheNextOneTry() {
    var breaker = CircuitBreaker()
    func permission(_ now: Double) -> CircuitBreaker.Permission { breaker.permission(now: now) }
    for _ in 0..<CircuitBreaker.mostFailures { breaker.failed(now: 0) }
    #expect(permission(10) == .granted)
    breaker.abandoned(now: 11)
    #expect(permission(11) == .granted)
  }

  @Test func pausesAreBounded() {
    var breaker = CircuitBreaker()
    func permission(_ now: Double) -> CircuitBreaker.Permission { breaker.permission(now: now) }
    for _ in 0..<CircuitBreaker.mostFailures { breaker.failed(now: 0) }
    var now = 0.0
    for _ in 0..<20 {
      now += CircuitBreaker.longestPause
      #expect(permission(now) == .granted)
      breaker.failed(now: now)
    }
    #expect(permission(now) == .refused(seconds: CircuitBreaker.longestPause))
  }
}

@Suite struct ServerDialectTests {
  @Test func schemasAreToldInTheNextForm() {
    var dialect = ServerDialect()
    func adapt(_ status: Int, _ message: String, hasSchema: Bool) -> Bool {
      dialect.adapt(status: status, message: message, hasSchema: hasSchema)
    }
    let refusal = "Input should be 'text' or 'json_object'"
    #expect(adapt(500, refusal, hasSchema: true))
    #expect(dialect.schemaForm == .objectWithSchema)
    #expect(adapt(400, "response_format is not supported", hasSchema: true))
    #expect(adapt(400, "response_format is not supported", hasSchema: true))
    #expect(dialect.schemaForm == .words)
    #expect(!adapt(400, "response_format is not supported", hasSchema: true))
  }

  @Test func namesOfMembers() {
    var dialect = ServerDialect()
    func adapt(_ status: Int, _ message: String, hasSchema: Bool) -> Bool {
      dialect.adapt(status: status, message: message, hasSchema: hasSchema)
    }
    let message = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
    #expect(adapt(400, message, hasSchema: false))
    #expect(dialect.namesCompletionTokens)
    #expect(!adapt(400, message, hasSchema: false))
    #expect(adapt(400, "'temperature' does not support 0", hasSchema: false))
    #expect(!dialect.sendsTemperature)
  }

  @Test func otherRefusalsAreNoMatterOfForm() {
    var dialect = ServerDialect()
    func adapt(_ status: Int, _ message: String, hasSchema: Bool) -> Bool {
      dialect.adapt(status: status, message: message, hasSchema: hasSchema)
    }
    #expect(!adapt(400, "the prompt is too long", hasSchema: true))
    #expect(!adapt(429, "response_format", hasSchema: true))
    #expect(!adapt(400, "response_format", hasSchema: false))
    #expect(dialect == ServerDialect())
  }
}
