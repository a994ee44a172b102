import type { Owner } from './ownership.js';

/** What is to be done with an endpoint as it is now. */
export type Decision =
  | { readonly kind: 'create' | 'unchanged' | 'update' }
  /** Deleted, and created anew: nothing else is possible. */
  | { readonly kind: 'replace'; readonly why: string }
  /** Somebody or something is changing it: it is looked at again when that is done. */
  | { readonly kind: 'wait'; readonly why: string }
  | { readonly kind: 'refuse'; readonly message: string; readonly fix: string };

/** As much of an endpoint as the decision needs; absent: there is none. */
export interface EndpointNow {
  readonly name: string;
  /** EndpointStatus. */
  readonly status: string;
  readonly configName?: string;
  readonly failureReason?: string;
  readonly owner: Owner;
}

/** Why an endpoint in one of these statuses is waited for. */
const IN_MOTION: Readonly<Record<string, string>> = {
  Creating: 'somebody is creating it',
  Updating: 'an update of it is going on',
  SystemUpdating: 'AWS is maintaining it, and takes no update meanwhile',
  RollingBack: 'an update of it has failed and is being taken back',
  Deleting: 'it is being deleted',
};

/** Statuses in which an endpoint stays until somebody does something. */
const SETTLED = /^(?:InService|OutOfService|Failed|UpdateRollbackFailed)$/;

export const isSettled = (status: string): boolean => SETTLED.test(status);

/**
 * Whether a deployment creates, updates, replaces, waits for or leaves the endpoint. docs/deploy.md has the table.
 *
 * @param wanted name of the configuration to deploy, which says by its hash what is in it
 */
export function decide(endpoint: EndpointNow | undefined, wanted: string): Decision {
  if (endpoint === undefined) return { kind: 'create' };
  const { name, status, configName, owner } = endpoint;
  if (typeof owner === 'object') {
    return {
      kind: 'refuse',
      message: `The endpoint ${name} belongs to another repository: its tag sagemaker-byoc:repository is ${owner.repository}.`,
      fix: 'Choose another `endpoint-name`. Should the endpoint be this repository’s from now on, change that tag of it first.',
    };
  }
  switch (status) {
    case 'InService':
      return { kind: configName === wanted ? 'unchanged' : 'update' };
    case 'UpdateRollbackFailed':
      return { kind: 'update' };
    case 'OutOfService':
      return configName === wanted ? replace(endpoint, 'takes no requests') : { kind: 'update' };
    case 'Failed':
      return replace(endpoint, `failed${reasonIn(endpoint)}`);
    default:
      return {
        kind: 'wait',
        why: IN_MOTION[status] ?? `its status is ${status}, which this action does not know`,
      };
  }
}

const reasonIn = ({ failureReason }: EndpointNow): string =>
  failureReason ? ` (${failureReason.replace(/\.$/, '')})` : '';

/** An endpoint that carries no tag of the action is somebody's own work: it is never deleted from here. */
function replace({ name, owner, status }: EndpointNow, why: string): Decision {
  if (owner === 'ours') return { kind: 'replace', why: `It ${why}` };
  return {
    kind: 'refuse',
    message: `The endpoint ${name} ${why}, and can only be deleted and created anew. It was not made by this repository, so it is not deleted.`,
    fix: `Look at it, and delete it when nobody needs it as it is (${status}): \`aws sagemaker delete-endpoint --endpoint-name ${name}\`. Then run this again.`,
  };
}
