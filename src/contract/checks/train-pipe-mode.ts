import { trainingFault } from './attribution.js';
import { type CheckDefinition, failed, passed, skipped } from './check.js';
import { failingLog, isObserved, notObserved, seeInstead } from './words.js';

export const trainPipeMode: CheckDefinition = {
  id: 'train-pipe-mode',
  group: 'training',
  severity: 'error',
  title: 'Training reads its channels from FIFOs to the end',
  proves: 'In Pipe mode the program opens each channel’s first FIFO and reads it to the end.',
  why: 'In Pipe mode there is no folder with files: each epoch of a channel is a FIFO /opt/ml/input/data/<channel>_<epoch>, opened once and read to its end.',
  fix: 'Open /opt/ml/input/data/<channel>_0 and read it to the end; for the next epoch open <channel>_1.',
  source: '[doc] model-train-storage.md, your-algorithms-training-algo-running-container.md',
  judged: 'when `input-mode` is Pipe',
  judge({ training }) {
    if (!isObserved(training)) {
      return notObserved(training);
    }
    const { run } = training;
    if (run.pipes.length === 0) {
      return skipped('No channel is in Pipe mode.');
    }
    const fault = trainingFault(run);
    const unread = run.pipes.filter((pipe) => pipe.epochsRead === 0);
    if (unread.length > 0 && fault !== undefined && fault !== 'train-pipe-mode') {
      return seeInstead(fault);
    }
    if (unread.length > 0) {
      const at = (host: string) => (run.hosts.length > 1 ? ` on ${host}` : '');
      const shown = unread.map(({ host, channel, epochsOpened }) =>
        epochsOpened === 0
          ? `${channel}_0 was never opened${at(host)}`
          : `${channel}_0 was not read to its end${at(host)}`,
      );
      return failed(`${shown.join('; ')}.`, { lines: failingLog(run) });
    }
    const [first] = run.hosts;
    const read = run.pipes.filter(({ host }) => host === first?.host);
    return passed(
      `${read.map(({ channel, epochsRead }) => `${channel}: ${epochsRead} ${epochsRead === 1 ? 'epoch' : 'epochs'}`).join(', ')}.`,
    );
  },
};
