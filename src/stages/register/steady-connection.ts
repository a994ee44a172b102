import { AwsError, type AwsErrorKind } from '../../aws/aws-error.js';
import { FIRST_CONTACT_MS, isAnswer, neverReached, wasReached } from '../../aws/first-contact.js';
import { CanceledError } from '../../docker/docker.js';
import type { JobClock } from '../train/job-clock.js';

/** How long a call is made again and again, in milliseconds. What is not here ends it at once. */
const BUDGETS: Readonly<Partial<Record<AwsErrorKind, number>>> = {
  throttled: 5 * 60_000,
  server: 5 * 60_000,
  network: 5 * 60_000,
  'expired-credentials': 2 * 60_000,
};
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 30_000;

/** Whether AWS could not be asked, and what became of the call is therefore not known. */
export const isLost = ({ kind }: AwsError): boolean => kind in BUDGETS;

/**
 * A way to AWS that outlives throttling, short outages and expired credentials. Less patient with a network on which
 * nothing has answered yet.
 */
export class SteadyConnection<Client> {
  #client: Promise<Client> | undefined;
  #region: string | undefined;
  #answered = false;

  constructor(
    private readonly connect: () => Promise<Client>,
    private readonly clock: JobClock,
    /** Aborted when the run is canceled: no call begins after that. */
    private readonly signal: AbortSignal,
  ) {}

  /**
   * Makes the call until it is answered. It may be made several times.
   *
   * @throws AwsError when it was refused, or not answered until the end of all patience ({@link isLost})
   * @throws CanceledError
   */
  async call<Output>(use: (client: Client) => Promise<Output>): Promise<Output> {
    const output = await this.#repeat(use);
    this.#answered = true;
    return output;
  }

  /** The client itself, for what it knows without a call. */
  connected(): Promise<Client> {
    return this.#repeat(async (client) => client);
  }

  async #repeat<Output>(use: (client: Client) => Promise<Output>): Promise<Output> {
    const began = this.clock.now();
    for (let failures = 1; ; failures += 1) {
      if (this.signal.aborted) throw new CanceledError();
      try {
        this.#client ??= this.connect();
        const client = await this.#client;
        this.#region = (Object(client) as { readonly region?: string }).region;
        return await use(client);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        this.#answered ||= isAnswer(error.kind) || wasReached(error.action);
        // Credentials are asked of the provider chain again, and a broken connection is not used once more.
        this.#client = undefined;
        const most = Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS);
        const wait = most / 2 + (most / 2) * this.clock.random();
        const isFirst = error.kind === 'network' && !this.#answered;
        const budget = isFirst ? FIRST_CONTACT_MS : (BUDGETS[error.kind] ?? 0);
        if (this.clock.now() - began + wait > budget)
          throw isFirst ? neverReached(error, this.#region) : error;
        await this.clock.sleep(wait, this.signal);
      }
    }
  }
}
