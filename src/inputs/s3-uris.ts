import { BUCKET, characters, HOSTING_S3_URI, S3_URI } from './limits.js';
import type { Field } from './problems.js';

/**
 * Checks an address in S3: `s3://bucket/prefix`. The API would take `https://` too; one form is enough.
 *
 * @param value the part of the input that is shown with a mistake
 */
export function checkS3Uri(field: Field, uri: string, what: string, value: string = uri): string | undefined {
  const http =
    /^https?:\/\/(?:([^/]+)\.s3[.-][^/]*amazonaws\.com(?:\.cn)?|s3[.-][^/]*amazonaws\.com(?:\.cn)?\/([^/]+))(?:\/(.*))?$/.exec(
      uri,
    );
  const bucket = /^s3:\/\/([^/]*)(?:\/|$)/.exec(uri)?.[1];
  if (http) {
    return field.problem(
      `The ${what} is a web address; its form here is \`s3://bucket/prefix\`.`,
      `Write \`s3://${http[1] ?? http[2] ?? ''}/${http[3] ?? ''}\`.`,
      value,
    );
  }
  if (bucket === undefined) {
    return field.problem(
      `The ${what} is not an address in S3: \`s3://bucket/prefix\`.`,
      /^s3:/i.test(uri)
        ? 'Write `s3://`, in lower case and with two slashes, before the bucket.'
        : 'Write `s3://`, the bucket, and the prefix.',
      value,
    );
  }
  if (bucket === '') {
    return field.problem(
      `The ${what} has no bucket.`,
      'Write `s3://bucket/prefix`. If the bucket comes from a variable or a secret, it is empty in this run.',
      value,
    );
  }
  if (!BUCKET.pattern.test(bucket)) {
    return field.problem(
      `The ${what} has a bucket whose name S3 does not take: letters, digits, \`.\` and \`-\`, at least 3 characters.`,
      'Correct the name of the bucket.',
      value,
    );
  }
  if (characters(uri) > S3_URI.length) {
    return field.problem(
      `The ${what} has ${characters(uri)} characters; SageMaker takes at most ${S3_URI.length}.`,
      'Use a shorter prefix.',
      value,
    );
  }
  return uri;
}

/** An input that is one address. */
export const parseS3Uri = (field: Field, what: string): string | undefined =>
  field.given ? checkS3Uri(field, field.text.trim(), what) : undefined;

/** An address of an endpoint's own configuration, which takes shorter ones. */
export function checkHostingUri(field: Field, what: string): string | undefined {
  const uri = parseS3Uri(field, what);
  if (uri === undefined || characters(uri) <= HOSTING_S3_URI.length) return uri;
  return field.problem(
    `The ${what} has ${characters(uri)} characters; SageMaker takes at most ${HOSTING_S3_URI.length} here.`,
    'Use a shorter prefix.',
  );
}
