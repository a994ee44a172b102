import type { Field } from './problems.js';
import { checkS3Uri } from './s3-uris.js';

/** A model in S3: an archive, or a prefix with the files of the model as they are. */
export function parseModelArtifacts(field: Field): string | undefined {
  if (!field.given) return undefined;
  const uri = checkS3Uri(field, field.text.trim(), 'address of the model');
  if (uri === undefined || /\.tar\.gz$|.\/$/.test(uri.replace(/^s3:\/\/[^/]+/, ''))) return uri;
  return field.problem(
    'Is neither an archive (`.tar.gz`) nor a prefix that ends with `/`.',
    'Write the whole address, such as `s3://bucket/models/forecast/output/model.tar.gz`.',
  );
}
