import { isDeepStrictEqual } from 'node:util';
import { AwsError } from '../../service.js';

/** A call that is made again with its ClientToken is carried out once: its first answer is given again. */
export class ClientTokens {
  readonly #calls = new Map<string, { readonly request: unknown; readonly answer: Promise<unknown> }>();

  /**
   * @throws AwsError ConflictException when the token was that of another request (wording is ours)
   * @throws what `run` throws; a call that failed may be made again
   */
  once<Answer>(
    token: string | undefined,
    request: unknown,
    run: () => Answer | Promise<Answer>,
  ): Promise<Answer> {
    const known = token === undefined ? undefined : this.#calls.get(token);
    if (known !== undefined) {
      if (isDeepStrictEqual(known.request, request)) return known.answer as Promise<Answer>;
      throw new AwsError('ConflictException', `ClientToken ${token} was used with another request.`);
    }
    const answer = Promise.resolve().then(run);
    if (token !== undefined) {
      this.#calls.set(token, { request, answer });
      answer.catch(() => this.#calls.delete(token));
    }
    return answer;
  }
}
