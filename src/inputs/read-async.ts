import type { AsyncPlan } from '../plan.js';
import { ASYNC_CONCURRENCY, SNS_TOPIC } from './limits.js';
import { readParts } from './map-parts.js';
import type { Field } from './problems.js';
import { parseInteger } from './quantities.js';
import { inPartition } from './read-aws.js';
import { checkHostingUri } from './s3-uris.js';

const KEYS = ['output-path', 'failure-path', 'success-topic', 'error-topic', 'max-concurrency'] as const;

/** AsyncInferenceConfig: where answers and failures go, and who is told. */
export function readAsync(field: Field, region: string | undefined): AsyncPlan | undefined {
  if (!field.given) return undefined;
  const parts = readParts(field, {
    keys: KEYS,
    required: { 'output-path': '`output-path=s3://bucket/prefix`, where the answers are written' },
  });
  const outputPath = checkHostingUri(parts('output-path'), 'output path');
  const failurePath = checkHostingUri(parts('failure-path'), 'failure path');
  const successTopic = readTopic(parts('success-topic'), region);
  const errorTopic = readTopic(parts('error-topic'), region);
  const concurrency = parts('max-concurrency');
  return {
    outputPath: outputPath ?? '',
    ...(failurePath === undefined ? {} : { failurePath }),
    ...(successTopic === undefined ? {} : { successTopic }),
    ...(errorTopic === undefined ? {} : { errorTopic }),
    ...(concurrency.given
      ? { maxConcurrentInvocations: parseInteger(concurrency, ASYNC_CONCURRENCY, 1) }
      : {}),
  };
}

function readTopic(field: Field, region: string | undefined): string | undefined {
  if (!field.given) return undefined;
  const arn = field.text.trim();
  const match = SNS_TOPIC.pattern.exec(arn);
  if (!match || arn.length > SNS_TOPIC.length) {
    return field.problem(
      'Is not the ARN of a topic: `arn:aws:sns:<region>:<account>:<name>`.',
      "Copy it from the topic's page.",
    );
  }
  if (region !== undefined && match[1] !== region) {
    return field.problem(
      `The topic is in the region ${match[1]}, but the endpoint in ${region}.`,
      `Name one in ${region}.`,
    );
  }
  return inPartition(field, arn, region);
}
