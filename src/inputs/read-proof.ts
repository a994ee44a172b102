import type { ProofPlan, SamplePayload } from '../plan.js';
import type { Inputs } from './fields.js';
import { ENDPOINT_REQUESTS, LATENCY_SECONDS } from './limits.js';
import { parseInteger, parseLatency } from './quantities.js';
import { type PayloadInputs, readPayloads } from './read-payloads.js';

const OF_ENDPOINT: PayloadInputs = {
  payload: 'endpoint-payload',
  contentType: 'endpoint-content-type',
  accept: 'endpoint-accept',
  expect: 'endpoint-expect',
};

/** Enough for a first idea of the latency. */
const DEFAULT_REQUESTS = 5;

/**
 * The requests that prove an endpoint: its own, or those of the smoke test.
 *
 * @param samples those of the smoke test
 * @param mostBytes that the endpoint takes in a request
 */
export function readProof(
  inputs: Inputs,
  workspace: string,
  samples: readonly SamplePayload[],
  mostBytes: number,
): ProofPlan {
  const repeats = parseInteger(inputs('endpoint-requests'), ENDPOINT_REQUESTS, DEFAULT_REQUESTS);
  const maxLatencySeconds = parseLatency(inputs('endpoint-max-latency'), LATENCY_SECONDS);
  const payloads = readPayloads(inputs, workspace, { inputs: OF_ENDPOINT, samples, mostBytes });
  return {
    payloads: repeats === 0 ? [] : payloads,
    repeats: Math.max(repeats, 1),
    ...(maxLatencySeconds === undefined ? {} : { maxLatencySeconds }),
  };
}
