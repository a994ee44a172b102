import { trainingFault } from './attribution.js';
import { type CheckDefinition, failed, passed } from './check.js';
import { failingLog, isObserved, notObserved } from './words.js';

export const trainStarts: CheckDefinition = {
  id: 'train-starts',
  group: 'training',
  severity: 'error',
  title: 'The container starts with the argument train',
  proves: 'There is a program to run, it is executable, and the processor and interpreter can run it.',
  why: 'SageMaker runs `docker run <image> train`. Without an ENTRYPOINT it looks for a program called `train` on PATH.',
  fix: 'Put an executable file `train` on PATH (`COPY train /usr/local/bin/train`, `RUN chmod +x /usr/local/bin/train`, LF line ends, a `#!` line), or set an exec-form ENTRYPOINT.',
  source: '[doc] your-algorithms-training-algo-dockerfile.md; [obs] failures T02, T03, T15, T16, T17',
  judged: 'with every training run',
  judge({ training }) {
    if (!isObserved(training)) {
      return notObserved(training);
    }
    const { run } = training;
    if (trainingFault(run) !== 'train-starts') {
      return passed('The program started.');
    }
    const host = run.hosts.find((candidate) => candidate.startError !== undefined);
    const evidence = host?.startError ?? `It ended at once with exit code ${run.hosts[0]?.exitCode}.`;
    return failed(evidence, {
      lines: failingLog(run),
      ...(run.diagnosis && run.diagnosis.id !== 'unknown' && { fix: run.diagnosis.fix }),
    });
  },
};
