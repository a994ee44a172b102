import { type CheckDefinition, failed, passed, skipped } from './check.js';
import { judgeReadyServer } from './judge-ready-server.js';
import { shortest } from './words.js';

export const serveExecutionParameters: CheckDefinition = {
  id: 'serve-execution-parameters',
  group: 'hosting',
  severity: 'warning',
  title: 'GET /execution-parameters answers what batch transform understands',
  proves:
    'The route is absent, or it answers JSON with valid MaxConcurrentTransforms, BatchStrategy and MaxPayloadInMB.',
  why: 'Batch transform asks for it before the first record. The route is optional; a wrong answer changes how the records are cut.',
  fix: 'Answer `{"MaxConcurrentTransforms": 8, "BatchStrategy": "MULTI_RECORD", "MaxPayloadInMB": 6}`, or 404.',
  source: '[doc] your-algorithms-batch-code.md',
  judged: 'when the server answers GET /execution-parameters with 200',
  judge: (observations) =>
    judgeReadyServer(observations, (run) => {
      const answer = run.executionParameters;
      if (answer === undefined || answer.status !== 200) {
        return skipped(
          `The server does not offer the route (${answer?.status ?? 'no answer'}); it is optional.`,
        );
      }
      const problem = problemOf(answer.body);
      const shown = shortest(answer.body.trim(), 200);
      return problem === undefined ? passed(`${shown}`) : failed(`${problem}: ${shown}`);
    }),
};

function problemOf(body: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return 'The answer is not JSON';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return 'The answer is not a JSON object';
  }
  const {
    MaxConcurrentTransforms: transforms,
    BatchStrategy: strategy,
    MaxPayloadInMB: payload,
  } = value as Record<string, unknown>;
  const whole = (number: unknown) => Number.isInteger(number) && (number as number) >= 0;
  if (transforms !== undefined && !whole(transforms)) {
    return 'MaxConcurrentTransforms is not a whole number';
  }
  if (payload !== undefined && !(whole(payload) && (payload as number) <= 100)) {
    return 'MaxPayloadInMB is not a whole number up to 100';
  }
  if (strategy !== undefined && strategy !== 'MULTI_RECORD' && strategy !== 'SINGLE_RECORD') {
    return 'BatchStrategy is neither MULTI_RECORD nor SINGLE_RECORD';
  }
  return whole(transforms) && whole(payload) && (transforms as number) * (payload as number) > 100
    ? 'MaxConcurrentTransforms × MaxPayloadInMB is over 100'
    : undefined;
}
