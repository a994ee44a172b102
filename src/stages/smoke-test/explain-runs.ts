import { failedHosts, hostingFault } from '../../contract/checks/attribution.js';
import type { HostingRun, TrainingRun } from '../../contract/observations.js';
import { isForeign, isRouteMissing } from '../../contract/start-watch.js';
import { type Explanation, explain } from '../../diagnosis/explain.js';
import type { ContainerFailure } from '../../diagnosis/failure.js';
import type { RepositoryFiles } from '../../diagnosis/locate.js';

/** What the diagnosis needs to know besides the run. */
export interface Surroundings {
  readonly files: RepositoryFiles;
  /** Build context relative to the workspace; absent when the image was not built here. */
  readonly context?: string;
  readonly entrypoint: readonly string[];
  readonly channels: readonly string[];
}

/** The story of a training run that failed; undefined for one that did not. */
export function explainTraining(run: TrainingRun, around: Surroundings): Explanation | undefined {
  const [host] = failedHosts(run);
  if (host === undefined) {
    return undefined;
  }
  const explanation = explain(
    {
      phase: 'training',
      ...(host.exitCode !== undefined && { exitCode: host.exitCode }),
      ...(host.startError !== undefined && { startError: host.startError }),
      ...(host.failureFile !== undefined && { failureFile: host.failureFile }),
      oomKilled: host.oomKilled,
      timedOut: host.timedOut,
      logTail: host.logTail,
      networkIsolated: run.networkIsolation,
      toolkitEnvironment: run.toolkitEnvironment,
      entrypoint: around.entrypoint,
      knownChannels: around.channels,
    },
    around.files,
    locateOptions(around),
  );
  const advised = around.channels.length > 0 || host.startError !== undefined || host.oomKilled;
  return advised ? explanation : advise(explanation, NO_DATA);
}

/** A program that lives on data cannot do without: the container may be right, and the inputs wanting. */
const NO_DATA =
  'It was run without any data. If it needs some, give it a sample: `smoke-channels: train=path/of/a/folder`.';
const NO_MODEL =
  'It was served with an empty /opt/ml/model. If it needs a model, let a training run write one, or give one: `smoke-model: path/of/a/folder`.';

function advise(explanation: Explanation, advice: string): Explanation {
  const { diagnosis } = explanation;
  return { ...explanation, diagnosis: { ...diagnosis, fix: `${advice} ${diagnosis.fix}` } };
}

/** The catalogue's row of a server that is up and not ready, which knows no more than that. */
const PING_MISSED = 'E01';

type Words = Pick<Explanation['diagnosis'], 'cause' | 'fix' | 'evidence'>;

function specify(explanation: Explanation, words: Words): Explanation {
  const { diagnosis, annotation } = explanation;
  return {
    diagnosis: { ...diagnosis, ...words },
    annotation: { ...annotation, message: `${words.cause}\n${words.fix}` },
  };
}

/** What was seen of a server that never answered /ping with 200. */
function whatPingMet({ portOpen, lastPing, listeners = [], windowSeconds }: HostingRun): Words {
  const waited = `${windowSeconds.toFixed(0)} s`;
  if (!portOpen) {
    return listeners.length === 0
      ? {
          cause: `Nothing listened on port 8080 after ${waited}: the server was still starting, or never began to listen.`,
          fix: 'Open port 8080 at once, answer /ping with 503 until the model is loaded, and load the model in the background.',
          evidence: 'no port is open in the container',
        }
      : {
          cause: `SageMaker calls port 8080 on all interfaces, and the container listens on ${listeners.join(', ')}.`,
          fix: 'Bind the server to 0.0.0.0:8080 (Flask: `app.run(host="0.0.0.0", port=8080)`; gunicorn: `--bind 0.0.0.0:8080`; uvicorn: `--host 0.0.0.0 --port 8080`).',
          evidence: `listens on ${listeners.join(', ')}`,
        };
  }
  const { status, error = '' } = lastPing ?? {};
  if (status !== undefined) {
    return {
      cause: `\`GET /ping\` on port 8080 was never answered with 200 within ${waited}; the last answer was ${status}.`,
      fix: isRouteMissing(status)
        ? 'Give the server a route for `GET /ping` that answers 200 (and 503, not 404, while the model is loading).'
        : 'Answer `GET /ping` with 200 as soon as the model is loaded; the server’s log should say why it was not.',
      evidence: `GET /ping: ${status}`,
    };
  }
  return isForeign(error)
    ? {
        cause: 'What answers on port 8080 is not plain HTTP.',
        fix: 'Serve HTTP without TLS on port 8080: SageMaker’s own endpoint has the certificate.',
        evidence: `GET /ping: ${error}`,
      }
    : {
        cause: `Port 8080 takes connections, and \`GET /ping\` got no answer within 2 seconds in any try for ${waited}.`,
        fix: 'Answer /ping at once and from memory, in a thread or process that neither a request nor the loading of the model can keep busy.',
        evidence: `GET /ping: ${error || 'no answer'}`,
      };
}

/** The story of a server that did not become ready, or that failed at a sample; undefined when all went well. */
export function explainHosting(run: HostingRun, around: Surroundings): Explanation | undefined {
  const failure: Omit<ContainerFailure, 'logTail'> = {
    phase: 'hosting',
    networkIsolated: run.networkIsolation,
    entrypoint: around.entrypoint,
  };
  if (hostingFault(run) !== undefined) {
    const { end } = run;
    const explanation = explain(
      {
        ...failure,
        ...(end?.exitCode !== undefined && !end.timedOut && { exitCode: end.exitCode }),
        ...(end?.startError !== undefined && { startError: end.startError }),
        oomKilled: run.oomKilled,
        timedOut: end?.timedOut === true,
        logTail: run.logTail,
      },
      around.files,
      locateOptions(around),
    );
    const told =
      explanation.diagnosis.id === PING_MISSED ? specify(explanation, whatPingMet(run)) : explanation;
    // A route that is not there is not there with a model either.
    const routeMissing = told !== explanation && isRouteMissing(run.lastPing?.status);
    const wanting = run.model === 'none' && end?.startError === undefined && !routeMissing;
    return wanting ? advise(told, NO_MODEL) : told;
  }
  const refused = run.invocations.some(({ status }) => status === undefined || status >= 500);
  if (!refused || run.logAtInvocations === undefined) {
    return undefined;
  }
  // Many servers put the error into their answer and nothing into their log.
  const answers = run.invocations.flatMap(({ status, answer }) =>
    status !== undefined && status >= 500 && answer !== undefined ? answer.split('\n') : [],
  );
  const explanation = explain(
    { ...failure, logTail: [...answers, ...run.logAtInvocations] },
    around.files,
    locateOptions(around),
  );
  // The server lives: only words that it really printed explain the answer.
  return explanation.diagnosis.id === 'unknown' && explanation.diagnosis.location === undefined
    ? undefined
    : explanation;
}

function locateOptions({ context }: Surroundings): { context?: string } {
  return context === undefined ? {} : { context };
}
