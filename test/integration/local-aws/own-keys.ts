import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Access keys for pieces of work that run beside each other in this process, each where the SDK looks for it: local AWS
 * scripts faults, and counts calls, by the key.
 */
export class OwnKeys {
  readonly #key = new AsyncLocalStorage<string>();
  readonly #before = { ...process.env };

  /** @param env what clients need; its key is for whatever has none of its own */
  install(env: Readonly<Record<string, string>>): void {
    Object.assign(process.env, env);
    let key = env['AWS_ACCESS_KEY_ID'];
    Object.defineProperty(process.env, 'AWS_ACCESS_KEY_ID', {
      ...{ configurable: true, enumerable: true },
      get: () => this.#key.getStore() ?? key,
      set: (value: string) => {
        key = value;
      },
    });
  }

  run<Output>(accessKeyId: string, work: () => Promise<Output>): Promise<Output> {
    return this.#key.run(accessKeyId, work);
  }

  uninstall(): void {
    process.env = this.#before;
  }
}
