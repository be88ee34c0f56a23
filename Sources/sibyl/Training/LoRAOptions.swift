import ArgumentParser
import Training

/// How `sibyl train` fine-tunes an encoder.
struct LoRAOptions: ParsableArguments {
  @Option(help: ArgumentHelp("LoRA: columns of the low-rank matrices.", valueName: "count"))
  var rank = FineTuningOptions().rank

  @Option(help: ArgumentHelp("LoRA: times that all rows are gone through.", valueName: "count"))
  var epochs = FineTuningOptions().epochs

  @Option(help: ArgumentHelp("LoRA: the adapters' highest learning rate.", valueName: "rate"))
  var learningRate = FineTuningOptions().learningRate

  @Option(help: ArgumentHelp("LoRA: the head's highest learning rate.", valueName: "rate"))
  var headLearningRate = FineTuningOptions().headLearningRate

  @Option(help: ArgumentHelp("LoRA: rows a step.", valueName: "count"))
  var batchSize = FineTuningOptions().batchSize

  @Option(help: ArgumentHelp("LoRA: the share of activations that each step leaves out.", valueName: "share"))
  var dropout = FineTuningOptions().dropout

  @Option(help: ArgumentHelp("LoRA: how much weights decay.", valueName: "rate"))
  var weightDecay = FineTuningOptions().weightDecay

  @Option(
    help: ArgumentHelp(
      "LoRA: looks at the held-out rows, two an epoch, without a better result that end the training.",
      valueName: "count"))
  var patience = FineTuningOptions().patience

  @Option(
    help: ArgumentHelp("LoRA: the share of rows that are held out to see when to stop.", valueName: "share"))
  var holdOut = 0.1

  @Option(
    help: ArgumentHelp(
      "LoRA: the same seed and rows give the same file, bit for bit, on any number of cores.",
      valueName: "number"))
  var seed = FineTuningOptions().seed

  func validate() throws {
    guard holdOut > 0, holdOut <= 0.5 else {
      throw ValidationError("--hold-out takes a share above 0 and up to 0.5, not \(holdOut)")
    }
  }

  var options: FineTuningOptions {
    var options = FineTuningOptions()
    options.rank = rank
    options.epochs = epochs
    options.learningRate = learningRate
    options.headLearningRate = headLearningRate
    options.batchSize = batchSize
    options.dropout = dropout
    options.weightDecay = weightDecay
    options.patience = patience
    options.seed = seed
    return options
  }

  /// The options as they are written on the command line.
  var commandLine: String {
    "--rank \(rank) --epochs \(epochs) --learning-rate \(learningRate) --head-learning-rate \(headLearningRate) "
      + "--batch-size \(batchSize) --dropout \(dropout) --weight-decay \(weightDecay) --patience \(patience) "
      + "--hold-out \(holdOut) --seed \(seed)"
  }
}
