import { basename } from 'node:path';
import type { SourceRecord } from '../../plan.js';

/**
 * The tag that a build gets in the local engine: the repository's name, else that of the context's folder, and
 * the run, so that two runs on one engine never take each other's image. The image stays after the run.
 */
export function imageName(source: SourceRecord, context: string, runId: string): string {
  const name = (source.repository?.split('/').at(-1) ?? basename(context))
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64)
    .replace(/-+$/, '');
  return `sagemaker-byoc/${name || 'image'}:${runId}`;
}
