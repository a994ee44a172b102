import { LineSplitter } from '../contract/log-lines.js';
import { DockerUnavailableError, isUnreachable } from '../docker/docker.js';
import type { BuildPlan, ImageRecord, ImageSource } from '../plan.js';
import { type BuildCommand, buildCommand } from './build/build-command.js';
import { buildFailure } from './build/build-failure.js';
import { BuildkitLog, type BuildLog, PlainLog } from './build/build-log.js';
import { findBuilder } from './build/builder.js';
import { findImage } from './build/find-image.js';
import { givenImage } from './build/given-image.js';
import { hideSecrets } from './build/hide-secrets.js';
import { imageName } from './build/image-name.js';
import { list } from './build/words.js';
import type { StageContext } from './context.js';
import { StageFailure } from './stage-failure.js';

export interface BuildResult {
  readonly image: ImageRecord;
}

/**
 * Builds the image, or finds the one that is given in its place. It is in the local engine afterwards and stays
 * there: it is what the run is for.
 *
 * @throws StageFailure when there is no image in the end, with the reason and the fix
 * @throws CanceledError, DockerUnavailableError as they come
 */
export async function build(
  context: StageContext,
  source: ImageSource,
  workspace: string,
): Promise<BuildResult> {
  if (source.kind === 'none') {
    throw new Error('The plan has no image for a stage that needs one.');
  }
  return {
    image:
      source.kind === 'build'
        ? await buildImage(context, source.build, workspace)
        : await givenImage(context, source.uri, source.platform),
  };
}

async function buildImage(context: StageContext, plan: BuildPlan, workspace: string): Promise<ImageRecord> {
  const { docker, log, signal } = context;
  const tag = imageName(context.source, plan.context, context.runId);
  const builder = await findBuilder(docker, signal);
  const command = buildCommand(builder, plan, context.source, tag);
  const empty = [...plan.secrets].flatMap(([id, secret]) =>
    secret.kind === 'value' && secret.value === '' ? [id] : [],
  );
  if (empty.length > 0) {
    log.info(`Empty in \`build-secrets\`: ${list(empty)}. Pull requests from forks get no secrets.`);
  }
  log.info(command.shown);

  const output = builder.kind === 'buildx' ? new BuildkitLog() : new PlainLog();
  const code = await follow(context, command, output, hideSecrets(plan.secrets));
  if (code !== 0) {
    const findings = output.findings();
    if (isUnreachable(findings.error)) {
      throw new DockerUnavailableError(findings.error);
    }
    throw await buildFailure(findings, plan, workspace);
  }
  const image = await findImage(docker, tag, signal);
  if (image === undefined) {
    throw new StageFailure({
      message: `The build ended well, but its image ${tag} is not in the Docker engine.`,
      fix: 'The builder must be able to load its result into the engine that this job uses: check BUILDX_BUILDER and DOCKER_HOST. If something else on this machine removes images, let it wait for the job.',
    });
  }
  if (image.platform !== plan.platform) {
    // The check `image-architecture` judges it; what it cannot know is where the other platform came from.
    log.info(
      `The image is for ${image.platform}, although ${plan.platform} was asked for: look for --platform behind FROM${
        builder.kind === 'plain' ? ', or at a local base image, which plain docker build takes as it is' : ''
      }.`,
    );
  }
  return image;
}

/** Runs a build and shows its output as it comes. Gives the exit code. */
async function follow(
  { docker, log, signal }: StageContext,
  { args, env }: BuildCommand,
  output: BuildLog,
  hide: (line: string) => string,
): Promise<number> {
  const child = start();
  for (const name of ['stdout', 'stderr'] as const) {
    const splitter = new LineSplitter((printed) => {
      const line = hide(printed);
      log.untrusted('build', line);
      output.push(name, line);
    });
    child[name].on('data', (chunk: Buffer) => splitter.write(chunk));
    child[name].on('end', () => splitter.end());
  }
  return await child.exitCode.catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'E2BIG' ? tooLong() : error;
  });

  function start() {
    try {
      return docker.start(args, { signal, env });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'E2BIG') {
        throw tooLong();
      }
      // A NUL character: the only thing that an argument cannot hold.
      throw code === 'ERR_INVALID_ARG_VALUE'
        ? new StageFailure({
            message:
              'A build argument, a label or a secret holds a NUL character, which no program can be given.',
            fix: 'Remove it (`\\0` in a YAML or JSON string), or give a secret in `build-secret-files`.',
          })
        : error;
    }
  }
}

const tooLong = (): StageFailure =>
  new StageFailure({
    message: 'The build arguments, labels and secrets are too long for a command line.',
    fix: 'Put long values into files of the build context, or into `build-secret-files`.',
  });
