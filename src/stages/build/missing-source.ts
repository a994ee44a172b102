import { existsSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import type { Explanation, Situation } from './situation.js';
import { code } from './words.js';

/**
 * Explains a `COPY` or `ADD` whose source is not there: outside of the context, kept out by `.dockerignore`, or
 * written relative to the wrong folder. Looks at the files to tell which.
 *
 * @param captured the path as the builder names it, when it does
 */
export function missingSource(
  situation: Situation,
  ...captured: readonly (string | undefined)[]
): Explanation | undefined {
  const { instruction, findings, plan, context } = situation;
  if (instruction?.keyword !== 'COPY' && instruction?.keyword !== 'ADD') {
    return undefined;
  }
  const from = /(?:^|\s)--from=(\S+)/.exec(instruction.rest)?.[1];
  const named =
    captured.find((path) => path !== undefined) ??
    /\bstat ([^:]+):|build context: (\S+)/.exec(findings.error)?.slice(1).find(Boolean);
  const sources = sourcesOf(instruction.rest);
  if (from !== undefined) {
    return {
      reason: `${named === undefined ? 'what it copies' : code(named)} is not in ${code(from)}.`,
      fix: `Correct the path: it is one in the file system of ${code(from)}, from its root on (\`docker run --rm --entrypoint ls …\` shows what is there).`,
    };
  }
  const parent = sources.find((source) => /(?:^|\/)\.\.(?:\/|$)/.test(source) && leaves(source));
  if (parent !== undefined) {
    return {
      reason: `${code(parent)} lies outside of the build context ${code(context)}.`,
      fix: 'Docker copies only from the build context. Set `context` to a folder that holds both (`context: .`) with `dockerfile` naming the Dockerfile, and write the paths relative to it.',
    };
  }
  const bare = named?.replace(/^\/+/, '');
  const source =
    sources.find((one) => bare !== undefined && posix.normalize(one).replace(/^\/+/, '') === bare) ??
    bare ??
    sources[0] ??
    '';
  const relative = source.replace(/^\/+/, '');
  const inContext = join(plan.context, relative);
  if (relative !== '' && existsSync(inContext)) {
    return {
      reason: `${code(source)} is in the build context ${code(context)}, but a \`.dockerignore\` keeps it out.`,
      fix: 'Take it out of the `.dockerignore`, or add an exception for it: a line `!` and its path.',
    };
  }
  const besideDockerfile = join(dirname(plan.dockerfile), relative);
  const wrongBase =
    relative !== '' && dirname(plan.dockerfile) !== plan.context && existsSync(besideDockerfile);
  const tooLong =
    relative.startsWith(`${context}/`) && existsSync(join(plan.context, relative.slice(context.length + 1)));
  return {
    reason: `${code(source)} is not in the build context ${code(context)}.`,
    fix: tooLong
      ? `Paths are relative to the context: write ${code(relative.slice(context.length + 1))}.`
      : wrongBase
        ? 'It is beside the Dockerfile, but paths are relative to the context: set `context` to the Dockerfile’s folder, or write the path from the context on.'
        : 'Correct the path, which is relative to the context. Files that git ignores, or that Git LFS, DVC or an earlier job make, are not there after a checkout.',
  };
}

/** The sources of a COPY or ADD: all words but the options and the last. */
function sourcesOf(rest: string): readonly string[] {
  const operands = rest.trim().replace(/^(?:--\S+\s+)+/, '');
  const words = operands.startsWith('[')
    ? [...operands.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word = '']) => word)
    : operands.split(/\s+/);
  return words.slice(0, -1);
}

const leaves = (path: string): boolean => posix.normalize(path.replace(/^\/+/, '')).startsWith('..');
