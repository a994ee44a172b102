import type { ContainerFailure } from '../failure.js';
import { argumentOf, type CatalogueRow, inputOf, isHosting, isTraining } from '../row.js';
import { named } from '../text.js';

/** How the platform calls the container, as far as its entry point is known: "`python train.py train`". */
function call(failure: ContainerFailure): string {
  const words = [...(failure.entrypoint ?? []), argumentOf(failure)].map((word) => named(word, 60));
  return `\`${words.slice(0, 8).join(' ')}\``;
}

/** What helps when the entry point does not take the platform's argument; hosting has no override. */
function argumentFix(failure: ContainerFailure): string {
  return failure.phase === 'training'
    ? 'Make an executable called `train` the program (no `ENTRYPOINT`, `train` on `PATH`), or let the script ignore the argument (`parse_known_args`). Without changing the image: set `entrypoint`, with which SageMaker passes no argument, or `toolkit-environment: true`, which also passes the hyperparameters.'
    : 'Put an executable called `serve` on `PATH` and drop the `ENTRYPOINT`, or make the entry point start the server when its first argument is `serve`: a SageMaker model has no setting for entry point or arguments.';
}

/** Programs that were not found, not executable, or called with arguments they do not know. */
export const ENTRY_POINT_ROWS: readonly CatalogueRow[] = [
  {
    id: 'P01',
    class: 'unexpected-train-argument',
    where: 'training log',
    pattern:
      /unrecognized arguments: (?:.* )?(train|serve)(?: |$)|[Gg]ot unexpected extra arguments? \((?:.* )?(train|serve)\b|No such command ['"‘](train|serve)\b|(?:invalid choice|invalid \w+ value): ['"](train|serve)['"]|unknown (?:sub)?command:? ['"](train|serve)['"]|error: (?:unexpected argument|unrecognized subcommand) ['"](train|serve)['"]/,
    cause:
      'SageMaker starts the container with the argument `train` (training) or `serve` (hosting) after the entry point, and the program does not know that argument.',
    fix: argumentFix({ phase: 'training', logTail: [] }),
    specific: (_groups, failure) => ({
      cause: `SageMaker starts the container as ${call(failure)}, and the program does not know the argument \`${argumentOf(failure)}\`.`,
      fix: argumentFix(failure),
    }),
    source: '[doc] your-algorithms-training-algo-dockerfile.md, your-algorithms-inference-code.md',
  },
  {
    id: 'P02',
    class: 'required-arguments-missing',
    where: 'training log',
    pattern:
      /error: the following arguments are required: (.+)$|Error: Missing (?:argument|option) ['"]?([^'".]+)/,
    cause:
      'The program requires command-line arguments. SageMaker passes none: hyperparameters arrive in /opt/ml/input/config/hyperparameters.json.',
    fix: 'Set `toolkit-environment: true` to have the hyperparameters passed as arguments, or read hyperparameters.json, or give the arguments defaults.',
    specific: (groups, failure) => {
      const missing = named((groups[1] ?? groups[2])?.trim());
      if (failure.phase === 'hosting')
        return {
          cause: `The program requires the arguments ${missing}, and SageMaker starts a model's container with \`serve\` alone.`,
          fix: 'Give the arguments defaults; settings of a server can come from environment variables.',
        };
      return failure.toolkitEnvironment === true
        ? {
            cause: `The program requires the arguments ${missing}, and no hyperparameter of that name was given.`,
            fix: `Add them to ${inputOf(failure, 'hyperparameters')} (one \`name=value\` a line), or give the arguments defaults.`,
          }
        : {
            cause: `The program requires the arguments ${missing}. SageMaker passes hyperparameters in /opt/ml/input/config/hyperparameters.json, never as arguments.`,
          };
    },
    source: '[doc] your-algorithms-training-algo-running-container.md; [code] toolkit mapping.py',
  },
  {
    id: 'P03',
    class: 'unknown-arguments',
    where: 'training log',
    pattern: /error: unrecognized arguments: (.+)$|Error: No such option:? (\S+)/,
    cause:
      'The program was given command-line arguments that it does not know. They come from `arguments`, from the image’s `ENTRYPOINT`, or, with `toolkit-environment: true`, from the hyperparameters.',
    fix: 'Declare the arguments in the program, or remove the hyperparameters that it does not know.',
    specific: (groups) => ({
      cause: `The program does not know the arguments ${named(groups[1] ?? groups[2])}. They come from \`arguments\`, from the image’s \`ENTRYPOINT\`, or, with \`toolkit-environment: true\`, from the hyperparameters.`,
    }),
    source: '[code] toolkit mapping.py',
  },
  {
    id: 'T15',
    class: 'train-program-missing',
    where: 'training FailureReason',
    pattern: /exec: "train": executable file not found|(?:^|: )["']?train["']?: (?:command )?not found/,
    cause:
      'SageMaker starts the container with the argument `train`, and there is no program called `train` on its `PATH`, nor an entry point that accepts the argument.',
    fix: 'Add an executable called `train` to a folder on `PATH` (`COPY train /usr/local/bin/train` and `RUN chmod +x`), or give the image an exec-form `ENTRYPOINT` that accepts the argument, or set `entrypoint`.',
    source: '[obs] sdk#222, sdk#4191; examples#739, #744, #3650',
  },
  {
    id: 'E03',
    class: 'serve-program-missing',
    where: 'endpoint log',
    pattern: /exec: "serve": executable file not found|(?:^|: )["']?serve["']?: (?:command )?not found/,
    cause:
      'SageMaker starts a model’s container with the argument `serve`, and there is no program called `serve` on its `PATH`, nor an entry point that accepts the argument.',
    fix: 'Add an executable called `serve` to a folder on `PATH` (`COPY serve /usr/local/bin/serve` and `RUN chmod +x`), or give the image an exec-form `ENTRYPOINT` that accepts the argument.',
    source: '[obs] examples#628; torchserve-examples#8',
  },
  {
    id: 'T17',
    class: 'tini-entry-point',
    where: 'training log',
    pattern: /\[FATAL tini \(\d+\)\] exec (\S+) failed: (.+)$/,
    cause:
      '`tini` is the image’s entry point and could not start the program that SageMaker names: it is absent or not executable.',
    fix: 'Remove `tini` from `ENTRYPOINT` (AWS advises against it), and install the program as an executable.',
    specific: (groups) => {
      const program = named(groups[1], 40);
      return /Permission denied/.test(groups[2] ?? '')
        ? {
            cause: `\`tini\` is the image’s entry point and found \`${program}\`, which is not executable.`,
            fix: `Add \`RUN chmod +x\` for \`${program}\` to the Dockerfile and remove \`tini\` from \`ENTRYPOINT\`: AWS advises against it.`,
          }
        : {
            cause: `\`tini\` is the image’s entry point and did not find a program called \`${program}\`.`,
            fix: `Put an executable called \`${program}\` on \`PATH\` and remove \`tini\` from \`ENTRYPOINT\`: AWS advises against it.`,
          };
    },
    source: '[obs] sdk#4678 (Permission denied), sdk#4113 (No such file); [doc] do not use tini',
  },
  {
    id: 'P04',
    class: 'interpreter-runs-argument',
    where: 'training log',
    pattern:
      /can't open file ['"]?(?:[^'"]*\/)?(train|serve)['"]?: \[Errno 2\]|Cannot find module ['"](?:[^'"]*\/)?(train|serve)['"]|(?:^|[/ ])(?:ba|da|z|k)?sh: (?:\d+: )?(?:[Cc]an't open |cannot open )?(train|serve): No such file/,
    cause:
      'The entry point is a bare interpreter (`python`, `node`, `bash`), so it takes the platform’s argument, `train` or `serve`, for the file to run.',
    fix: 'Put the program into the entry point (`ENTRYPOINT ["python", "/opt/program/train.py"]`) and let it accept the argument, or drop the `ENTRYPOINT` and put executables called `train` and `serve` on `PATH`.',
    specific: (groups, failure) => {
      const word = groups[1] ?? groups[2] ?? groups[3] ?? argumentOf(failure);
      return {
        cause: `SageMaker starts the container as ${call(failure)}: the interpreter takes the platform’s argument \`${word}\` for the file to run.`,
      };
    },
    source: '[doc] your-algorithms-training-algo-dockerfile.md',
  },
  {
    id: 'T16',
    class: 'exec-format-error',
    where: 'training log',
    pattern: /exec format error/i,
    cause:
      'The program is built for another kind of processor than the machine has, or it is a script without a `#!` line.',
    fix: 'Build for SageMaker’s processors (`platform: linux/amd64`, or `linux/arm64` for Graviton endpoints), and let a script begin with its interpreter, for example `#!/usr/bin/env python3`.',
    source: '[obs] amazon-sagemaker-custom-container#3; sagemaker-studio-custom-image-samples#28, #30',
  },
  {
    id: 'P05',
    class: 'windows-line-endings',
    where: 'training log',
    pattern:
      /env: .{0,60}(?:\\r|\r).{0,3}: No such file or directory|bad interpreter.{0,40}\^M|\^M: bad interpreter|\$'\\r': command not found|\r['’]?: (?:command )?not found|Illegal option -\r|set: -\r?: invalid option/,
    cause:
      'The script has Windows line endings (CRLF), so the name of its interpreter ends with an invisible carriage return and is not found.',
    fix: 'Save the file with LF line endings, and keep them so with `* text=auto eol=lf` in .gitattributes.',
    source: '[inf] kernel and shell behaviour; the exit code is T02’s 127',
  },
  {
    id: 'P06',
    class: 'interpreter-missing',
    where: 'training log',
    // runc names a file that is absent as `exec: "…": stat …`; this form is a file whose interpreter is absent.
    pattern:
      /(?:^|\s)exec (\/\S+): no such file or directory|(\S+): bad interpreter: |env: ['"‘]?([\w./+-]+)['"’]?: No such file or directory/,
    cause:
      'The program exists, but the interpreter or loader that it names does not: the `#!` line points to a program that is not in the image, the script has Windows line endings, or a binary was built for another C library.',
    fix: 'Check the first line of the script against the image (`#!/usr/bin/env python3` needs python3 on `PATH`), save it with LF line endings, and build binaries on the same base image.',
    specific: (groups) => {
      const interpreter = groups[3];
      if (interpreter !== undefined)
        return {
          cause: `The script’s \`#!\` line asks for \`${named(interpreter, 60)}\`, which is not on the image’s \`PATH\`.`,
        };
      return {
        cause: `\`${named(groups[1] ?? groups[2])}\` exists, but the interpreter or loader that it names does not: a \`#!\` line with a program that is not in the image or with Windows line endings, or a binary built for another C library.`,
      };
    },
    source: '[inf] runc and env messages',
  },
  {
    id: 'T03',
    class: 'entry-point-not-executable',
    where: 'training FailureReason',
    pattern:
      /exec: "([^"]+)": permission denied|(?:^|\s)exec (\S+): permission denied|(?:^|[\s:])((?:\/[\w.-]+)*\/(?:train|serve|[\w.-]*entry-?point[\w.-]*|[\w.-]+\.sh)): Permission denied/i,
    outcome: (failure) => failure.exitCode === 126,
    cause: 'The program that the container starts was found and is not executable.',
    fix: 'Make it executable in the Dockerfile (`RUN chmod +x …` after `COPY`), or in git with `git update-index --chmod=+x`.',
    specific: (groups) => {
      const program = groups[1] ?? groups[2] ?? groups[3];
      return program === undefined
        ? {
            cause: 'The exit code 126 says that the program that was to be started is not executable.',
          }
        : {
            cause: `\`${named(program)}\` was found and is not executable.`,
            fix: `Make it executable: \`RUN chmod +x ${named(program)}\` after \`COPY\` in the Dockerfile, or \`git update-index --chmod=+x\` on the file.`,
          };
    },
    source: '[inf] shell convention 126; log form sdk#4678',
  },
  {
    id: 'T02',
    class: 'entry-point-not-found',
    where: 'training FailureReason',
    pattern:
      /exec: "([^"]+)": (?:stat \S+: no such file or directory|executable file not found)|(?:sh|bash|[\w.-]+\.sh|train|serve): (?:line )?\d+: (?:exec: )?([\w./+-]+): (?:command )?not found|can't open file ['"]([^'"]+)['"]: \[Errno 2\]/,
    outcome: (failure) => failure.exitCode === 127,
    cause: 'A program that the container was to start does not exist in the image.',
    fix: 'Check the path in `ENTRYPOINT`, `COPY` and `WORKDIR`, that the program is installed, and that scripts have LF line endings.',
    specific: (groups) => {
      const program = groups[1] ?? groups[2] ?? groups[3];
      return program === undefined
        ? {
            cause:
              'The exit code 127 says that the program that was to be started was not found: a wrong path, a missing interpreter, or a script with Windows line endings.',
          }
        : { cause: `\`${named(program)}\` does not exist in the image or is not on its \`PATH\`.` };
    },
    source: '[obs] exit code 127; [inf] shell convention',
  },
  {
    id: 'P07',
    class: 'image-user-missing',
    where: 'training FailureReason',
    pattern:
      /unable to find (?:user|group) ([^:\s]+): no matching entries|no users found|invalid (?:user|group) name/i,
    cause: 'The image’s `USER` names a user that does not exist in the image.',
    fix: 'Remove `USER` from the Dockerfile: SageMaker expects containers to run as root. Or create the user in an earlier `RUN`.',
    source: '[doc] hosting expects root; [inf] Docker’s message',
  },
  {
    id: 'T06',
    class: 'toolkit-user-script-failed',
    where: 'training FailureReason',
    rank: 'summary',
    pattern: /ExecuteUserScriptError/,
    cause:
      'sagemaker-training-toolkit ran the training script, and the script ended with an error; the toolkit’s ErrorMessage is the end of what it printed.',
    fix: 'Correct the exception in the ErrorMessage and the lines before it; when a module is missing, add it to requirements.txt.',
    source: '[code] toolkit errors.py, files.py',
  },
  {
    id: 'T07',
    class: 'toolkit-framework-error',
    where: 'training FailureReason',
    rank: 'summary',
    overException: true,
    pattern: /framework error:/i,
    cause:
      'sagemaker-training-toolkit itself failed before or around the training script: often a module that it cannot import, a hyperparameter that it cannot read, or no `SAGEMAKER_PROGRAM`.',
    fix: 'Read the traceback below the message; set `ENV SAGEMAKER_PROGRAM train.py` in the Dockerfile with the script in /opt/ml/code, and pin the toolkit’s version.',
    source: '[obs] amazon-sagemaker-examples#1224; [code] toolkit trainer.py',
  },
  {
    id: 'E02',
    class: 'server-not-started',
    where: 'endpoint FailureReason',
    rank: 'summary',
    pattern: /CannotStartContainerError/,
    applies: isHosting,
    outcome: (failure) => failure.startError !== undefined,
    cause:
      'The container could not be started with `serve`: no `serve` program and no entry point that takes it, an image for another processor, or an `NVIDIA_REQUIRE_CUDA` that the host’s driver does not meet.',
    fix: 'Run `docker run --rm <image> serve` and correct what Docker says.',
    source: '[obs] sdk#4615',
  },
  {
    id: 'T34',
    class: 'container-not-started',
    where: 'training FailureReason',
    applies: isTraining,
    outcome: (failure) => failure.startError !== undefined,
    cause: 'Docker could not start the container, so that the program never ran and there is no log.',
    fix: 'Run `docker run --rm <image> train` and correct what Docker says.',
    onPlatform: {
      cause:
        'The job failed and no log stream exists: the container never started (pull, entry point, checkpoint restore or network set-up), or the execution role may not write logs.',
      fix: 'Run `docker run --rm <image> train` to see whether the container starts; grant the execution role `logs:CreateLogGroup`, `logs:CreateLogStream` and `logs:PutLogEvents`; in a VPC look at its routes to ECR, S3 and CloudWatch Logs.',
    },
    source: '[doc] training-troubleshooting',
  },
];
