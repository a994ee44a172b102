import type { Diagnosis } from '../plan.js';
import type { ContainerFailure } from './failure.js';
import { EXCEPTION_ROWS } from './rows/exceptions.js';
import { excerpt, named, quoted } from './text.js';
import { exceptionType, isCarrier, type Traceback } from './traceback.js';

const IDS: ReadonlySet<string> = new Set(EXCEPTION_ROWS.map(({ id }) => id));

/** Whether the diagnosis knows no more than which exception it was. */
export const isOfException = ({ id }: Pick<Diagnosis, 'id'>): boolean => IDS.has(id);

/**
 * What the type of the exception tells that a traceback ends with; undefined when it is cut off before that, or
 * when the exception only reports that another process failed.
 */
export function diagnoseException(traceback: Traceback, failure: ContainerFailure): Diagnosis | undefined {
  const { exception, frames } = traceback;
  const type = exceptionType(exception);
  if (type === '' || isCarrier(type)) return undefined;
  const innermost = frames.at(-1);
  const raised = {
    type,
    message: exception.slice(type.length).replace(/^:\s*/, ''),
    file: innermost?.file ?? '',
    code: innermost?.code ?? '',
  };
  const row = EXCEPTION_ROWS.find((one) => one.type.test(type) && one.applies?.(raised) !== false);
  if (row === undefined) return undefined;
  const specific = row.specific?.(raised, failure);
  return {
    id: row.id,
    class: row.class,
    cause: `${specific?.cause ?? row.cause} ${howItEnded(failure)} \`${named(type, 80)}\`${raised.message.trim() === '' ? '' : `: \`${quoted(raised.message, 160)}\``}.`,
    fix: specific?.fix ?? row.fix,
    evidence: excerpt(exception),
  };
}

function howItEnded({ phase, exitCode }: ContainerFailure): string {
  if (exitCode !== undefined) return `It ended with exit code ${exitCode} after an uncaught`;
  return phase === 'hosting' ? 'The server printed the traceback of a' : 'It ended after an uncaught';
}
