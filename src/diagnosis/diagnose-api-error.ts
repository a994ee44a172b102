import type { Diagnosis } from '../plan.js';
import { API_ROWS } from './api-rows.js';
import { recognise } from './diagnose.js';
import type { ApiFailure } from './failure.js';
import { explainMessage, message } from './messages.js';
import { excerpt, named } from './text.js';

/** The catalogue's answer to a call of AWS that failed for good, and to what docker says of ECR. */
export function diagnoseApiError(failure: ApiFailure): Diagnosis {
  const text = message(apiText(failure));
  // What an endpoint's container answered is told by the rows of serving.
  const answered = /\bReceived (?:server|client) error \(/.test(text)
    ? recognise(text, { phase: 'hosting', logTail: [], onPlatform: true })
    : undefined;
  if (answered !== undefined) return answered;
  return explainMessage(API_ROWS, text, failure, text) ?? unknown(failure, text);
}

/** `ValidationException: Requested resource not found.` */
function apiText({ code, message }: ApiFailure): string {
  return code === '' || message.startsWith(`${code}:`) ? message : `${code}: ${message}`;
}

function unknown({ service, operation, code }: ApiFailure, text: string): Diagnosis {
  const said = code === '' ? 'an error' : `\`${named(code, 80)}\``;
  return {
    id: 'unknown',
    class: 'unknown',
    cause: `The cause is unknown: \`${named(operation, 80)}\` of ${named(service, 40)} failed with ${said}, which the failure catalogue does not know.`,
    fix: 'Read the message; it is all that the service says. Run again when it does not name a mistake.',
    evidence: text === '' ? 'no message' : excerpt(text),
  };
}
