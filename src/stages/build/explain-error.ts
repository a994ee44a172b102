import { stageHeads } from './dockerfile.js';
import { emulationAdvice } from './emulation.js';
import { pulledImage } from './locate-step.js';
import { missingProgram, missingProgramAdvice } from './missing-program.js';
import { missingSource } from './missing-source.js';
import { explainPull } from './pull-failure.js';
import type { Explanation, Situation } from './situation.js';
import { code, list } from './words.js';

type Explain = (situation: Situation, ...captured: readonly string[]) => Explanation | undefined;

const SETUP_BUILDX = '`- uses: docker/setup-buildx-action@v3`';

/**
 * What the builder itself says when it gives up, as far as there is more to say about it than it does. All
 * texts were seen with BuildKit 0.8 (in engine 20.10) and 0.25 and with the classic builder, or are quoted
 * from their sources.
 */
const ROWS: readonly (readonly [RegExp, Explain])[] = [
  [
    /dockerfile parse error(?: on)? line \d+: (.*)/i,
    (_, what) => ({
      reason: `Docker cannot read it: ${what}.`,
      fix: /unknown instruction/i.test(what ?? '')
        ? 'Correct the instruction’s name. A line that belongs to the one before needs a `\\` at the end of that one; a here-document (`<<EOF`) needs BuildKit 0.9 or newer (docker/setup-buildx-action).'
        : 'Correct the instruction: https://docs.docker.com/reference/dockerfile/',
    }),
  ],
  [
    /Cache export is not supported for the (\S+) driver/,
    (_, driver) => ({
      reason: `\`cache-to\` cannot be used with this builder: its driver ${code(driver)} cannot export a cache.`,
      fix: `Add ${SETUP_BUILDX} before this step (its builder can), or leave \`cache-to\` out.`,
    }),
  ],
  [
    /(?:configure|setup|exporting|importing).{0,20}\bgha\b|\bgha cache|actions[- ]cache/i,
    ({ findings }) => ({
      reason: `GitHub’s cache (\`type=gha\`) cannot be used: ${findings.error}`,
      fix: 'It works only in a job on GitHub Actions, with a current docker/setup-buildx-action. Take `type=gha` out elsewhere; add `,ignore-error=true` to `cache-to` for a build that goes on without it.',
    }),
  ],
  [
    /type required form|unknown cache (?:exporter|importer)|invalid (?:cache|value .* for cache)|ref is required|dest is required|src is required/i,
    ({ findings }) => ({
      reason: `\`cache-from\` or \`cache-to\` is not written as Docker reads it: ${findings.error}`,
      fix: 'Write for example `type=gha`, `type=registry,ref=ghcr.io/org/app:cache` or `type=local,dest=.cache`: https://docs.docker.com/build/cache/backends/',
    }),
  ],
  [
    /no builder "([^"]*)" found/,
    (_, name) => ({
      reason: `there is no builder ${code(name)}, which BUILDX_BUILDER names.`,
      fix: 'Unset BUILDX_BUILDER, or make the builder before this step (docker/setup-buildx-action).',
    }),
  ],
  [
    /BuildKit is enabled but the buildx component is missing or broken/,
    () => ({
      reason: 'Docker is told to use BuildKit, but has no buildx.',
      fix: `Add ${SETUP_BUILDX} before this step.`,
    }),
  ],
  [
    /^unknown flag: (\S+)/,
    (_, flag) => ({
      reason: `this Docker’s build command does not know ${code(flag)}: it is too old.`,
      fix: `Add ${SETUP_BUILDX} before this step, or update Docker.`,
    }),
  ],
  [
    /the --mount option requires BuildKit|requires BuildKit/i,
    () => ({
      reason: 'the instruction needs BuildKit, and this Docker has no buildx.',
      fix: `Add ${SETUP_BUILDX} before this step. On a runner of your own, install the docker-buildx plugin.`,
    }),
  ],
  [
    /target stage "?([^"\s]+)"? could not be found|failed to reach build target (\S+) in/,
    (situation, first, second) => {
      const names = stageHeads(situation.instructions).flatMap(({ name }) => name ?? []);
      return {
        reason: `${code(situation.dockerfile)} has no stage ${code(first ?? second ?? '')}, which \`target\` names.`,
        fix:
          names.length > 0
            ? `Its stages are ${list(names)}: correct \`target\`.`
            : 'No stage there has a name. Leave `target` out, or name a stage: `FROM image AS name`.',
      };
    },
  ],
  [
    /secret ([^\s:]+)(?::| not found:) not found/,
    ({ plan }, id) => {
      const given = plan.secrets.get(id ?? '');
      return {
        reason:
          given === undefined
            ? `the secret ${code(id ?? '')} is not among \`build-secrets\` or \`build-secret-files\`.`
            : `the secret ${code(id ?? '')} is empty.`,
        fix:
          given === undefined
            ? `Give it: \`build-secrets: ${id}=…\`, with the value from the \`secrets\` context.`
            : 'Set the secret in the repository’s settings. Pull requests from forks get no secrets: build without it there, or without `required` in the Dockerfile.',
      };
    },
  ],
  [/(?:file not found in build context|no source files were specified|forbidden path)/, missingSource],
  [/COPY failed: stat (.+): file does not exist/, missingSource],
  [/"([^"]+)"(?: not found)?: not found$|lstat (\S+): no such file/, missingSource],
  [
    /failed to parse stage name|invalid reference format|base name \(.*\) should not be blank/,
    () => ({
      reason: 'the name of the image is not a valid one.',
      fix: 'A build argument in it may have no value: declare it before the first `FROM` with a default (`ARG TAG=1.0`), or give it in `build-args`.',
    }),
  ],
  [
    /Dockerfile.* cannot be empty|file with no instructions|no build stage in current context/,
    () => ({
      reason: 'the Dockerfile has no `FROM`, so it builds nothing.',
      fix: 'Begin it with `FROM` and a base image, or set `dockerfile` to the right file.',
    }),
  ],
  [
    /no space left on device/i,
    () => ({
      reason: 'the disk of the Docker engine is full.',
      fix: 'Free some (`docker system prune --all` before this step; GitHub’s runners hold large tools that can be removed), make the image smaller, or use a runner with more disk.',
    }),
  ],
  [
    /(?:error from sender|failed to (?:read|load) .*context|error checking context|can't stat|no permission to read).*?(?:open|stat|lstat|from) '?([^':]+)'?/i,
    (situation, path) => ({
      reason: `a file of the build context ${code(situation.context)} cannot be read: ${code(path ?? '')}.`,
      fix: 'Change its permissions (`chmod -R a+rX`), or keep it out of the build with `.dockerignore`. Files that an earlier container step wrote may belong to root.',
    }),
  ],
  [
    /unable to find user ([^\s:]+)|can't find uid for user ([^\s:]+)|unable to find group ([^\s:]+)/,
    (_, ...names) => ({
      reason: `the image has no user or group ${code(names.find((name) => name !== undefined) ?? '')} at this point.`,
      fix: 'Make it in an instruction before (`RUN useradd --create-home NAME`), or use a number, which needs no entry.',
    }),
  ],
  [
    /exec: "([^"]+)": (?:executable file not found|stat )/,
    (_, program) => ({
      reason: `${missingProgram(program ?? '')}.`,
      fix: missingProgramAdvice(program ?? ''),
    }),
  ],
  [
    /exec format error/i,
    (situation) => ({
      reason: 'the machine cannot run the image’s programs.',
      fix: emulationAdvice(situation),
    }),
  ],
];

/** Explains what the builder said; undefined when its own words must do. */
export function explainError(situation: Situation): Explanation | undefined {
  const { error, step } = situation.findings;
  const cache = /^(?:exporting|importing) cache/.test(step?.title ?? '');
  if (cache) {
    return {
      reason: `the cache of \`cache-to\` could not be written: ${error}`,
      fix: 'Check its address, and log in to its registry before this step (docker/login-action). With `,ignore-error=true` in `cache-to`, the build goes on without it.',
    };
  }
  for (const [pattern, explain] of ROWS) {
    const match = pattern.exec(error);
    const explanation = match && explain(situation, ...match.slice(1));
    if (explanation) {
      return explanation;
    }
  }
  return explainBase(situation);
}

/** An image that the Dockerfile builds on, or copies from, cannot be had. */
function explainBase({ findings, instruction, plan }: Situation): Explanation | undefined {
  const { error, step } = findings;
  const image =
    pulledImage(step?.title ?? '') ??
    /failed to resolve source metadata for ([^\s]+?):? /.exec(error)?.[1] ??
    (instruction?.keyword === 'FROM' ? stageHeads([instruction])[0]?.image : undefined) ??
    /invalid from flag value ([^\s:]+)/.exec(error)?.[1];
  if (image === undefined) {
    return undefined;
  }
  const name = image.replace(/^docker\.io\/(?:library\/)?/, '');
  const pull = explainPull(error, name, plan.platform);
  if (!pull) {
    return undefined;
  }
  if (/^resolve image config/.test(step?.title ?? '')) {
    return {
      reason: `the Dockerfile’s \`# syntax=\` line needs ${code(name)}, which cannot be pulled: ${pull.reason}.`,
      fix: `${pull.fix} Or take the line out: the builder has a frontend of its own.`,
    };
  }
  return { reason: `${code(name)} cannot be pulled: ${pull.reason}.`, fix: pull.fix };
}
