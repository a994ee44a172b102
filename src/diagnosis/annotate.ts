import type { Annotation, Diagnosis } from '../plan.js';
import { isOfException } from './diagnose-exception.js';
import { excerpt } from './text.js';

/** `toolkit-environment-missing` → "Toolkit environment missing". */
function titleOf(diagnosis: Diagnosis): string {
  const words = diagnosis.class.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * The message beside the code: the exception first, which is what the reader sees in the log too, then what
 * it means and what to do. The text is still untrusted; whoever prints it escapes it.
 */
export function annotate(diagnosis: Diagnosis, exception = '', what = 'The container failed'): Annotation {
  const error = excerpt(exception, 300);
  // Of a kind of exception, the exception itself says more than its kind.
  const known = diagnosis.id !== 'unknown' && (error === '' || !isOfException(diagnosis));
  const title = known ? titleOf(diagnosis) : error === '' ? what : excerpt(error, 120);
  return {
    level: 'error',
    title,
    message: [title === error ? '' : error, diagnosis.cause, diagnosis.fix]
      .filter((text) => text !== '')
      .join('\n'),
    ...(diagnosis.location === undefined ? {} : { location: diagnosis.location }),
  };
}
