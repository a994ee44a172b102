import { Readable } from 'node:stream';
import type { JobClock } from '../clock.js';
import type { ModelServer, ServerSpec } from './model-server.js';
import type { ServerScript } from './scenario.js';
import { DeploymentFailure, REASONS } from './words.js';

/** A server on which a script runs in place of a container: it answers with the request's own body, unless told else. */
export function scriptedServer(spec: ServerSpec, script: ServerScript, clock: JobClock): ModelServer {
  const stopping = new AbortController();
  return {
    async start() {
      for (const line of script.lines ?? []) {
        spec.onLine(line);
      }
      await clock.sleep(script.start ?? 0, stopping.signal);
      if (script.fails !== undefined) {
        throw new DeploymentFailure(REASONS[script.fails](spec.variantName));
      }
    },
    async request({ headers, body }) {
      await clock.sleep(script.delay ?? 0);
      const type = script.contentType ?? headers['content-type'];
      return {
        status: script.status ?? 200,
        headers: type === undefined ? {} : { 'content-type': type },
        body: Readable.from([script.body === undefined ? body : Buffer.from(script.body)], {
          objectMode: false,
        }),
      };
    },
    async stop() {
      stopping.abort();
    },
  };
}
