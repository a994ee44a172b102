import { hostingFault, lossFault } from './attribution.js';
import { type CheckDefinition, failed, passed } from './check.js';
import { isObserved, modelOrigin, notObserved, seconds, seeInstead, tail } from './words.js';

export const serveStarts: CheckDefinition = {
  id: 'serve-starts',
  group: 'hosting',
  severity: 'error',
  title: 'The container starts with the argument serve and stays up',
  proves: 'There is a program that takes `serve`, and it does not end by itself.',
  why: 'SageMaker runs `docker run <image> serve`, and no field of CreateModel replaces the ENTRYPOINT or its arguments. A container that ends is restarted until the endpoint fails, for about 24 minutes.',
  fix: 'Put an executable file `serve` on PATH, or make the ENTRYPOINT’s program look at its argument: `train` or `serve`.',
  source: '[doc] your-algorithms-inference-code.md; [obs] failures E02, E03, E13, E14',
  judged: 'with every hosting run',
  judge({ hosting, image }) {
    if (!isObserved(hosting)) {
      return notObserved(hosting);
    }
    const { run } = hosting;
    const fault = hostingFault(run);
    if (lossFault(run) === 'serve-starts') {
      return failed(
        `It became ready, and then ended by itself with exit code ${run.end?.exitCode} after ${seconds(run.end?.seconds ?? 0)}.`,
        { lines: tail(run.logTail) },
      );
    }
    if (fault !== 'serve-starts') {
      return fault === undefined || fault === 'serve-port' || fault === 'serve-ping'
        ? passed(`Started and stayed up, with ${modelOrigin(run)}.`)
        : seeInstead(fault);
    }
    const ended =
      run.end?.startError ??
      `It ended with exit code ${run.end?.exitCode} after ${seconds(run.end?.seconds ?? 0)} instead of serving.`;
    const fixed =
      image.entrypoint.length > 0
        ? ` It was run with the argument serve; its ENTRYPOINT is ${JSON.stringify(image.entrypoint)}.`
        : '';
    const known = run.diagnosis && run.diagnosis.id !== 'unknown';
    return failed(`${ended}${fixed}${known ? ` ${run.diagnosis?.cause}` : ''}`, {
      lines: tail(run.logTail),
      ...(run.diagnosis && known && { fix: run.diagnosis.fix }),
    });
  },
};
