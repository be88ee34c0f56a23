import NIOCore

/// A result that is being sent, as far as it could be.
struct RowEmission {
  let rows: WireRows
  let columns: [WireColumn]
  let formats: FormatCodes
  let purpose: ResultPurpose
  let first: Int
  let end: Int
  var next: Int
}

extension ClientSession {
  /// Sends a result, or as much of it as the client takes now.
  func send(_ rows: WireRows, columns: [WireColumn], purpose: ResultPurpose) {
    guard rows.columnCount == columns.count, rows.cells.count.isMultiple(of: columns.count) else {
      let error = WireError(
        .internalError, "the service's rows have \(rows.columnCount) columns instead of \(columns.count)")
      return fail(error, isExtended: purpose.isExtended)
    }
    switch purpose {
    case .simple:
      connection.output.writeRowDescription(columns, formats: .all(.text))
      emission = RowEmission(
        rows: rows, columns: columns, formats: .all(.text), purpose: purpose, first: 0, end: rows.rowCount,
        next: 0)
    case .portal(let name, let maximumRows):
      guard let portal = store.portal(name) else { return }
      let first = portal.nextRow
      let left = rows.rowCount - first
      let count = maximumRows > 0 ? min(maximumRows, left) : left
      if maximumRows > 0, count == maximumRows {
        do throws(WireError) {
          try store.suspend(name, rows: rows, nextRow: first + count)
        } catch {
          return fail(error, isExtended: true)
        }
      } else {
        store.complete(name)
      }
      emission = RowEmission(
        rows: rows, columns: columns, formats: portal.formats, purpose: purpose, first: first,
        end: first + count, next: first)
    }
    emit()
  }

  /// The client takes more again.
  func continueWriting() {
    // Sending a piece can change writability at once, from within `emit`, which then sees it itself.
    guard emission != nil, !isEmitting else { return }
    emit()
    proceed()
  }

  private func emit() {
    guard var current = emission else { return }
    isEmitting = true
    defer { isEmitting = false }
    let width = current.columns.count
    while current.next < current.end {
      let start = connection.output.buffer.writerIndex
      do throws(WireError) {
        let cells = current.rows.cells[current.next * width..<(current.next + 1) * width]
        try writeRow(cells, columns: current.columns, formats: current.formats)
      } catch {
        connection.output.buffer.moveWriterIndex(to: start)
        emission = nil
        return fail(error, isExtended: current.purpose.isExtended)
      }
      current.next += 1
      let mayGoOn = connection.flushPiece()
      // Sending can find out that the client is gone, which ends the session from within.
      if emission == nil { return }
      guard mayGoOn else {
        emission = current
        return
      }
    }
    emission = nil
    complete(current)
  }

  @inline(__always)
  private func writeRow(
    _ cells: ArraySlice<WireCell>, columns: [WireColumn], formats: FormatCodes
  ) throws(WireError) {
    let start = connection.output.buffer.writerIndex
    connection.output.buffer.writeInteger(UInt8(ascii: "D"))
    connection.output.buffer.writeInteger(Int32(0))
    connection.output.buffer.writeInteger(Int16(clamping: columns.count))
    for (place, cell) in cells.enumerated() {
      try encoder.write(
        cell, type: columns[place].type, format: formats[place], into: &connection.output.buffer)
    }
    guard let length = Int32(exactly: connection.output.buffer.writerIndex - start - 1), length < 1 << 30
    else { throw WireError(.programLimitExceeded, "a row is too long for the protocol") }
    connection.output.buffer.setInteger(length, at: start + 1)
  }

  private func complete(_ sent: RowEmission) {
    if case .portal(let name, _) = sent.purpose, store.portal(name)?.isSuspended == true {
      connection.output.writePortalSuspended()
    } else {
      connection.output.writeSelectComplete(rows: sent.end - sent.first)
    }
  }
}
