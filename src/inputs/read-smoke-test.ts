import { type Severity, SMOKE_RUNS, type SmokeRun, type SmokeTestPlan } from '../plan.js';
import { suggestion } from './did-you-mean.js';
import type { Inputs } from './fields.js';
import { readHyperparameters } from './limited-maps.js';
import { SMOKE_HOSTS, SMOKE_TIMEOUT_SECONDS } from './limits.js';
import { parseMap } from './parse-map.js';
import type { Field } from './problems.js';
import { parseDuration, parseInteger, parseMemory } from './quantities.js';
import { readSmokePayloads } from './read-payloads.js';
import { readChannels, readModel } from './read-samples.js';
import { readWords } from './read-words.js';
import type { SampleFolder } from './sample-folder.js';

/**
 * How the image is tried.
 *
 * @param hyperparameters the job's own, for want of others
 * @param endpointEnvironment what the endpoint's container is given, when that is not what the job's is
 */
export function readSmokeTest(
  inputs: Inputs,
  workspace: string,
  checkIds: readonly string[],
  sample: SampleFolder,
  hyperparameters: ReadonlyMap<string, string>,
  endpointEnvironment: ReadonlyMap<string, string> | undefined,
): SmokeTestPlan {
  const model = readModel(inputs('smoke-model'), workspace);
  const memoryBytes = parseMemory(inputs('smoke-memory'));
  return {
    runs: readRuns(inputs('smoke-runs')),
    channels: readChannels(inputs('smoke-channels'), workspace, sample),
    hyperparameters: inputs('smoke-hyperparameters').given
      ? readHyperparameters(inputs('smoke-hyperparameters'))
      : hyperparameters,
    ...(model === undefined ? {} : { model }),
    ...(endpointEnvironment === undefined ? {} : { endpointEnvironment }),
    payloads: readSmokePayloads(inputs, workspace, sample),
    hosts: parseInteger(inputs('smoke-hosts'), SMOKE_HOSTS, 1),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    timeoutSeconds: parseDuration(inputs('smoke-timeout'), SMOKE_TIMEOUT_SECONDS, 600),
    severities: readSeverities(inputs('smoke-severity'), checkIds),
  };
}

function readRuns(field: Field): 'auto' | readonly SmokeRun[] {
  if (!field.given || field.text.trim() === 'auto') return 'auto';
  const words = readWords(field, ['auto', ...SMOKE_RUNS], 'run');
  if (words.includes('auto') && words.length > 1) {
    field.problem('`auto` stands alone: it chooses the runs.', 'Name the runs, or `auto` only.');
  }
  const runs = SMOKE_RUNS.filter((run) => words.includes(run));
  return runs.length > 0 ? runs : 'auto';
}

function readSeverities(field: Field, checkIds: readonly string[]): ReadonlyMap<string, Severity | 'off'> {
  const severities = new Map<string, Severity | 'off'>();
  const words = ['error', 'warning', 'off'] as const;
  for (const [id, text] of parseMap(field, { trim: true })) {
    const severity = words.find((word) => word === text);
    if (!checkIds.includes(id)) {
      field.problem(
        'There is no check of this id.',
        `${suggestion(id, checkIds)}The ids are in docs/checks/README.md.`,
        id,
      );
    } else if (severity === undefined) {
      field.problem(
        'A severity is `error`, `warning` or `off`.',
        `${suggestion(text, words)}Write \`${id}=warning\`, for example.`,
        `${id}=${text}`,
      );
    } else {
      severities.set(id, severity);
    }
  }
  return severities;
}
