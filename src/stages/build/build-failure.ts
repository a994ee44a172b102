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
  const place = findPlace(findings, text, instructions);
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
  const what = instruction && code(`${instruction.keyword} ${instruction.rest}`, 100);
  const at = line === undefined ? undefined : `${code(dockerfile)}, line ${line}`;
  if (findings.exitCode !== undefined) {
    // The builder has no more to say than the exit code; what the command printed has.
    const { cause, fix } = explainOutput(situation);
    // A command that an ONBUILD of the base image runs stands at its FROM, but is not that.
    const command =
      what !== undefined && instruction?.keyword === 'RUN'
        ? what
        : code(findings.step?.title ?? 'A command', 100);
    const reason = cause === undefined ? '' : `: ${cause}`;
    return {
      message: `${command} (${at ?? code(dockerfile)}) ended with exit code ${findings.exitCode}${reason}.`,
      fix,
    };
  }
  const { reason, fix } = explainError(situation) ?? {
    reason: findings.error || 'the builder ended without giving a reason.',
    fix:
      line === undefined
        ? 'The log has all that Docker said. When that is not about the Dockerfile, run it again.'
        : 'This is Docker’s own reason: correct the instruction. When it is not about that (the network, the engine), run it again.',
  };
  const subject = at === undefined ? TITLE : what === undefined ? `At ${at}` : `${what} (${at})`;
  return { message: `${subject}: ${reason}`, fix };
}

function findPlace(
  findings: BuildFindings,
  text: string,
  instructions: readonly Instruction[],
): { readonly line: number; readonly endLine: number } | undefined {
  const { error, step, place } = findings;
  if (place) {
    return place;
  }
  const named = /parse error(?: on)? line (\d+)/.exec(error)?.[1];
  if (named !== undefined) {
    return { line: Number(named), endLine: Number(named) };
  }
  if (/^resolve image config/.test(step?.title ?? '')) {
    const line = 1 + text.split('\n').findIndex((one) => /^#\s*syntax\s*=/i.test(one));
    return line > 0 ? { line, endLine: line } : undefined;
  }
  if (/failed to parse stage name/.test(error)) {
    const variable = instructions.filter(({ keyword, rest }) => keyword === 'FROM' && rest.includes('$'));
    return variable.length === 1 ? variable[0] : undefined;
  }
  return step && locateStep(instructions, step);
}

function shown(workspace: string, path: string): string {
  return relative(workspace, path).split(sep).join('/') || '.';
}
