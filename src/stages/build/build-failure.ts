import { readFile } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import type { Annotation, BuildPlan } from '../../plan.js';
import { StageFailure } from '../stage-failure.js';
import type { BuildFindings } from './build-log.js';
import { type Instruction, parseDockerfile } from './dockerfile.js';
import { explainError } from './explain-error.js';
import { explainOutput } from './explain-output.js';
import { locateStep } from './locate-step.js';
import type { Situation } from './situation.js';
import { code } from './words.js';

const TITLE = 'The image could not be built';
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'linux/amd64', arm64: 'linux/arm64' };

/** What a failed build means for the person who wrote the Dockerfile. */
export async function buildFailure(
  findings: BuildFindings,
  plan: BuildPlan,
  workspace: string,
): Promise<StageFailure> {
  // The builder had it, so a file that is gone by now only costs the line.
  const text = await readFile(plan.dockerfile, 'utf8').catch(() => '');
  const instructions = parseDockerfile(text);
  const place = findPlace(findings, instructions);
  const instruction =
    place && instructions.find(({ line, endLine }) => line <= place.line && place.line <= endLine);
  const situation: Situation = {
    plan,
    findings,
    instructions,
    dockerfile: shown(workspace, plan.dockerfile),
    context: shown(workspace, plan.context),
    isNativePlatform: ARCHITECTURES[process.arch] === plan.platform,
    ...(instruction && { instruction }),
  };
  const { message, fix } = inWords(situation, place?.line);
  const lines = findings.output.slice(-30);
  const annotations: Annotation[] =
    place && !situation.dockerfile.startsWith('..')
      ? [
          {
            level: 'error',
            title: TITLE,
            message: `${message}\nFix: ${fix}`,
            location: {
              path: situation.dockerfile,
              line: place.line,
              ...(place.endLine > place.line && { endLine: place.endLine }),
            },
          },
        ]
      : [];
  return new StageFailure({ message, fix, ...(lines.length > 0 && { lines }) }, annotations);
}

function inWords(situation: Situation, line: number | undefined): { message: string; fix: string } {
  const { findings, instruction, dockerfile } = situation;
  const file = line === undefined ? code(dockerfile) : `${code(dockerfile)}, line ${line}`;
  const what = instruction && code(`${instruction.keyword} ${instruction.rest}`, 100);
  const ran = findings.exitCode !== undefined;
  // Where a command ended with an exit code, the builder has no more to say than that; the command has.
  const explanation = ran ? undefined : explainError(situation);
  if (explanation) {
    return {
      message:
        line === undefined
          ? `${TITLE}: ${explanation.reason}`
          : `${what ?? 'The Dockerfile'} in ${file}: ${explanation.reason}`,
      fix: explanation.fix,
    };
  }
  if (ran) {
    const { cause, fix } = explainOutput(situation);
    const title = what ?? code(findings.step?.title ?? 'A command', 100);
    return {
      message: `${title} in ${file} ended with exit code ${findings.exitCode}${cause === undefined ? '' : `: ${cause}`}.`,
      fix,
    };
  }
  const said = findings.error || 'the builder ended without a reason';
  return {
    message: line === undefined ? `${TITLE}: ${said}` : `${what ?? 'The Dockerfile'} in ${file}: ${said}`,
    fix: 'The log above has what Docker said. When it is not about the Dockerfile, run it again.',
  };
}

function findPlace(
  findings: BuildFindings,
  instructions: readonly Instruction[],
): { readonly line: number; readonly endLine: number } | undefined {
  if (findings.place) {
    return findings.place;
  }
  const named = /parse error(?: on)? line (\d+)/.exec(findings.error)?.[1];
  if (named !== undefined) {
    return { line: Number(named), endLine: Number(named) };
  }
  return findings.step && locateStep(instructions, findings.step);
}

function shown(workspace: string, path: string): string {
  return relative(workspace, path).split(sep).join('/') || '.';
}
