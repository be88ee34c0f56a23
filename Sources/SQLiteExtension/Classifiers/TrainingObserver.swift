import Training

/// Is told how far a training on a connection is, on the connection's thread.
package protocol TrainingObserver: AnyObject {
  func progressed(_ progress: FineTuningProgress)
  func ended()
}
