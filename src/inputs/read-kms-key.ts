import { suggestion } from './did-you-mean.js';
import { KMS_KEY_ID } from './limits.js';
import type { Field } from './problems.js';
import { inPartition } from './read-aws.js';

/** [doc] the forms that `KmsKeyId` of OutputDataConfig takes. */
const KMS_ARN = /^arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:(?:key|alias)\/.+$/;
const KMS_KEY =
  /^(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|mrk-[0-9a-f]{32}|alias\/.+)$/i;

export function readKmsKey(field: Field, region: string | undefined): string | undefined {
  if (!field.given) return undefined;
  const key = field.text.trim();
  const arn = KMS_ARN.exec(key);
  const plain = KMS_KEY_ID.pattern.test(key) && key.length <= KMS_KEY_ID.length;
  if (!plain || (!arn && !KMS_KEY.test(key))) {
    return field.problem(
      'Is not a key of KMS: its id, its ARN, or `alias/<name>`.',
      KMS_KEY_ID.pattern.test(key) && !key.startsWith('arn:')
        ? `${suggestion(key, ['alias/'])}Write \`alias/${key}\` if this is the key's alias, or copy its ARN.`
        : "Copy the ARN from the key's page.",
    );
  }
  if (!arn) return key;
  if (region !== undefined && arn[1] !== region) {
    return field.problem(
      `The key is in the region ${arn[1]}, but the job in ${region}.`,
      `Name a key in ${region}.`,
    );
  }
  return inPartition(field, key, region);
}
