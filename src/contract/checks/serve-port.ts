import { hostingFault } from './attribution.js';
import { type CheckDefinition, failed, passed } from './check.js';
import { isObserved, notObserved, seconds, seeInstead, tail } from './words.js';

export const servePort: CheckDefinition = {
  id: 'serve-port',
  group: 'hosting',
  severity: 'error',
  title: 'The server listens on port 8080 of all interfaces',
  proves: 'Port 8080 takes connections from outside the container.',
  why: 'SageMaker connects from outside. A server on 127.0.0.1, or on its framework’s own port such as 5000, never passes the ping health check.',
  fix: 'Bind to 0.0.0.0:8080, for example `app.run(host="0.0.0.0", port=8080)` or `gunicorn --bind 0.0.0.0:8080`.',
  source: '[doc] your-algorithms-inference-code.md; [obs] failures E01, E10',
  judged: 'with every hosting run',
  judge({ hosting }) {
    if (!isObserved(hosting)) {
      return notObserved(hosting);
    }
    const { run } = hosting;
    const fault = hostingFault(run);
    if (fault === 'serve-port') {
      const where =
        run.listeners === undefined
          ? ''
          : run.listeners.length === 0
            ? ' Nothing listens in the container.'
            : ` The container listens on ${run.listeners.join(', ')}.`;
      return failed(
        `Port 8080 cannot be reached from outside (waited ${seconds(run.windowSeconds)}).${where}`,
        {
          lines: tail(run.logTail),
          ...(run.diagnosis && run.diagnosis.id !== 'unknown' && { fix: run.diagnosis.fix }),
        },
      );
    }
    return run.portOpen ? passed('Port 8080 takes connections.') : seeInstead(fault ?? 'serve-ping');
  },
};
