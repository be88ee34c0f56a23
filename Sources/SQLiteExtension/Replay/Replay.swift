import CSQLite
import Diagnostics
import Functions

/// Computes the AI calls of any query in large batches.
///
/// SQLite calls a scalar function one row at a time. Replay runs the query in *collecting passes*: an AI function
/// whose answer is cached gives it, any other call is noted and gives NULL. After a pass, what was noted is
/// computed together; passes are repeated until one notes nothing. A call inside a call, or a call on rows that
/// another call selects, takes one pass more. In between, wrong NULLs may steer which rows are read and which
/// calls are noted: that can cost work, never an answer, because the last pass met no NULL of that kind.
///
/// Nothing is written: a query that could write is refused.
package struct Replay {
  /// After so many passes a query that still finds new calls is left to run as it is.
  package static let maximumPasses = 32
  /// A query with LIMIT may need few of its rows: its first pass ends after so many noted calls, each further one
  /// after `batchGrowth` times as many.
  package static let firstBatch = 1_024
  package static let batchGrowth = 4

  private let session: ConnectionSession
  private var connection: OpaquePointer { session.connection }

  package init(_ session: ConnectionSession) {
    self.session = session
  }

  /// Whether a statement calls an AI function anywhere: itself, through a view, a trigger or a generated column.
  /// The statement is compiled and not run. False also for what SQLite does not compile.
  package func makesCalls(_ sql: String) -> Bool { placesOfCalls(sql, atMost: 1) > 0 }

  /// From how many places of its compiled form a statement calls AI functions; counted up to a limit.
  private func placesOfCalls(_ sql: String, atMost limit: Int) -> Int {
    guard let explanation = try? SQLStatement("EXPLAIN " + sql, on: connection) else { return 0 }
    var places = 0
    while places < limit, csqlite_step(explanation.pointer) == SQLITE_ROW {
      // Column p4 of a function's instruction is its name and its number of arguments: `ai_embed(1)`.
      guard let operand = csqlite_column_text(explanation.pointer, 5) else { continue }
      let name = String(String(cString: operand).prefix { $0 != "(" })
      if Catalogue.function(named: name)?.isCached == true || Catalogue.aggregate(named: name) != nil {
        places += 1
      }
    }
    return places
  }

  /// Whether the first pass finds all calls of a query, and its number of rows: one call that stands in its text, and
  /// none in a view or a generated column.
  private func findsCallsAtOnce(_ query: String) -> Bool {
    StatementCalls(query).areFoundAtOnce && placesOfCalls(query, atMost: 2) == 1
  }

  /// Replays a query until all its AI calls have their answers in the cache.
  ///
  /// - Parameters:
  ///   - query: a statement that only reads, without parameters: a statement's query part.
  ///   - mentionsLimit: see `StatementAnalysis`.
  ///   - needsRows: whether the rows are wanted with all their answers, which takes a pass of its own. Without them, a
  ///     query whose calls are all known after the first pass is not read again, and the report says neither that it is
  ///     complete nor that it is exact.
  ///   - budget: may end the work early; the report tells.
  /// - Throws: what the query itself raises when no missing answer can be the cause; a missing model;
  ///   cancellation. What was computed before stays in the cache.
  package func collect(
    _ query: String, mentionsLimit: Bool, needsRows: Bool = true, budget: BudgetMeter? = nil,
    observer: any ReplayObserver
  ) throws(SibylError) -> ReplayReport {
    let statement = try prepare(query)
    let start = ContinuousClock.now
    let cascades = CascadeWatch()
    let pass = CollectingPass(observer: observer, budget: budget, host: session)
    session.pass = pass
    defer {
      session.pass = nil
      pass.end()
    }

    var report = ReplayReport()
    var pendingLimit = mentionsLimit ? Self.firstBatch : Int.max
    while report.passes < Self.maximumPasses {
      report.passes += 1
      pass.begin(pendingLimit: pendingLimit)
      let outcome = read(statement.pointer, pass: pass, observer: observer)
      report.rows = outcome.rows
      if let failure = pass.failure { throw failure }
      if pass.spent != nil { break }
      if let error = outcome.error, !pass.isCutShort {
        // A NULL in place of an answer may have caused it, as long as there was one.
        guard !pass.isExact, outcome.isStatementsOwn else { throw error }
      }
      guard pass.hasRecorded else {
        report.isComplete = true
        report.isExact = pass.isExact
        break
      }
      do throws(SibylError) {
        try pass.compute()
      } catch {
        if pass.spent != nil { break }
        throw error
      }
      if !needsRows, observer.witness == nil, outcome.error == nil, findsCallsAtOnce(query) { break }
      pendingLimit =
        pendingLimit.multipliedReportingOverflow(by: Self.batchGrowth).overflow
        ? Int.max : pendingLimit * Self.batchGrowth
    }

    report.counts = pass.collector.counts
    report.cascades = cascades.reports
    report.stoppedBy = pass.spent
    report.left = pass.left
    report.seconds = start.duration(to: .now) / .seconds(1)
    return report
  }

  /// Finds out what a query's AI calls would cost, without computing more of them than a sample.
  ///
  /// - Parameter isExact: whether the tokens of all calls are counted.
  /// - Throws: as `collect` does.
  package func explain(
    _ query: String, isExact: Bool, observer: any ReplayObserver
  ) throws(SibylError) -> CostEstimate {
    let statement = try prepare(query)
    let survey = CallSurvey(isExact: isExact)
    let pass = CollectingPass(observer: observer, survey: survey, host: session)
    session.pass = pass
    let outcome: Outcome
    do {
      defer {
        session.pass = nil
        pass.end()
      }
      pass.begin(pendingLimit: .max)
      outcome = read(statement.pointer, pass: pass, observer: observer)
    }
    if let failure = pass.failure { throw failure }
    // A NULL in place of an answer may have caused it.
    if let error = outcome.error, pass.isExact || !outcome.isStatementsOwn { throw error }
    var estimate = try CostEstimate(
      survey, counts: pass.collector.countsPerFunction, isCancelled: { observer.isCancelled })
    estimate.rows = outcome.rows
    estimate.passes = pass.isExact ? 1 : 2
    estimate.isComplete = pass.isExact || (outcome.error == nil && !StatementCalls(query).mayDecide)
    return estimate
  }

  private func prepare(_ query: String) throws(SibylError) -> SQLStatement {
    guard session.pass == nil else {
      throw SibylError(.invalidArgument, "a statement that is being prefetched cannot prefetch another one")
    }
    let statement = try SQLStatement(query, on: connection)
    guard csqlite_stmt_readonly(statement.pointer) != 0 else {
      throw SibylError(.invalidArgument, "a statement that writes cannot be replayed")
    }
    return statement
  }

  private struct Outcome {
    var rows = 0
    var error: SibylError?
    /// Whether the error is about values, not about the database or the machine.
    var isStatementsOwn = false
  }

  /// Reads all rows of a pass.
  private func read(
    _ statement: OpaquePointer, pass: CollectingPass, observer: any ReplayObserver
  ) -> Outcome {
    var outcome = Outcome()
    defer { csqlite_reset(statement) }
    while true {
      let status = csqlite_step(statement)
      if status == SQLITE_ROW {
        outcome.rows += 1
        if pass.isExact { observer.rowIsKnown(statement) }
        continue
      }
      if status != SQLITE_DONE {
        let error = SQLStatement.failure(of: connection, status)
        outcome.error = error
        outcome.isStatementsOwn = error.kind == .invalidArgument
      }
      return outcome
    }
  }
}
