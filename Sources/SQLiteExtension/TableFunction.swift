import CSQLite
import Diagnostics
import Functions

/// A table-valued function of the catalogue on one connection: an eponymous virtual table
/// (https://www.sqlite.org/vtab.html#epovtab) whose parameters are hidden columns behind the visible ones.
final class TableFunction {
  let session: ConnectionSession
  let table: AITable

  private init(_ table: AITable, session: ConnectionSession) {
    self.session = session
    self.table = table
  }

  static func register(_ table: AITable, on session: ConnectionSession) -> Int32 {
    let function = TableFunction(table, session: session)
    for name in [table.name] + table.aliases {
      session.retainRegistration()
      let status = csqlite_create_module_v2(
        session.connection, name, TableModule.shared, Unmanaged.passRetained(function).toOpaque(),
        { pointer in TableFunction.destroy(pointer) })
      guard status == SQLITE_OK else { return status }
    }
    return SQLITE_OK
  }

  private static func destroy(_ pointer: UnsafeMutableRawPointer?) {
    guard let pointer else { return }
    let function = Unmanaged<TableFunction>.fromOpaque(pointer)
    function.takeUnretainedValue().session.releaseRegistration()
    function.release()
  }

  /// What SQLite is told about the columns. A hidden column is named after its parameter with an underscore
  /// in front, so that a parameter may have the name of a column.
  var declaration: String {
    let visible = table.columns.map { "\"\($0.name)\" \($0.type.sqliteName)" }
    let hidden = table.parameters.map { "\"_\($0.name)\" HIDDEN" }
    return "CREATE TABLE x(\((visible + hidden).joined(separator: ", ")))"
  }

  /// The rows of a call; while collecting, a call that fails has none, and the statement itself will tell.
  func rows(_ arguments: [Value]) throws(SibylError) -> [AITable.Row] {
    do throws(SibylError) {
      return try Evaluator.shared.rows(of: table, arguments, host: session)
    } catch {
      guard let pass = session.pass else { throw error }
      pass.leaveOpen()
      return []
    }
  }

  // MARK: - Planning

  /// Which parameters a plan supplies, as bits: parameter 0 is bit 0.
  enum Plan {
    case supplies(parameters: Int32)
    /// The values come from a table that this plan reads later; SQLite then tries another order.
    case unusable
  }

  /// Answers `xBestIndex`: takes an equality for every parameter, in the parameters' order.
  func plan(_ info: UnsafeMutablePointer<sqlite3_index_info>) throws(SibylError) -> Plan {
    let count = max(0, Int(info.pointee.nConstraint))
    var constraints = [Int?](repeating: nil, count: table.parameters.count)
    var isUnusable = [Bool](repeating: false, count: table.parameters.count)
    if let given = info.pointee.aConstraint {
      for index in 0..<count where Int32(given[index].op) == SQLITE_INDEX_CONSTRAINT_EQ {
        let parameter = Int(given[index].iColumn) - table.columns.count
        guard constraints.indices.contains(parameter) else { continue }
        if given[index].usable == 0 {
          isUnusable[parameter] = true
        } else if constraints[parameter] == nil {
          constraints[parameter] = index
        }
      }
    }
    var supplied: Int32 = 0
    var next: Int32 = 1
    for (parameter, constraint) in constraints.enumerated() {
      guard let constraint else {
        if isUnusable[parameter] { return .unusable }
        if table.parameters[parameter].isRequired { throw table.missingArgumentError(parameter) }
        continue
      }
      info.pointee.aConstraintUsage[constraint].argvIndex = next
      info.pointee.aConstraintUsage[constraint].omit = 1
      next += 1
      supplied |= 1 << Int32(parameter)
    }
    info.pointee.estimatedCost = 100
    info.pointee.estimatedRows = 25
    return .supplies(parameters: supplied)
  }
}
