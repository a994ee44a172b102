import type { Diagnosis } from '../plan.js';
import { recognise } from './diagnose.js';
import { diagnoseApiError } from './diagnose-api-error.js';
import type { EndpointFailure } from './failure.js';
import { explainMessage, message } from './messages.js';
import { ENDPOINT_ROWS } from './rows/endpoints.js';
import { excerpt, named } from './text.js';

/**
 * The catalogue's answer to an endpoint that is not what it was asked to be: its own reason first, then what its
 * container printed, which tells more than "did not pass the ping health check".
 */
export function diagnoseEndpoint(failure: EndpointFailure): Diagnosis {
  const reason = message(failure.failureReason ?? '');
  const facts = `EndpointStatus ${named(failure.status, 40)}`;
  const own = explainMessage(ENDPOINT_ROWS, reason, failure, facts);
  // E06 and E09 say that something went wrong, not what: the container's words do.
  if (own !== undefined && own.id !== 'E06' && own.id !== 'E09') return own;
  const container = { phase: 'hosting', logTail: failure.logTail, onPlatform: true } as const;
  const printed = recognise(failure.logTail.join('\n'), container);
  if (own !== undefined) return own.id === 'E09' || printed === undefined ? own : printed;
  const said = reason === '' ? undefined : recognise(reason, container);
  return printed ?? said ?? refused(reason, failure.region) ?? unknown(failure, reason, facts);
}

/** A reason may quote the error of a call that SageMaker made for us. */
function refused(reason: string, region: string | undefined): Diagnosis | undefined {
  if (reason === '') return undefined;
  const where = region === undefined ? {} : { region };
  const diagnosis = diagnoseApiError({
    service: 'sagemaker',
    operation: 'CreateEndpoint',
    code: '',
    message: reason,
    ...where,
  });
  return diagnosis.id === 'unknown' ? undefined : diagnosis;
}

function unknown(failure: EndpointFailure, reason: string, facts: string): Diagnosis {
  const last = failure.logTail.findLast((line) => line.trim() !== '');
  return {
    id: 'unknown',
    class: 'unknown',
    cause: `The cause is unknown: the endpoint is \`${named(failure.status, 40)}\`, and neither its reason nor its log holds an error that the failure catalogue knows.`,
    fix: 'Read the endpoint’s log group, and run the smoke test of the image.',
    evidence: reason === '' ? excerpt(last ?? facts) : excerpt(reason),
  };
}
