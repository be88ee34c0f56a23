import Foundation
import PostgresWire
import Threads

/// A service whose functions do one thing each, so that tests see what the wire makes of it.
final class TestService: WireService {
  struct Events {
    var calls: [WireCall] = []
    var started: [Int32] = []
    var ended: [Int32] = []
    var cancelled = 0
  }

  let events = Guarded(Events())
  /// Requests that `hold()` keeps for the test to answer.
  let held = Guarded<[WireRequest]>([])

  func describe(
    _ signature: WireSignature, session: WireSession
  ) throws(WireError) -> WireDescription {
    switch signature.name {
    case "echo", "later": return .init(argumentTypes: [.text], columns: [.init(signature.name, .text)])
    case "show_call", "hold", "wait", "stubborn", "drop", "no_rows":
      return .init(argumentTypes: [], columns: [.init(signature.name, .text)])
    case "add": return .init(argumentTypes: [.bigint, .bigint], columns: [.init("add", .bigint)])
    case "divide":
      return .init(argumentTypes: [.doublePrecision], columns: [.init("divide", .doublePrecision)])
    case "embed": return .init(argumentTypes: [.realArray], columns: [.init("embed", .realArray)])
    case "label": return .init(argumentTypes: [.textArray], columns: [.init("label", .textArray)])
    case "typed":
      return .init(
        argumentTypes: [],
        columns: [
          .init("b", .boolean), .init("i2", .smallint), .init("i4", .integer), .init("i8", .bigint),
          .init("f4", .real), .init("f8", .doublePrecision), .init("t", .text), .init("j", .jsonb),
          .init("ta", .textArray), .init("ra", .realArray), .init("n", .text),
        ])
    case "series":
      return .init(argumentTypes: [.integer], columns: [.init("n", .integer), .init("t", .text)])
    case "wrong_rows": return .init(argumentTypes: [], columns: [.init("a", .text), .init("b", .text)])
    case "bad_cell": return .init(argumentTypes: [], columns: [.init("bad_cell", .integer)])
    default:
      throw WireError(
        .undefinedFunction, "function \(signature.name) does not exist", hint: "This is the test service.")
    }
  }

  func run(_ request: WireRequest) {
    events.withLock { $0.calls.append(request.call) }
    let arguments = request.call.arguments.map(\.value)
    switch request.call.name {
    case "echo": request.succeed(arguments.first?.text.map(WireCell.text) ?? .null)
    case "later":
      let text = arguments.first?.text
      Thread.detachNewThread { request.succeed(text.map(WireCell.text) ?? .null) }
    case "show_call": request.succeed(.text(Self.shown(request.call)))
    case "hold": held.withLock { $0.append(request) }
    case "wait":
      request.onCancel { [self] in
        events.withLock { $0.cancelled += 1 }
        request.fail(.cancelled)
      }
    case "stubborn":
      Thread.detachNewThread {
        while !request.isCancelled { usleep(1_000) }
        request.succeed(.text("done all the same"))
      }
    case "drop": break
    case "add":
      guard case .number(let a) = arguments[0], case .number(let b) = arguments[1], let a = Int64(a),
        let b = Int64(b)
      else { return request.succeed(.null) }
      request.succeed(.integer(a + b))
    case "divide":
      request.fail(
        WireError(SQLState(rawValue: "22012"), "division by zero", detail: "A detail.", hint: "A hint."))
    case "embed", "label": request.succeed(arguments[0].text.map(WireCell.text) ?? .null)
    case "typed":
      request.succeed(
        WireRows(
          columnCount: 11,
          cells: [
            .boolean(true), .integer(-2), .text("70000"), .integer(1 << 40), .real(0.1), .double(1e100),
            .text("grüße"), .text(#"{"a": 1}"#), .texts(["a", nil, "b \"c\"", ""]), .reals([0.5, -1e-7]),
            .null,
          ]))
    case "series":
      let count = arguments[0].text.flatMap { Int($0) } ?? 0
      var rows = WireRows(columnCount: 2)
      for number in 0..<count {
        rows.append(.integer(Int64(number)))
        rows.append(.text("row \(number)"))
      }
      request.succeed(rows)
    case "wrong_rows": request.succeed(.text("alone"))
    case "no_rows": request.succeed(WireRows(columnCount: 1))
    case "bad_cell": request.succeed(.text("not a number"))
    default: request.fail(WireError(.internalError, "unknown"))
    }
  }

  func sessionStarted(_ session: WireSession) {
    events.withLock { $0.started.append(session.id) }
  }

  func sessionEnded(_ session: WireSession) {
    events.withLock { $0.ended.append(session.id) }
  }

  /// A call in words: `scalar name(type:value, …) alias`.
  static func shown(_ call: WireCall) -> String {
    func word(_ value: WireValue) -> String {
      switch value {
      case .null: "null"
      case .text(let text): "'\(text)'"
      case .number(let text): text
      case .boolean(let value): "\(value)"
      case .array(let elements): "[" + elements.map(word).joined(separator: ",") + "]"
      }
    }
    let arguments = call.arguments.map { "\($0.typeName ?? "?"):\(word($0.value))" }
    let form = call.form == .scalar ? "scalar" : "table"
    return "\(form) \(call.name)(\(arguments.joined(separator: ", ")))"
      + (call.alias.map { " as \($0)" } ?? "")
  }
}

/// Waits until something is so; false after some seconds.
func eventually(_ condition: () -> Bool) -> Bool {
  for _ in 0..<6_000 {
    if condition() { return true }
    usleep(5_000)
  }
  return condition()
}
