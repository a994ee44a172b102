import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { AwsPlan } from '../plan.js';
import type { Inputs } from './fields.js';
import { characters, ROLE_ARN, TAGS } from './limits.js';
import { parseMap } from './parse-map.js';
import { Field, type Problems } from './problems.js';
import { parseRegion, partitionOf } from './regions.js';

/**
 * What every call of AWS shares. The region is the input's, or the environment's (`AWS_REGION` as the AWS actions
 * set it, `AWS_DEFAULT_REGION` as the AWS CLI reads it), or left to the profile.
 *
 * @param needed whether a stage calls AWS: only then is a region missed
 */
export function readAws(
  inputs: Inputs,
  env: NodeJS.ProcessEnv,
  problems: Problems,
  needed: boolean,
): AwsPlan {
  const field = inputs('aws-region');
  const region = field.given ? parseRegion(field) : needed ? regionOf(env, problems) : undefined;
  if (needed && region === undefined && !field.given && !hasRegionVariable(env) && !hasProfile(env)) {
    field.problem(
      'No region is set: neither here, nor in `AWS_REGION`, nor in a profile.',
      'Set `aws-region`, or let `aws-actions/configure-aws-credentials` set it in a step before.',
    );
  }
  return { ...(region === undefined ? {} : { region }), tags: readTags(inputs('tags')) };
}

const REGION_VARIABLES = ['AWS_REGION', 'AWS_DEFAULT_REGION'] as const;

const hasRegionVariable = (env: NodeJS.ProcessEnv): boolean => REGION_VARIABLES.some((name) => env[name]);

function regionOf(env: NodeJS.ProcessEnv, problems: Problems): string | undefined {
  const name = REGION_VARIABLES.find((variable) => env[variable]);
  return name === undefined ? undefined : parseRegion(new Field(name, env[name] ?? '', problems));
}

/** Whether the SDK finds a file that may name a region; what is in it is the SDK's to read. */
const hasProfile = (env: NodeJS.ProcessEnv): boolean =>
  existsSync(env['AWS_CONFIG_FILE'] || join(env['HOME'] || homedir(), '.aws', 'config'));

function readTags(field: Field): ReadonlyMap<string, string> {
  const tags = parseMap(field);
  if (tags.size > TAGS.entries) {
    field.problem(
      `AWS takes at most 50 tags, and ten of them are for those that this action sets; these are ${tags.size}.`,
      `Keep ${TAGS.entries} or fewer.`,
      '',
    );
  }
  for (const [key, value] of tags) checkTag(field, key, value);
  return tags;
}

function checkTag(field: Field, key: string, value: string): void {
  const shown = `${key}=${value}`;
  if (/^aws:/i.test(key)) {
    field.problem("Tags that begin with `aws:` are AWS's own.", 'Choose another name.', shown);
  } else if (key.startsWith(OWN_TAGS)) {
    field.problem(
      `Tags that begin with \`${OWN_TAGS}\` are set by this action.`,
      'Choose another name.',
      shown,
    );
  } else if (characters(key) > TAGS.key || characters(value) > TAGS.value) {
    field.problem(
      `A tag's key has at most ${TAGS.key} characters, its value at most ${TAGS.value}; these have ` +
        `${characters(key)} and ${characters(value)}.`,
      'Shorten it.',
      shown,
    );
  } else if (!TAGS.pattern.test(key) || !TAGS.pattern.test(value)) {
    field.problem(
      'A tag has letters, digits, spaces and `_ . : / = + - @`.',
      'Remove the other characters.',
      shown,
    );
  }
}

/** What the action's own tags begin with: `sagemaker-byoc:commit`. */
const OWN_TAGS = 'sagemaker-byoc:';

/** The role that SageMaker assumes for the job. */
export function readRole(field: Field, region: string | undefined): string | undefined {
  if (!field.given) return undefined;
  const arn = field.text.trim();
  const session = /^arn:(aws[a-z-]*):sts::(\d{12}):assumed-role\/([^/]+)/.exec(arn);
  if (session) {
    return field.problem(
      'Is the ARN of a session, not of a role.',
      `Write the role's own: \`arn:${session[1]}:iam::${session[2]}:role/${session[3]}\`, with its path if it has one.`,
    );
  }
  if (!ROLE_ARN.pattern.test(arn) || arn.length < ROLE_ARN.min || arn.length > ROLE_ARN.max) {
    return field.problem(
      'Is not the ARN of a role: `arn:aws:iam::<12 digits>:role/<name>`.',
      /^arn:/.test(arn)
        ? "Copy the ARN from the role's page in IAM."
        : "Write the role's whole ARN, not its name alone.",
    );
  }
  return inPartition(field, arn, region);
}

/** An ARN is good in its own partition only. */
export function inPartition(field: Field, arn: string, region: string | undefined): string | undefined {
  const partition = arn.split(':')[1] ?? '';
  if (region === undefined || partition === partitionOf(region)) return arn;
  return field.problem(
    `Belongs to the partition \`${partition}\`, but the region ${region} to \`${partitionOf(region)}\`.`,
    `Name one that begins with \`arn:${partitionOf(region)}:\`, or another \`aws-region\`.`,
    arn,
  );
}
