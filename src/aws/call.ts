import { noteStep, type Step } from '../debug.js';
import { CanceledError } from '../docker/docker.js';
import { AwsError, toAwsError } from './aws-error.js';
import { isAnswer, noteAnswer } from './first-contact.js';

/**
 * Makes one call of AWS, with the retries of the client it goes through.
 *
 * @param action the call as IAM names it: `ecr:CreateRepository`
 * @param signal ends the call, and the waiting between its attempts
 * @throws AwsError when it failed for good
 * @throws CanceledError when the signal was aborted
 */
export async function call<Output>(
  action: string,
  signal: AbortSignal,
  send: (options: { readonly abortSignal: AbortSignal }) => Promise<Output>,
): Promise<Output> {
  if (signal.aborted) throw new CanceledError();
  const started = performance.now();
  const note = (answer: unknown, error?: string) => noteStep(() => stepOf(action, started, answer, error));
  try {
    const output = await send({ abortSignal: signal });
    note(output);
    noteAnswer(action);
    return output;
  } catch (error) {
    const failed = toAwsError(error, action, signal);
    if (failed instanceof AwsError && isAnswer(failed.kind)) noteAnswer(action);
    note(error, failed instanceof AwsError ? failed.code : (failed as Error | undefined)?.name);
    throw failed;
  }
}

function stepOf(action: string, started: number, answer: unknown, error: string | undefined): Step {
  const { httpStatusCode: status, attempts, requestId } = (Object(answer) as Answer).$metadata ?? {};
  return {
    kind: 'aws',
    action,
    milliseconds: performance.now() - started,
    ...(status !== undefined && { status }),
    ...(attempts !== undefined && { attempts }),
    ...(requestId !== undefined && { requestId }),
    ...(error !== undefined && { error }),
  };
}

/** What the SDK puts on outputs and errors alike. */
interface Answer {
  readonly $metadata?: {
    readonly httpStatusCode?: number;
    readonly attempts?: number;
    readonly requestId?: string;
  };
}
