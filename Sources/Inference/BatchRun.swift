import Diagnostics
import Models
import Tensor

/// Runs one micro-batch and tells its requests.
///
/// Threads: any; it borrows the buffers that it needs.
enum BatchRun {
  /// - Parameter team: cores that share each layer's work, or nil to do it on the calling thread alone.
  static func run(_ slices: [Batcher.Slice], team: CoreTeam? = nil) {
    let wanted = slices.filter { slice in
      let isMoot = slice.group.request.isMoot
      if isMoot { slice.group.request.finish(windows: slice.windows.count) }
      return !isMoot
    }
    guard let request = wanted.first?.group.request else { return }
    do throws(SibylError) {
      try request.encoder.withState { state throws(SibylError) in
        state.team = team
        // A slice that is a whole group needs no copy of its tokens, nor of its vectors.
        if wanted.count == 1, wanted[0].windows == wanted[0].group.batch.sequences.indices {
          try request.encoder.encoder(
            wanted[0].group.batch, request.output, into: wanted[0].group.vectors, state)
          return
        }
        try runPacked(wanted, request, state)
      }
      ProcessLifetime.noteKernels(Kernel.compiledCount)
      for slice in wanted { slice.group.request.finish(windows: slice.windows.count) }
    } catch {
      for slice in wanted { slice.group.request.finish(windows: slice.windows.count, error: error) }
    }
  }

  private static func runPacked(
    _ slices: [Batcher.Slice], _ request: EncodingRequest, _ state: BertState
  ) throws(SibylError) {
    var batch = PackedBatch()
    for slice in slices {
      let source = slice.group.batch
      for window in slice.windows { batch.append(source.ids[source.sequences[window]]) }
    }
    let width = slices[0].group.width
    let vectors = UnsafeMutableBufferPointer<Float>.allocate(capacity: batch.sequences.count * width)
    vectors.initialize(repeating: 0)
    defer { vectors.deallocate() }
    try request.encoder.encoder(batch, request.output, into: vectors, state)
    var row = 0
    for slice in slices {
      let part = UnsafeMutableBufferPointer(
        rebasing: vectors[(row * width)..<((row + slice.windows.count) * width)])
      _ = slice.group.rows(slice.windows).update(fromContentsOf: part)
      row += slice.windows.count
    }
  }
}
