import type { Stage, UndeployPlan } from '../plan.js';
import type { Inputs } from './fields.js';
import { ENDPOINT_TIMEOUT_SECONDS } from './limits.js';
import { parseBoolean, parseDuration } from './quantities.js';
import { readGithub, requiredName } from './read-endpoint.js';

/** What the inputs of an undeployment are checked against. */
export interface UndeploySurroundings {
  readonly stages: readonly Stage[];
  /** Of `endpoint-name`. */
  readonly name: string | undefined;
  /** Of `repository`, without its registry. */
  readonly repository: string | undefined;
  /** Of `dry-run`. */
  readonly dryRun: boolean;
  readonly env: NodeJS.ProcessEnv;
}

const DEFAULT_TIMEOUT = 3600;

/**
 * What is removed with an endpoint.
 *
 * @returns the plan of the stage, or `undefined` when it is not to run
 */
export function readUndeploy(
  inputs: Inputs,
  { stages, name, repository, dryRun, env }: UndeploySurroundings,
): UndeployPlan | undefined {
  const runs = stages.includes('undeploy');
  const field = inputs('delete-repository');
  const deletesRepository = parseBoolean(field, false);
  const artifacts = parseBoolean(inputs('delete-artifacts'), false);
  if (!runs) return undefined;
  if (deletesRepository && !inputs('repository').given) {
    field.problem('It is not said which repository to delete.', 'Set `repository`, or remove this input.');
  } else if (deletesRepository && stages.includes('push')) {
    field.problem(
      'Deletes the repository that the stage `push` brings an image to in this run.',
      'Remove it, or `push` from `stages`.',
    );
  }
  const timeout = inputs('endpoint-timeout');
  // What is wrong with it by itself is said with the endpoint.
  const github = inputs('github-environment').failed || dryRun ? undefined : readGithub(inputs, env, true);
  return {
    endpointName: requiredName(inputs, name, 'undeploy'),
    ...(deletesRepository && repository !== undefined ? { repository } : {}),
    artifacts,
    dryRun,
    timeoutSeconds: timeout.failed
      ? DEFAULT_TIMEOUT
      : parseDuration(timeout, ENDPOINT_TIMEOUT_SECONDS, DEFAULT_TIMEOUT),
    ...(github === undefined ? {} : { github }),
  };
}
