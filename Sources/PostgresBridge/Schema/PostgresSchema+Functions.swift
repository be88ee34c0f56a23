import PostgresClient

extension PostgresSchema {
  /// Makes the functions of a set, in place of those that are there, and removes those of ours that it does
  /// not have.
  func replaceFunctions(
    by set: FunctionSet, before: Installation?, _ changes: inout [String]
  ) throws(PostgresError) {
    let functions = set.functions
    let names = Set(functions.map(\.name))
    let schemas = Set(["sibyl", set.schema, before?.schema].compactMap { $0 })
    let present = try foundFunctions(in: schemas, names: names)
    try checkConflicts(functions, present)
    if let before, before.schema != set.schema {
      for function in present where function.isOurs && function.schema == before.schema {
        try connection.query("ALTER ROUTINE \(function.identity) SET SCHEMA \(SQLQuoting.name(set.schema))")
      }
      changes.append("Moved the functions from the schema \(before.schema) to \(set.schema).")
    }

    let old = try foundFunctions(in: schemas, names: names).filter(\.isOurs)
    let known = Set(old.map(\.identity))
    for function in functions {
      try make(function, isNew: !known.contains(function.identity))
    }
    let wanted = Set(functions.map(\.identity))
    // First those that need the others.
    for function in old.filter(\.isAggregate) + old.filter({ !$0.isAggregate })
    where !wanted.contains(function.identity) {
      try remove(function, &changes)
    }

    let now = try foundFunctions(in: schemas, names: names).filter(\.isOurs)
    let digests = Dictionary(old.map { ($0.identity, $0.digest) }, uniquingKeysWith: { first, _ in first })
    let made = now.filter { digests[$0.identity] == nil }
    let replaced = now.filter { function in digests[function.identity].map { $0 != function.digest } ?? false
    }
    if !made.isEmpty { changes.append("Made \(count(made)).") }
    if !replaced.isEmpty { changes.append("Replaced \(count(replaced)).") }
  }

  private func count(_ functions: [FoundFunction]) -> String {
    switch functions.count {
    case 1...3: functions.map(\.identity).joined(separator: ", ")
    default: "\(functions.count) functions"
    }
  }

  /// What a user made under a name of ours is not touched.
  private func checkConflicts(
    _ functions: [SQLFunction], _ present: [FoundFunction]
  ) throws(PostgresError) {
    let foreign = Set(present.filter { !$0.isOurs }.map(\.identity))
    let conflicts = functions.map(\.identity).filter(foreign.contains)
    guard !conflicts.isEmpty else { return }
    let schema = functions.first { foreign.contains($0.identity) }?.schema ?? ""
    throw PostgresError(
      sqlState: "42723",
      message:
        "\(conflicts.joined(separator: ", ")) \(conflicts.count == 1 ? "is" : "are") there already, and "
        + "Sibyl did not make \(conflicts.count == 1 ? "it" : "them"): rename or drop "
        + "\(conflicts.count == 1 ? "it" : "them"), or choose another schema than \(schema)")
  }

  private func make(_ function: SQLFunction, isNew: Bool) throws(PostgresError) {
    var isNew = isNew
    do throws(PostgresError) {
      try connection.savepoint { () throws(PostgresError) in try connection.query(function.definition) }
    } catch {
      // The type of the answer or the name of a parameter is another one: replacing can't do that.
      guard error.sqlState == "42P13", !isNew else { throw error.told("\(function.identity) can't be made") }
      do throws(PostgresError) {
        try connection.query("DROP ROUTINE \(function.identity)")
      } catch {
        throw error.told(
          "\(function.identity) gets another type, and something depends on it",
          hint: "Drop what depends on it, run this again, and make it anew.")
      }
      try connection.query(function.definition)
      isNew = true
    }
    try connection.query(function.commentStatement)
    // Rights that an administrator gave or took stay as they are; those inside sibyl are ours alone.
    guard isNew || function.schema == "sibyl" else { return }
    for statement in function.grantStatements { try connection.query(statement) }
  }

  private func remove(_ function: FoundFunction, _ changes: inout [String]) throws(PostgresError) {
    do throws(PostgresError) {
      try connection.savepoint { () throws(PostgresError) in
        try connection.query("DROP ROUTINE \(function.identity)")
      }
      changes.append("Removed \(function.identity), which this version does not have.")
    } catch {
      guard error.sqlState == "2BP01" else { throw error }
      let reason = error.detail?.split(separator: "\n").first.map { ": \($0)" } ?? ""
      changes.append("Kept \(function.identity), which this version does not have\(reason).")
    }
  }
}
