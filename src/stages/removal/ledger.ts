import { AwsError } from '../../aws/aws-error.js';
import type { RemovedResource } from '../../plan.js';
import type { Log } from '../../runner/log.js';
import { isLost } from '../register/steady-connection.js';

export interface LedgerOptions {
  readonly dryRun: boolean;
  readonly log: Log;
  /** Called whenever there is more to tell. */
  readonly onChange: () => void;
}

/** What is to go: what it is, and why it may. */
export type Candidate = Pick<RemovedResource, 'kind' | 'name' | 'why'>;

/** What is removed, would be, or stays, each with the reason; and what AWS refused. */
export class Ledger {
  readonly #resources: RemovedResource[] = [];
  readonly #refusals: AwsError[] = [];

  constructor(private readonly options: LedgerOptions) {}

  get resources(): readonly RemovedResource[] {
    return [...this.#resources];
  }

  /** Why what was to be removed or stopped was not. */
  get refusals(): readonly AwsError[] {
    return [...this.#refusals];
  }

  count(...results: readonly RemovedResource['result'][]): number {
    return this.#resources.filter(({ result }) => results.includes(result)).length;
  }

  /**
   * Removes it, unless all of this is a dry run. What is gone already is not even told; what AWS refuses stays,
   * and the others are removed all the same.
   *
   * @returns whether it is gone, or would be
   * @throws AwsError when AWS cannot be asked any more; CanceledError
   */
  remove(candidate: Candidate, remove: () => Promise<'removed' | 'not-found'>): Promise<boolean> {
    return this.#do(candidate, 'would-be-removed', remove);
  }

  /** The same for what is only stopped; what has ended is not even told. */
  stop(candidate: Candidate, stop: () => Promise<'stopped' | 'not-found'>): Promise<boolean> {
    return this.#do(candidate, 'would-be-stopped', stop);
  }

  keep(candidate: Candidate): void {
    this.#add({ ...candidate, result: 'kept' });
  }

  async #do(
    candidate: Candidate,
    dry: RemovedResource['result'],
    act: () => Promise<'removed' | 'stopped' | 'not-found'>,
  ): Promise<boolean> {
    if (this.options.dryRun) {
      this.#add({ ...candidate, result: dry });
      return true;
    }
    try {
      const result = await act();
      if (result !== 'not-found') this.#add({ ...candidate, result });
      return true;
    } catch (error) {
      if (!(error instanceof AwsError) || isLost(error)) throw error;
      this.#refusals.push(error);
      this.#add({ ...candidate, why: error.message, result: 'kept' });
      return false;
    }
  }

  #add(resource: RemovedResource): void {
    this.#resources.push(resource);
    const { kind, name, why, result } = resource;
    this.options.log.info(`${WORDS[result]}: ${KINDS[kind] ?? kind} ${name}: ${why}`);
    this.options.onChange();
  }
}

const WORDS: Readonly<Record<RemovedResource['result'], string>> = {
  removed: 'Removed',
  kept: 'Kept',
  'would-be-removed': 'Would remove',
  stopped: 'Stopped',
  'would-be-stopped': 'Would stop',
};

const KINDS: Readonly<Record<string, string>> = {
  'endpoint-config': 'endpoint configuration',
  'training-job': 'training job',
  'scalable-target': 'auto-scaling target',
};
