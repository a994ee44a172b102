import { emulationAdvice } from './emulation.js';
import { missingProgram, missingProgramAdvice } from './missing-program.js';
import type { Situation } from './situation.js';
import { code } from './words.js';

/** What is known about a command that failed: the cause as a clause, where it is sure, and the fix. */
export interface CommandExplanation {
  readonly cause?: string;
  readonly fix: string;
}

type Explain = (situation: Situation, ...captured: readonly string[]) => CommandExplanation;

const NOT_EXECUTABLE: CommandExplanation = {
  cause: 'the program is not executable',
  fix: 'Make it executable: `chmod 755` in an instruction before, or once and for all with `git update-index --chmod=+x`.',
};

/** What the commands of Dockerfiles print when they fail. Causes stand before what follows from them. */
const ROWS: readonly (readonly [RegExp, Explain])[] = [
  [
    /exec format error/i,
    (situation) => ({ cause: 'the machine cannot run the program', fix: emulationAdvice(situation) }),
  ],
  [
    /no space left on device/i,
    () => ({
      cause: 'the disk is full',
      fix: 'Free disk space before this step (`docker system prune --all`; GitHub’s runners hold large tools that can be removed), clean up in the same instruction that makes the files (`pip install --no-cache-dir`), or use a runner with more disk.',
    }),
  ],
  [
    /\/run\/secrets\/([\w.-]+)['"]?: No such file|No such file or directory: '\/run\/secrets\/([\w.-]+)'/i,
    ({ plan }, first, second) => {
      const id = first ?? second ?? '';
      return plan.secrets.has(id)
        ? {
            cause: `the secret ${code(id)} is empty`,
            fix: 'Set the secret in the repository’s settings, and mount it in this instruction: `RUN --mount=type=secret,id=…`. Pull requests from forks get no secrets.',
          }
        : {
            cause: `the secret ${code(id)} was not given`,
            fix: `Give it: \`build-secrets: ${id}=…\`, with the value from the \`secrets\` context.`,
          };
    },
  ],
  [
    /Temporary failure (?:resolving|in name resolution)|Could not resolve host|Name or service not known|Failed to establish a new connection|Network is unreachable|Read timed out|Connection timed out|Could not connect to/i,
    () => ({
      cause: 'a server could not be reached',
      fix: 'Check the address and the runner’s network (proxy, firewall), or run it again. Behind a proxy, give `HTTP_PROXY` and `HTTPS_PROXY` in `build-args`.',
    }),
  ],
  [
    /No matching distribution found for ([^\s(]+)|Could not find a version that satisfies the requirement ([^\s(]+)/,
    (_, first, second) => ({
      cause: `pip finds no fitting version of ${code(first ?? second ?? '')}`,
      fix: 'Check the name and the version, and that a release exists for the image’s Python and platform (`pip index versions NAME`). For a package of a private index, give its address.',
    }),
  ],
  [
    /ResolutionImpossible|conflicting dependencies/,
    () => ({
      cause: 'the pinned versions exclude each other',
      fix: 'Loosen one of the versions that pip names in the lines below.',
    }),
  ],
  [
    /DO NOT MATCH THE HASHES|hashes are required/i,
    () => ({
      cause: 'a package does not have the hash that the requirements pin',
      fix: 'Make the requirements file with its hashes again (`pip-compile --generate-hashes`), for the image’s platform and Python.',
    }),
  ],
  [
    /Could not open requirements file.*?'([^']+)'/,
    (_, path) => ({
      cause: `the image has no ${code(path ?? '')} at this point`,
      fix: 'Copy the file in an instruction before this one (`COPY requirements.txt .`), and mind `WORKDIR`.',
    }),
  ],
  [
    /externally-managed-environment/,
    () => ({
      cause: 'Debian’s and Ubuntu’s Python refuses packages from pip',
      fix: 'Use a `python` base image, or make a virtual environment and put it first on `PATH`.',
    }),
  ],
  [
    /(?:command '?\S*(?:gcc|g\+\+|cc)'? failed: No such file|unable to execute '?\S*(?:gcc|g\+\+|cc)'?|\b(?:gcc|g\+\+|cc|make|cmake): (?:command )?not found|Unknown compiler|No CMAKE_C(?:XX)?_COMPILER)/i,
    () => ({
      cause: 'a package must be compiled, and the image has no compiler',
      fix: 'Install one before (`apt-get update && apt-get install -y --no-install-recommends build-essential`), or choose a version that has a wheel for the image’s Python and platform.',
    }),
  ],
  [
    /Unable to locate package (\S+)|Package '([^']+)' has no installation candidate/,
    (_, first, second) => ({
      cause: `apt knows no package ${code(first ?? second ?? '')}`,
      fix: 'Run `apt-get update` in the same instruction, before `apt-get install`, and check that the base image’s release has the package.',
    }),
  ],
  [
    /Failed to fetch \S+\s+404|does not have a Release file|Release file .* is not valid yet|is no longer signed/,
    () => ({
      cause: 'apt’s package lists are out of date',
      fix: 'Run `apt-get update` in the same instruction as `apt-get install`, or move to a base image whose release is still maintained.',
    }),
  ],
  [
    /(?:^|[\s:])([\w./-]+): (?:command )?not found$|exec: "([^"]+)": (?:executable file not found|stat )|can't open file '([^']+)'/m,
    (_, ...names) => {
      const name = names.find((one) => one !== undefined) ?? '';
      return { cause: missingProgram(name), fix: missingProgramAdvice(name) };
    },
  ],
  [
    /Permission denied|Operation not permitted/,
    ({ findings }) =>
      findings.exitCode === 126
        ? NOT_EXECUTABLE
        : {
            cause: 'the user of this instruction may not do that',
            fix: 'Do it before `USER` changes the user, or give the files to that user (`COPY --chown=…`).',
          },
  ],
];

/** Explains why a command of the Dockerfile failed, from what it printed and its exit code. */
export function explainOutput(situation: Situation): CommandExplanation {
  const { output, exitCode } = situation.findings;
  const text = output.join('\n');
  for (const [pattern, explain] of ROWS) {
    const match = pattern.exec(text);
    if (match) {
      return explain(situation, ...match.slice(1));
    }
  }
  const { dockerfile, context } = situation;
  switch (exitCode) {
    case 126:
      return NOT_EXECUTABLE;
    case 127:
      return {
        cause: 'the program was not found',
        fix: 'Install or copy it in an instruction before this one, and check its name and `PATH`.',
      };
    case 137:
      return {
        cause: 'it was killed, most often because memory ran out',
        fix: 'Let it use less memory (fewer parallel jobs, such as `MAX_JOBS=2` or `make -j2`; ready-made wheels), or use a runner with more memory.',
      };
    default: {
      const words = lastWords(output);
      return {
        ...(words !== undefined && { cause: `it printed ${code(words, 200)}` }),
        fix: `${words === undefined ? 'The command printed nothing.' : 'What the command printed says what to correct; the log has all of it.'} To try it at home: \`docker build --file ${dockerfile} ${context}\`.`,
      };
    }
  }
}

/** How programs speak of an error. */
const ERROR =
  /^\s*E: |\b(?:error|fatal|failed|failure|exception|cannot|could not|unable to|no such)\b|\w(?:Error|Exception)\b/i;

/** What pip and git print after an error. */
const ADVICE = /^\s*(?:(?:note|hint|warning)\b|\[notice\])/i;

/** The last line that speaks of an error, before advice and clean-up that may follow; else the last of all. */
function lastWords(output: readonly string[]): string | undefined {
  const isTold = (line: string) => ERROR.test(line) && !ADVICE.test(line);
  return output.findLast(isTold) ?? output.findLast((line) => line.trim() !== '');
}
