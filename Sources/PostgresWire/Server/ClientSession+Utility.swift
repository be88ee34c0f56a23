/// Statements that the session answers itself.
extension ClientSession {
  /// In a failed transaction block only its end is taken.
  func checkTransaction(allows statement: Statement) throws(WireError) {
    guard transaction == .failed else { return }
    switch statement {
    case .commit, .rollback: return
    default:
      throw WireError(
        .transactionFailed, "current transaction is aborted, commands ignored until end of transaction block")
    }
  }

  /// Runs a statement that returns no rows.
  ///
  /// - Returns: its command tag.
  func runUtility(_ statement: Statement) throws(WireError) -> String {
    switch statement {
    case .begin:
      if transaction == .open {
        connection.output.writeNotice(
          WireError(
            .transactionAlreadyOpen, "there is already a transaction in progress", severity: .warning))
      }
      transaction = .open
      return "BEGIN"
    case .commit: return endTransaction(tag: transaction == .failed ? "ROLLBACK" : "COMMIT")
    case .rollback: return endTransaction(tag: "ROLLBACK")
    case .set(let name, let value):
      report(try settings.set(name, to: value))
      return "SET"
    case .reset(let name):
      if let name {
        report(try settings.set(name, to: nil))
      } else {
        for setting in settings.resetAll() { report(setting) }
      }
      return "RESET"
    case .discard(let tag):
      guard transaction == .idle || tag != "DISCARD ALL" else {
        throw WireError(
          .transactionAlreadyOpen, "DISCARD ALL cannot run inside a transaction block")
      }
      if tag == "DISCARD ALL" {
        store.closeAllPortals()
        store.closeAllStatements()
        for setting in settings.resetAll() { report(setting) }
      }
      return tag
    case .deallocate(let name):
      guard let name else {
        store.closeAllStatements()
        return "DEALLOCATE ALL"
      }
      guard store.hasStatement(name) else {
        throw WireError(.invalidStatementName, "prepared statement \"\(name)\" does not exist")
      }
      store.closeStatement(name)
      return "DEALLOCATE"
    case .nothing(let tag): return tag
    case .call, .literal, .show:
      throw WireError(.internalError, "a statement that returns rows was taken for another")
    }
  }

  private func endTransaction(tag: String) -> String {
    if transaction == .idle {
      connection.output.writeNotice(
        WireError(.noTransactionOpen, "there is no transaction in progress", severity: .warning))
    }
    transaction = .idle
    return tag
  }

  private func report(_ setting: SessionSettings.Reported?) {
    guard let setting else { return }
    if setting.name == "application_name" { identity.setApplicationName(setting.value) }
    connection.output.writeParameterStatus(setting.name, setting.value)
  }

  // MARK: SHOW

  /// The result of SHOW; nil stands for ALL.
  func shown(_ name: String?) throws(WireError) -> (rows: WireRows, columns: [WireColumn]) {
    guard let name else {
      var rows = WireRows(columnCount: 3)
      for setting in settings.all {
        for text in [setting.name, setting.value, ""] { rows.append(.text(text)) }
      }
      return (rows, ["name", "setting", "description"].map { WireColumn($0, .text) })
    }
    guard let value = settings[name] else {
      throw WireError(.undefinedObject, "unrecognized configuration parameter \"\(name)\"")
    }
    return (WireRows(.text(value)), [WireColumn(SessionSettings.displayName(name), .text)])
  }

  // MARK: SELECT <literal>

  static func literalResult(_ literal: WireCall) -> (column: WireColumn, cell: WireCell) {
    let argument = literal.arguments.first ?? WireArgument(.null)
    let type: WireType =
      if let name = argument.typeName {
        WireType(named: name) ?? .text
      } else if case .number(let text) = argument.value {
        Int32(text) != nil ? .integer : Int64(text) != nil ? .bigint : .numeric
      } else {
        .text
      }
    let name =
      switch argument.value {
      case _ where literal.alias != nil: literal.alias ?? ""
      case .array: "array"
      default: argument.typeName == nil ? "?column?" : type.columnName
      }
    let cell: WireCell =
      switch argument.value {
      case .null: .null
      case .boolean(let value): .boolean(value)
      default: argument.value.text.map(WireCell.text) ?? .null
      }
    return (WireColumn(name, type), cell)
  }
}
