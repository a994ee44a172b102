import { randomUUID } from 'node:crypto';
import type { CaptureContentTypeHeader, DataCaptureConfig } from '@aws-sdk/client-sagemaker';
import type { JobClock } from '../sagemaker/clock.js';
import { type ObjectStore, parseS3Uri } from '../sagemaker/object-store.js';

/** A request with its answer. */
export interface Exchange {
  readonly endpointName: string;
  readonly variantName: string;
  readonly inferenceId: string | undefined;
  readonly input: Part;
  readonly output: Part;
}

interface Part {
  readonly contentType: string | undefined;
  readonly body: Buffer;
}

/** The platform collects for longer: files come sooner here. */
const COLLECT_MS = 500;

/** Keeps requests and answers in S3, as JSON Lines. [doc] model-monitor-data-capture */
export class DataCapture {
  readonly #waiting = new Map<string, string[]>();
  readonly #closing = new AbortController();
  #writing: Promise<void> | undefined;
  /** Sampling is exact: of 10 requests at 30 percent, three are kept. */
  readonly #credit = new Map<string, number>();

  constructor(
    private readonly store: ObjectStore,
    private readonly clock: JobClock,
    private readonly log: (line: string) => void,
  ) {}

  keep(config: DataCaptureConfig, exchange: Exchange): void {
    if (config.EnableCapture !== true || !this.#isSampled(config, exchange.endpointName)) return;
    const now = new Date(this.clock.now());
    const modes = (config.CaptureOptions ?? []).map(({ CaptureMode }) => CaptureMode);
    const wants = (mode: 'Input' | 'Output') => modes.includes(mode) || modes.includes('InputAndOutput');
    const types = config.CaptureContentTypeHeader;
    const line = {
      captureData: {
        ...(wants('Input') && { endpointInput: written(exchange.input, 'INPUT', types) }),
        ...(wants('Output') && { endpointOutput: written(exchange.output, 'OUTPUT', types) }),
      },
      eventMetadata: {
        eventId: randomUUID(),
        ...(exchange.inferenceId !== undefined && { inferenceId: exchange.inferenceId }),
        inferenceTime: now.toISOString().replace(/\.\d+Z$/, 'Z'),
      },
      eventVersion: '0',
    };
    const hour = now.toISOString().slice(0, 13).replace(/[-T]/g, '/');
    const folder = `${(config.DestinationS3Uri ?? '').replace(/\/$/, '')}/${exchange.endpointName}/${exchange.variantName}/${hour}`;
    this.#waiting.set(folder, [...(this.#waiting.get(folder) ?? []), JSON.stringify(line)]);
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  #isSampled({ InitialSamplingPercentage = 0 }: DataCaptureConfig, endpointName: string): boolean {
    const credit = (this.#credit.get(endpointName) ?? 0) + InitialSamplingPercentage;
    const sampled = credit >= 100;
    this.#credit.set(endpointName, sampled ? credit - 100 : credit);
    return sampled;
  }

  async #write(): Promise<void> {
    while (this.#waiting.size > 0) {
      await this.clock.sleep(COLLECT_MS, this.#closing.signal);
      const folders = [...this.#waiting];
      this.#waiting.clear();
      const time = new Date(this.clock.now()).toISOString().slice(14, 23).replace(/[:.]/g, '-');
      for (const [folder, lines] of folders) {
        const file = parseS3Uri(`${folder}/${time}-${randomUUID()}.jsonl`);
        await this.store
          .put(Buffer.from(`${lines.join('\n')}\n`), file)
          .catch((error: unknown) => this.log(`data capture to ${folder}: ${error}`));
      }
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#writing;
  }
}

function written(
  { contentType, body }: Part,
  mode: 'INPUT' | 'OUTPUT',
  { CsvContentTypes = [], JsonContentTypes = [] }: Partial<CaptureContentTypeHeader> = {},
) {
  const type = (contentType ?? '').replace(/;.*$/, '').trim();
  const encoding = CsvContentTypes.includes(type)
    ? 'CSV'
    : JsonContentTypes.includes(type)
      ? 'JSON'
      : 'BASE64';
  return {
    ...(contentType !== undefined && { observedContentType: contentType }),
    mode,
    data: body.toString(encoding === 'BASE64' ? 'base64' : 'utf8'),
    encoding,
  };
}
