import { AwsError, type AwsErrorKind } from '../../aws/aws-error.js';
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

/** A way to AWS that outlives throttling, short outages and expired credentials. */
export class SteadyConnection<Client> {
  #client: Promise<Client> | undefined;

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
    const began = this.clock.now();
    for (let failures = 1; ; failures += 1) {
      if (this.signal.aborted) throw new CanceledError();
      try {
        this.#client ??= this.connect();
        return await use(await this.#client);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        // Credentials are asked of the provider chain again, and a broken connection is not used once more.
        this.#client = undefined;
        const most = Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS);
        const wait = most / 2 + (most / 2) * this.clock.random();
        if (this.clock.now() - began + wait > (BUDGETS[error.kind] ?? 0)) throw error;
        await this.clock.sleep(wait, this.signal);
      }
    }
  }
}
