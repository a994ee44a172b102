import { trainingFault } from './attribution.js';
import { type CheckDefinition, failed, passed, skipped } from './check.js';
import { failingLog, isObserved, notObserved, seeInstead } from './words.js';

export const trainNetworkIsolation: CheckDefinition = {
  id: 'train-network-isolation',
  group: 'training',
  severity: 'error',
  title: 'Training works without a network',
  proves: 'With network isolation on, the program neither downloads anything nor asks for AWS credentials.',
  why: 'EnableNetworkIsolation cuts the container off from the internet and gives it no credentials; SageMaker itself still brings the channels and takes the model.',
  fix: 'Put packages and pretrained weights into the image or a channel, or leave `network-isolation` off.',
  source: '[doc] mkt-algo-model-internet-free.md; [obs] failures T37, T38',
  judged: 'when `network-isolation` is true',
  judge({ training }) {
    if (!isObserved(training)) {
      return notObserved(training);
    }
    const { run } = training;
    if (!run.networkIsolation) {
      return skipped('`network-isolation` is off.');
    }
    const fault = trainingFault(run);
    if (fault === 'train-network-isolation') {
      return failed(run.diagnosis?.cause ?? 'The program tried to reach the network.', {
        lines: failingLog(run),
        ...(run.diagnosis && { fix: run.diagnosis.fix }),
      });
    }
    return fault === undefined ? passed('Trained without a network.') : seeInstead(fault);
  },
};
