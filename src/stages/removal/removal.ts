import type { SourceRecord } from '../../plan.js';
import type { SteadyConnection } from '../register/steady-connection.js';
import type { RemovalConnection, Repositories } from './connection.js';
import type { Ledger } from './ledger.js';
import type { Needs } from './needs.js';

/** What the removal of something shares with that of all else. */
export interface Removal {
  readonly aws: SteadyConnection<RemovalConnection>;
  readonly ledger: Ledger;
  readonly needs: Needs;
  readonly source: SourceRecord;
  readonly signal: AbortSignal;
}

/** Asks ECR, by a connection that is closed then. */
export function withRepositories<Output>(
  { aws, signal }: Pick<Removal, 'aws' | 'signal'>,
  use: (repositories: Repositories) => Promise<Output>,
): Promise<Output> {
  return aws.call(async (connection) => {
    const repositories = await connection.repositories(signal);
    try {
      return await use(repositories);
    } finally {
      repositories.close();
    }
  });
}
