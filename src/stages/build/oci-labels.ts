import type { SourceRecord } from '../../plan.js';

/** The page of the run that built the image; the other names are the OCI's own. */
const RUN_URL_LABEL = 'io.github.sagemaker-byoc.run-url';
/** The branch or tag in full, `refs/heads/main`: a branch `v1` is not the tag `v1`. */
export const REF_LABEL = 'io.github.sagemaker-byoc.ref';
export const SOURCE_LABEL = 'org.opencontainers.image.source';
export const REVISION_LABEL = 'org.opencontainers.image.revision';

/**
 * The labels that say where an image came from, as far as that is known, and the user's own, which win.
 * There is no `created`: the image's own configuration has it, and as a label it would make a new image of
 * every build that changed nothing.
 *
 * https://github.com/opencontainers/image-spec/blob/main/annotations.md
 */
export function ociLabels(
  source: SourceRecord,
  own: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const { repository, serverUrl = 'https://github.com', commit, ref, runUrl } = source;
  const facts: readonly (readonly [string, string | undefined])[] = [
    [SOURCE_LABEL, repository && `${serverUrl}/${repository}`],
    [REVISION_LABEL, commit],
    ['org.opencontainers.image.version', ref && refName(ref)],
    [REF_LABEL, ref],
    [RUN_URL_LABEL, runUrl],
  ];
  return new Map([...facts.filter((fact): fact is [string, string] => Boolean(fact[1])), ...own]);
}

/** `refs/heads/main` → `main`, `refs/tags/v1` → `v1`, `refs/pull/7/merge` → `pr-7`. */
function refName(ref: string): string {
  const pull = /^(?:refs\/pull\/)?(\d+)\/(?:merge|head)$/.exec(ref);
  return pull ? `pr-${pull[1]}` : ref.replace(/^refs\/(?:heads|tags)\//, '');
}
