import SQLiteExtension
import Training

/// Draws how far an ai_train is that runs in a statement.
final class SessionTrainingLine: TrainingObserver {
  private var line = TrainingProgressLine()

  func progressed(_ progress: FineTuningProgress) { line.show(progress) }

  func ended() { line.clear() }
}
