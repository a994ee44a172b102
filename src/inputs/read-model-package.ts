import type { ModelPackageReference } from '../plan.js';
import { suggestion } from './did-you-mean.js';
import type { Inputs } from './fields.js';
import { MODEL_PACKAGE_ARN } from './limits.js';
import type { Field } from './problems.js';
import { inPartition } from './read-aws.js';

const WORDS = ['latest-approved', 'latest'] as const;

/**
 * A version of the model registry: its ARN, or by its group its number, `latest-approved` or `latest`.
 *
 * @param group of `model-package-group`
 */
export function readModelPackage(
  inputs: Inputs,
  group: string | undefined,
  region: string | undefined,
): ModelPackageReference | undefined {
  const field = inputs('model-package');
  return field.given
    ? parseModelPackage(field, inputs('model-package-group').given, group, region)
    : undefined;
}

export function parseModelPackage(
  field: Field,
  groupGiven: boolean,
  group: string | undefined,
  region: string | undefined,
): ModelPackageReference | undefined {
  const text = field.text.trim();
  if (text.startsWith('arn:')) return parseArn(field, text, region);
  const kind = WORDS.find((word) => word === text);
  const isNumber = /^[1-9]\d{0,8}$/.test(text);
  if (kind === undefined && !isNumber) {
    return field.problem(
      'Is no version of a model: its ARN, its number, `latest-approved` or `latest`.',
      `${suggestion(text, WORDS)}Write \`latest-approved\`, for example.`,
    );
  }
  if (!groupGiven) {
    return field.problem(
      'Names a version by its group, but `model-package-group` is not given.',
      "Set `model-package-group`, or write the version's ARN.",
    );
  }
  if (group === undefined) return undefined;
  return kind === undefined ? { kind: 'version', group, version: Number(text) } : { kind, group };
}

function parseArn(field: Field, arn: string, region: string | undefined): ModelPackageReference | undefined {
  const match = MODEL_PACKAGE_ARN.pattern.exec(arn);
  if (!match || arn.length > MODEL_PACKAGE_ARN.length) {
    return field.problem(
      'Is not the ARN of a version in the model registry: `arn:aws:sagemaker:<region>:<account>:model-package/<group>/<version>`.',
      /:model-package-group\//.test(arn)
        ? 'This is the ARN of a group. Set `model-package-group`, and `model-package: latest-approved`.'
        : 'Copy it from the output `model-package-arn`, or from the version’s page.',
    );
  }
  if (region !== undefined && match[1] !== region) {
    return field.problem(
      `The version is in the region ${match[1]}, but the run in ${region}.`,
      `Name one in ${region}, or set \`aws-region: ${match[1]}\`.`,
    );
  }
  return inPartition(field, arn, region) === undefined ? undefined : { kind: 'arn', arn };
}
