import type { CleanUpRecord, EndpointRecord, RemovedResource, RunRecord, Stage } from '../plan.js';
import { plural } from './format.js';
import { ownValue } from './own-value.js';

/** Headlines about endpoints, and the one thing to do next. Constant words and numbers only. */

/** The stages that look after an endpoint or what is left of one. */
const STAGES: readonly Stage[] = ['deploy', 'shift', 'undeploy', 'clean-up'];

/** What these stages have done; undefined when none of them has. */
export function endpointPraise(record: RunRecord): string | undefined {
  const done = record.stages
    .filter(({ stage, status }) => status === 'passed' && STAGES.includes(stage))
    .map(({ stage }) => stage);
  const last = done.findLast((stage) => stage !== 'clean-up');
  const parts = [
    last === undefined || record.endpoint === undefined ? '' : praiseOf(last, record.endpoint),
    done.includes('clean-up') && record.cleanUp !== undefined ? cleanUpPraise(record.cleanUp) : '',
  ].filter((part) => part !== '');
  const [first, second] = parts;
  return first === undefined || second === undefined ? first : `${first}; ${lower(second)}`;
}

const lower = (words: string): string => words.slice(0, 1).toLowerCase() + words.slice(1);

function praiseOf(stage: Stage, endpoint: EndpointRecord): string {
  if (stage === 'shift') {
    return endpoint.action === 'unchanged'
      ? 'Nothing was to be done: the traffic is split as asked for'
      : 'The traffic is shifted';
  }
  if (stage === 'undeploy') return undeployPraise(endpoint);
  const live = isProven(endpoint) ? 'is live and answers' : 'is live, unproven';
  switch (endpoint.action) {
    case 'unchanged':
      return `${endpoint.modelUnread ? 'Nothing was changed, and whether the model is new is not known' : 'Nothing is new'}: the model ${live}`;
    case 'created':
      return `The model ${live}: the endpoint was created`;
    case 'replaced':
      return `The model ${live}: the endpoint was deleted and created anew`;
    default:
      return `The model ${live}: the endpoint was updated`;
  }
}

const isProven = ({ proof }: EndpointRecord): boolean => proof?.passed === true;

function undeployPraise({ action, removed }: EndpointRecord): string {
  const would = countOf(removed, 'would-be-removed');
  if (would > 0) return `Dry run: ${plural(would, 'resource')} would be removed`;
  const gone = countOf(removed, 'removed');
  if (action === 'deleted') {
    return gone > 1 ? `The endpoint is deleted, with ${gone - 1} more` : 'The endpoint is deleted';
  }
  return gone > 0
    ? `The endpoint was gone; ${plural(gone, 'resource')} of it ${gone === 1 ? 'was' : 'were'} removed`
    : 'Nothing was to be removed: the endpoint is gone';
}

function cleanUpPraise({ dryRun, resources }: CleanUpRecord): string {
  const count = countOf(resources, dryRun ? 'would-be-removed' : 'removed');
  const stopped = countOf(resources, dryRun ? 'would-be-stopped' : 'stopped');
  if (count + stopped === 0) return 'Nothing was to be cleaned up';
  const be = (of: number) => (dryRun ? 'would be' : of === 1 ? 'was' : 'were');
  const parts = [
    count === 0 ? '' : `${plural(count, 'unused resource')} ${be(count)} removed`,
    stopped === 0 ? '' : `${plural(stopped, 'job')} ${be(stopped)} stopped`,
  ].filter((part) => part !== '');
  return `${dryRun ? 'Dry run: ' : ''}${parts.join(', ')}`;
}

const countOf = (resources: readonly RemovedResource[], result: RemovedResource['result']): number =>
  resources.filter((resource) => resource.result === result).length;

/** What the user may do about a run that is green all the same. */
export function endpointAdvice({ endpoint, stages }: RunRecord): string | undefined {
  const deployed = stages.some(({ stage, status }) => stage === 'deploy' && status === 'passed');
  return deployed && endpoint !== undefined && endpoint.proof === undefined
    ? 'Set `endpoint-payload`: nobody knows whether the endpoint answers, and nothing would take it back.'
    : undefined;
}

/** Why a deployment is red, and what is live all the same. */
export function deployBlame({ endpoint }: RunRecord): string {
  if (endpoint === undefined) return 'The model was not deployed';
  const { action, proof, status, changedByOthers } = endpoint;
  if (changedByOthers) return 'Others changed the endpoint during the deployment: it was left as it is';
  switch (action) {
    case 'restored':
      if (status !== 'InService') {
        return 'The new model is not proven to answer as it should: the previous one is being put back';
      }
      return proof?.passed === false
        ? `The new model was bad and was taken back: the previous one ${liveAgain(endpoint)}`
        : `The update failed: the previous model ${liveAgain(endpoint)}`;
    case 'deleted':
      return 'The first deployment was bad: the endpoint was deleted';
    case 'unchanged':
      return proof?.passed === false
        ? 'The endpoint is as it should be, but it does not answer as it should'
        : 'The endpoint was not changed, and the run failed';
    case 'created':
    case 'updated':
    case 'replaced':
      if (!isLiveAsWanted(endpoint)) break;
      return proof?.passed === false
        ? 'The new model is live, but it does not answer as it should'
        : 'The new model is live, but not all is done';
  }
  // Refused, or waited for: what it is doing is not this run's work, whatever configuration it is on.
  if (/^(?:InService|Creating|Updating|RollingBack)$/.test(status) && isUntouched(endpoint)) {
    return 'The model was not deployed: nothing was changed at the endpoint';
  }
  return ownValue(BY_STATUS, status) ?? notDeployed(endpoint);
}

const isUntouched = ({ requests = {} }: EndpointRecord): boolean => Object.keys(requests).length === 0;

const BY_STATUS: Readonly<Record<string, string>> = {
  Creating: 'The endpoint did not come into service: it is still being created',
  Updating: 'The update did not come to its end: the previous model takes requests meanwhile',
  SystemUpdating: 'The model was not deployed: AWS is maintaining the endpoint',
  RollingBack: 'The update failed: SageMaker is taking it back',
  UpdateRollbackFailed: 'The update failed, and so did going back: old and new serve side by side',
  Failed: 'The endpoint failed: nothing is live',
  OutOfService: 'The endpoint takes no requests',
  Deleting: 'The model was not deployed: the endpoint is being deleted',
};

function notDeployed({ status, configName, wantedConfigName, previousConfigName }: EndpointRecord): string {
  if (status !== 'InService' || configName === undefined) return 'The model was not deployed';
  if (configName === wantedConfigName) return 'The new model is live, but not all is done';
  return previousConfigName === undefined || configName === previousConfigName
    ? 'The model was not deployed: the endpoint is as it was'
    : 'The model is not live: the endpoint is on another configuration';
}

const isLiveAsWanted = ({ status, configName, wantedConfigName }: EndpointRecord): boolean =>
  status === 'InService' && configName === wantedConfigName;

function liveAgain({ restoredProof }: EndpointRecord): string {
  if (restoredProof === undefined) return 'is live';
  return restoredProof.passed ? 'is live and answers' : 'is live, and does not answer as it should either';
}

export function shiftBlame({ endpoint }: RunRecord): string {
  if (endpoint?.action === 'restored') return 'The shift was taken back: the weights are as before';
  return endpoint?.goBack === undefined
    ? 'The traffic was not shifted'
    : 'The shift failed: the weights are those below';
}

export const undeployBlame = ({ endpoint }: RunRecord): string =>
  endpoint?.status === 'Deleted'
    ? 'The endpoint is gone, but not all that went with it'
    : 'The endpoint could not be removed';

/** What a cancel leaves behind, as the end of a sentence, and what to do about it. */
export interface Left {
  readonly how: string;
  /** Absent when there is nothing to do. */
  readonly next?: string;
}

/** How a canceled stage leaves the endpoint; undefined when it was another stage. */
export function leftByCancel(stage: Stage | undefined, { endpoint, cleanUp }: RunRecord): Left | undefined {
  switch (stage) {
    case 'deploy':
      return endpoint === undefined ? { how: 'nothing was changed at the endpoint' } : leftByDeploy(endpoint);
    case 'shift':
      return leftByShift(endpoint);
    case 'undeploy':
      return leftByRemoval(
        endpoint?.removed ?? [],
        endpoint?.status === 'Deleting' ? 'the endpoint is being deleted' : undefined,
      );
    case 'clean-up':
      return leftByRemoval(cleanUp?.resources ?? [], undefined);
    default:
      return undefined;
  }
}

const LOOK = 'Look at the endpoint when it is settled, as is said below.';
const GO_BACK = 'Go back when the endpoint is InService again, or deploy again, which proves it.';

function leftByDeploy(endpoint: EndpointRecord): Left {
  const { action, status, configName, wantedConfigName, proof } = endpoint;
  if (endpoint.changedByOthers) {
    return { how: 'others have changed the endpoint, and it was left alone', next: LOOK };
  }
  if (action === 'restored') {
    if (status === 'InService' && configName === endpoint.previousConfigName) {
      return { how: 'the previous model is live again' };
    }
    const why = proof?.passed === false ? 'bad' : 'not proven';
    return { how: `the new model was ${why}; the previous one is being put back`, next: LOOK };
  }
  switch (status) {
    case 'Unknown':
      return { how: 'how the endpoint is could not be asked', next: LOOK };
    case 'Creating':
      return { how: 'the endpoint is still being created', next: LOOK };
    case 'Updating':
    case 'SystemUpdating':
    case 'RollingBack':
      return isUntouched(endpoint)
        ? { how: 'nothing was changed at the endpoint' }
        : { how: 'the update goes on and cannot be stopped', next: GO_BACK };
    case 'Deleting':
      return { how: 'the endpoint is being deleted' };
    case 'Deleted':
      return { how: 'the endpoint is deleted' };
    case 'InService':
      break;
    default:
      return { how: 'the endpoint is not in service', next: LOOK };
  }
  if (action === 'unchanged') return { how: 'the endpoint is as it was' };
  if (configName !== wantedConfigName) return { how: 'the endpoint is as it was, and live' };
  return isProven(endpoint)
    ? { how: 'the new model is live and answers' }
    : { how: 'the new model is live, unproven', next: GO_BACK };
}

function leftByShift(endpoint: EndpointRecord | undefined): Left {
  if (endpoint?.action === 'restored') return { how: 'the weights go back', next: LOOK };
  return endpoint?.goBack === undefined || endpoint.action !== undefined
    ? { how: endpoint?.action === 'shifted' ? 'the traffic is shifted' : 'the weights are as before' }
    : { how: 'the weights are those below', next: 'Take the weights back, or shift again.' };
}

function leftByRemoval(resources: readonly RemovedResource[], more: string | undefined): Left {
  const count = countOf(resources, 'removed');
  const gone = count === 0 ? 'nothing was removed' : `${plural(count, 'resource')} removed`;
  return {
    how: [more, more !== undefined && count === 0 ? undefined : gone].filter(Boolean).join(', '),
    next: 'Run it again: it goes on from what is left.',
  };
}

/** Stable classes of failures that no row of the catalogue names. */
export function endpointClass({ endpoint, stages, diagnosis }: RunRecord): string | undefined {
  const stage = stages.find(({ status }) => status === 'failed')?.stage;
  if (endpoint === undefined) return undefined;
  if (stage === 'shift' && endpoint.action === 'restored') return 'shift-taken-back';
  if (stage !== 'deploy') return undefined;
  // A row that only says where the endpoint is says less than that the proof failed.
  const isVague = diagnosis === undefined || diagnosis.id === 'E09' || diagnosis.id === 'unknown';
  if (endpoint.proof?.passed === false && isVague) return 'proof-failed';
  return diagnosis === undefined && endpoint.action === 'restored' ? 'endpoint-rolled-back' : undefined;
}
