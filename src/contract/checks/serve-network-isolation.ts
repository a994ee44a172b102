import { hostingFault } from './attribution.js';
import { type CheckDefinition, failed, passed, skipped } from './check.js';
import { isObserved, notObserved, seeInstead, tail } from './words.js';

export const serveNetworkIsolation: CheckDefinition = {
  id: 'serve-network-isolation',
  group: 'hosting',
  severity: 'error',
  title: 'Serving works without a network',
  proves: 'With network isolation on, the server starts without downloads and without AWS credentials.',
  why: 'EnableNetworkIsolation cuts the container off from the internet and gives it no credentials.',
  fix: 'Put packages, tokenizers and weights into the image or the model, or leave `network-isolation` off.',
  source: '[doc] mkt-algo-model-internet-free.md',
  judged: 'when `network-isolation` is true',
  judge({ hosting }) {
    if (!isObserved(hosting)) {
      return notObserved(hosting);
    }
    const { run } = hosting;
    if (!run.networkIsolation) {
      return skipped('`network-isolation` is off.');
    }
    const fault = hostingFault(run);
    if (fault === 'serve-network-isolation') {
      return failed(run.diagnosis?.cause ?? 'The server tried to reach the network.', {
        lines: tail(run.logTail),
      });
    }
    return fault === undefined ? passed('Serves without a network.') : seeInstead(fault);
  },
};
