import { failedHosts, hostingFault } from '../../contract/checks/attribution.js';
import type { HostingRun, TrainingRun } from '../../contract/observations.js';
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
    return run.model === 'none' && end?.startError === undefined
      ? advise(explanation, NO_MODEL)
      : explanation;
  }
  const refused = run.invocations.some(({ status }) => status === undefined || status >= 500);
  if (!refused || run.logAtInvocations === undefined) {
    return undefined;
  }
  const explanation = explain(
    { ...failure, logTail: run.logAtInvocations },
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
