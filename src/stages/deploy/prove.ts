import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { text } from 'node:stream/consumers';
import { AwsError, toAwsError } from '../../aws/aws-error.js';
import { isExpected } from '../../contract/expectation.js';
import { isAccepted } from '../../contract/media-type.js';
import type { AsyncPlan, ProofPlan, ProofRecord, ProofSample, SamplePayload } from '../../plan.js';
import type { Log } from '../../runner/log.js';
import { StageFailure } from '../stage-failure.js';
import type { JobClock } from '../train/job-clock.js';
import { Patience, wantsCredentials } from '../train/patience.js';
import { figure } from '../train/words.js';
import type { DeployConnection } from './connection.js';

const SECOND = 1_000;
/** A request that SageMaker itself does not get through is made again for so long. */
const WEATHER = 60 * SECOND;
/** The whole proof: a run that ends before it has judged would leave unproven what is live. */
const LONGEST = 30 * 60 * SECOND;
/** An asynchronous answer is waited for so long; the container has 15 min by default. [doc] */
const ASYNC_PATIENCE = 15 * 60 * SECOND;
const ASYNC_LOOK = 2 * SECOND;
/** Characters of an answer that are shown. */
const SHOWN = 300;

/** A sample request, read before anything is changed. */
export interface Sample {
  readonly payload: SamplePayload;
  readonly name: string;
  readonly body: Buffer;
}

export interface ProofOptions {
  readonly endpointName: string;
  readonly plan: ProofPlan;
  readonly samples: readonly Sample[];
  /** Each of them is asked for itself; empty: SageMaker chooses. */
  readonly variants: readonly string[];
  readonly async?: AsyncPlan;
  /** Names the run's own objects in S3. */
  readonly runId: string;
  /** A fresh connection asks for credentials again. */
  readonly connect: (fresh: boolean) => Promise<DeployConnection>;
  readonly clock: JobClock;
  readonly signal: AbortSignal;
  readonly log: Log;
}

export type Proof =
  | { readonly kind: 'judged'; readonly record: ProofRecord; readonly why?: string }
  /** No request could be made: nothing is known of the model. */
  | { readonly kind: 'impossible'; readonly why: string; readonly fix: string; readonly lost: boolean };

/** @throws StageFailure when a file cannot be read */
export async function readSamples(plan: ProofPlan): Promise<readonly Sample[]> {
  return Promise.all(
    plan.payloads.map(async (payload) => {
      const name = path.basename(payload.path);
      try {
        return { payload, name, body: await readFile(payload.path) };
      } catch (error) {
        throw new StageFailure({
          message: `The sample request ${payload.path} cannot be read: ${(error as Error).message}.`,
          fix: 'Correct `endpoint-payload`; paths begin at the root of the repository.',
        });
      }
    }),
  );
}

/**
 * Sends the samples to the live endpoint as a client would, and judges the answers: status, content type, content and
 * latency. Trouble on SageMaker's side is no answer, and the request is made again.
 *
 * @throws CanceledError when the signal is aborted
 */
export async function prove(options: ProofOptions): Promise<Proof> {
  const { plan, samples, variants, log } = options;
  const judged: ProofSample[] = [];
  const latencies: number[] = [];
  const deadline = options.clock.now() + LONGEST;
  try {
    all: for (const sample of samples) {
      for (const variant of variants.length > 0 ? variants : [undefined]) {
        const { silent, ...result } = await proveSample(sample, variant, { ...options, deadline }, latencies);
        judged.push(result);
        const where = variant === undefined ? '' : ` (variant ${variant})`;
        log.info(`${result.passed ? 'Answered' : 'Bad'}: ${sample.name}${where}: ${result.evidence}`);
        // Whoever does not answer at all is not waited for again.
        if (silent) break all;
      }
    }
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const lost = error.kind !== 'access-denied' && error.kind !== 'invalid' && error.kind !== 'not-found';
    return { kind: 'impossible', why: error.message, fix: error.fix, lost };
  }
  return judge(judged, latencies, plan);
}

function judge(samples: readonly ProofSample[], latencies: readonly number[], plan: ProofPlan): Proof {
  const p50 = percentile(latencies, 50);
  const p95 = percentile(latencies, 95);
  const bad = samples.filter(({ passed }) => !passed);
  const slow =
    plan.maxLatencySeconds !== undefined && p95 !== undefined && p95 > plan.maxLatencySeconds
      ? `95 % of the requests took up to ${figure(p95)} s, and ${figure(plan.maxLatencySeconds)} s are allowed`
      : undefined;
  const why = [
    ...bad.map(({ name, variant, evidence }) => `${name}${variant ? ` (${variant})` : ''}: ${evidence}`),
    ...(slow === undefined ? [] : [slow]),
  ];
  return {
    kind: 'judged',
    record: {
      passed: why.length === 0,
      samples,
      ...(p50 !== undefined && { p50Seconds: p50 }),
      ...(p95 !== undefined && { p95Seconds: p95 }),
    },
    ...(why.length > 0 && { why: `${why.map(withoutStop).join('; ')}.` }),
  };
}

const withoutStop = (sentence: string): string => sentence.replace(/[.\s]+$/, '');

interface TimedOptions extends ProofOptions {
  /** Milliseconds since 1970. */
  readonly deadline: number;
}

/** The nearest rank. */
function percentile(values: readonly number[], percent: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
}

async function proveSample(
  sample: Sample,
  variant: string | undefined,
  options: TimedOptions,
  latencies: number[],
): Promise<ProofSample & { readonly silent?: boolean }> {
  const repeats = Math.max(1, options.plan.repeats);
  const named = { name: sample.name, ...(variant !== undefined && { variant }) };
  let evidence = '';
  for (let request = 1; request <= repeats; request += 1) {
    if (options.clock.now() >= options.deadline) {
      const late = `The proof was not through within ${LONGEST / SECOND / 60} min: ${request - 1} of ${repeats} requests were answered.`;
      return { ...named, passed: false, requests: request - 1, evidence: late, silent: true };
    }
    const answer =
      options.async === undefined
        ? await ask(sample, variant, options)
        : await askAsync(sample, request, options.async, options);
    if ('seconds' in answer) latencies.push(answer.seconds);
    const wrong = 'wrong' in answer ? answer.wrong : wrongWith(answer, sample.payload);
    if (wrong !== undefined) {
      const silent = 'silent' in answer;
      return { ...named, passed: false, requests: request, evidence: wrong, ...(silent && { silent }) };
    }
    if ('body' in answer) evidence = shown(answer.body);
  }
  return { ...named, passed: true, requests: repeats, evidence };
}

type Answer =
  | { readonly body: string; readonly contentType: string; readonly seconds: number }
  /** `silent`: none came at all. */
  | { readonly wrong: string; readonly silent?: true };

function wrongWith(
  answer: Extract<Answer, { body: string }>,
  { accept, expect }: SamplePayload,
): string | undefined {
  if (accept !== undefined && !isAccepted(accept, answer.contentType)) {
    return `It was answered as “${answer.contentType || 'no Content-Type'}”; “${accept}” was asked for.`;
  }
  if (expect !== undefined && !isExpected(answer.body, expect)) {
    return `Expected “${shown(expect)}”, got “${shown(answer.body)}”.`;
  }
  return undefined;
}

const shown = (answer: string): string => {
  const line = answer.replace(/\s+/g, ' ').trim();
  return line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line;
};

async function ask(
  { payload, body }: Sample,
  variant: string | undefined,
  options: ProofOptions,
): Promise<Answer> {
  const { endpointName, clock, signal } = options;
  return withPatience(options, async (connection) => {
    const runtime = await connection.runtime();
    const began = clock.now();
    const answer = await runtime.invoke(
      {
        endpointName,
        body,
        contentType: payload.contentType,
        ...(payload.accept !== undefined && { accept: payload.accept }),
        ...(variant !== undefined && { variant }),
      },
      signal,
    );
    const seconds = (clock.now() - began) / SECOND;
    if (answer.kind === 'refused') {
      const status = answer.status === 0 ? 'no success' : `status ${answer.status}`;
      return { wrong: `The container answered with ${status}: ${shown(answer.message)}` };
    }
    return { body: answer.body.toString('utf8'), contentType: answer.contentType, seconds };
  });
}

/** Through S3: the request is put there, and the answer comes there. Trouble with one call is none of the others'. */
async function askAsync(
  { payload, name, body }: Sample,
  request: number,
  { outputPath }: AsyncPlan,
  options: TimedOptions,
): Promise<Answer> {
  const { endpointName, clock, signal, runId, deadline } = options;
  const inputLocation = `${outputPath.replace(/\/+$/, '')}/sagemaker-byoc-proof/${runId}/${request}-${name}`;
  await withPatience(options, async ({ objects }) =>
    (await objects()).put(inputLocation, { body, contentType: payload.contentType }, signal),
  );
  const sent = await withPatience(options, async (connection) => {
    const runtime = await connection.runtime();
    const began = clock.now();
    const accept = payload.accept === undefined ? {} : { accept: payload.accept };
    const { contentType } = payload;
    return {
      began,
      ...(await runtime.invokeAsync({ endpointName, inputLocation, contentType, ...accept }, signal)),
    };
  });
  const { began, outputLocation, failureLocation } = sent;
  let denied: AwsError | undefined;
  const read = (uri: string) =>
    withPatience(options, ({ objects }) => textAt(objects, uri, signal)).catch((error: unknown) => {
      // To a role that may not list the bucket, S3 denies what is not there.
      if (!(error instanceof AwsError) || error.kind !== 'access-denied') throw error;
      denied = error;
      return undefined;
    });
  const end = Math.min(began + ASYNC_PATIENCE, deadline);
  while (clock.now() < end) {
    const output = await read(outputLocation);
    const seconds = (clock.now() - began) / SECOND;
    const failure =
      output !== undefined || failureLocation === undefined ? undefined : await read(failureLocation);
    if (output !== undefined || failure !== undefined) await removeRequest(inputLocation, options);
    // The object's own type is S3's, not the container's: it is not judged.
    if (output !== undefined) return { body: output, contentType: payload.accept ?? '', seconds };
    if (failure !== undefined) return { wrong: `The request failed: ${shown(failure)}` };
    await clock.sleep(ASYNC_LOOK, signal);
  }
  const minutes = Math.round((end - began) / SECOND / 60);
  const perhaps = denied === undefined ? '' : ` Or it came and may not be read: ${denied.message}`;
  return { wrong: `No answer came to ${outputLocation} within ${minutes} min.${perhaps}`, silent: true };
}

async function textAt(
  objects: DeployConnection['objects'],
  uri: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const object = await (await objects()).open(uri, signal);
  try {
    return object && (await text(object.body));
  } catch (error) {
    throw toAwsError(error, 's3:GetObject', signal);
  }
}

/** An answered request is of no use any more; one that stays does no harm. */
async function removeRequest(uri: string, { connect, signal, log }: ProofOptions): Promise<void> {
  try {
    await (await (await connect(false)).objects()).remove(uri, signal);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    log.info(`The request stays at ${uri}: ${error.message}`);
  }
}

/** @throws AwsError when SageMaker does not get a request through for too long, or refuses it */
async function withPatience<Output>(
  { connect, clock, signal }: ProofOptions,
  send: (connection: DeployConnection) => Promise<Output>,
): Promise<Output> {
  const patience = new Patience(() => clock.random());
  const began = clock.now();
  for (let fresh = false; ; ) {
    try {
      return await send(await connect(fresh));
    } catch (error) {
      if (!(error instanceof AwsError) || signal.aborted) throw error;
      // Right after a deployment the runtime may not know the endpoint yet.
      const passing = /^(?:throttled|server|network)$/.test(error.kind) || /not found/i.test(error.message);
      fresh = wantsCredentials(error.kind);
      const wait = patience.failed(error.kind, clock.now());
      if ((!passing && !fresh) || wait === undefined || clock.now() - began + wait > WEATHER) throw error;
      await clock.sleep(wait, signal);
    }
  }
}
