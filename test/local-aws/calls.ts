/** One call that reached local AWS. */
export interface Call {
  /** ISO 8601. */
  readonly at: string;
  readonly service: string;
  readonly operation: string;
  readonly accessKeyId: string;
  /** `registry`: not the API but a Docker client at the registry, by the ECR action that such a request needs. */
  readonly via: 'api' | 'registry';
  /** HTTP status that was answered; 0 where the connection was reset or left without an answer. */
  status: number;
  /** The scripted fault that it met. */
  fault?: string;
}

const KEPT = 20_000;

/** Counts calls by operation, for tests and the bench. */
export class Calls {
  private counts = new Map<string, Map<string, number>>();
  private last: Call[] = [];

  add(call: Omit<Call, 'status'>): Call {
    const kept: Call = { ...call, status: 0 };
    const name = `${call.service}:${call.operation}`;
    for (const key of ['', call.accessKeyId]) {
      const counts = this.counts.get(key) ?? new Map<string, number>();
      this.counts.set(key, counts.set(name, (counts.get(name) ?? 0) + 1));
    }
    this.last.push(kept);
    if (this.last.length > KEPT) this.last = this.last.slice(-KEPT / 2);
    return kept;
  }

  /** `sagemaker:DescribeTrainingJob` → how often; of one access key, or of all. */
  count(accessKeyId = ''): Readonly<Record<string, number>> {
    return Object.fromEntries([...(this.counts.get(accessKeyId) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  list(accessKeyId = ''): readonly Call[] {
    return this.last.filter((call) => accessKeyId === '' || call.accessKeyId === accessKeyId);
  }

  clear(): void {
    this.counts = new Map();
    this.last = [];
  }
}
