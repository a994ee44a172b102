/** Failures as containers show them, by the row of the catalogue that explains each. */
import type { ContainerFailure } from '../../../src/diagnosis/failure.js';

export type Case = readonly [row: string, name: string, className: string, failure: ContainerFailure];

type Facts = Partial<Omit<ContainerFailure, 'phase' | 'logTail'>>;

const failure =
  (phase: ContainerFailure['phase'], exitCode: number) =>
  (log: string, facts: Facts = {}): ContainerFailure => ({
    phase,
    exitCode,
    logTail: log === '' ? [] : log.split('\n'),
    ...facts,
  });

/** A training container that ended with exit code 1 and this output. */
export const training = failure('training', 1);
/** A server that ended with exit code 1 and this output. */
export const hosting = failure('hosting', 1);
/** A server that was still up, and not ready, at the end of its start window. */
export const notReady = (log: string, facts: Facts = {}): ContainerFailure => ({
  phase: 'hosting',
  logTail: log.split('\n'),
  timedOut: true,
  ...facts,
});
/** A container that Docker could not start. */
export const notStarted = (phase: ContainerFailure['phase'], startError: string): ContainerFailure => ({
  phase,
  startError,
  logTail: [],
});

/** A traceback with the program's frame, which then raises this. */
export const raised = (exception: string, code = 'work(config)'): string =>
  [
    'Traceback (most recent call last):',
    '  File "/opt/program/train", line 12, in <module>',
    '    main()',
    '  File "/opt/program/train", line 7, in main',
    `    ${code}`,
    exception,
  ].join('\n');

const runc =
  'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ';

export const CASES: readonly Case[] = [
  // The entry point and its arguments.
  [
    'P01',
    'argparse',
    'unexpected-train-argument',
    training('usage: train.py [-h] [--epochs EPOCHS]\ntrain.py: error: unrecognized arguments: train', {
      exitCode: 2,
    }),
  ],
  [
    'P01',
    'argparse, among others',
    'unexpected-train-argument',
    training('train.py: error: unrecognized arguments: --lr 0.1 train', { exitCode: 2 }),
  ],
  [
    'P01',
    'click',
    'unexpected-train-argument',
    training('Usage: train.py [OPTIONS]\nError: Got unexpected extra argument (train)', { exitCode: 2 }),
  ],
  [
    'P01',
    'click, a command',
    'unexpected-train-argument',
    hosting("Error: No such command 'serve'.", { exitCode: 2 }),
  ],
  [
    'P01',
    'argparse, a positional number',
    'unexpected-train-argument',
    training("train.py: error: argument epochs: invalid int value: 'train'", { exitCode: 2 }),
  ],
  [
    'P01',
    'clap',
    'unexpected-train-argument',
    hosting("error: unexpected argument 'serve' found", { exitCode: 2 }),
  ],
  [
    'P02',
    'argparse',
    'required-arguments-missing',
    training('train.py: error: the following arguments are required: --train-dir, --epochs', { exitCode: 2 }),
  ],
  [
    'P02',
    'click',
    'required-arguments-missing',
    training("Error: Missing option '--epochs'.", { exitCode: 2 }),
  ],
  [
    'P03',
    'argparse',
    'unknown-arguments',
    training('train.py: error: unrecognized arguments: --learning-rate 0.1', { exitCode: 2 }),
  ],
  ['P03', 'click', 'unknown-arguments', training('Error: No such option: --learning-rate', { exitCode: 2 })],
  [
    'T15',
    'Docker',
    'train-program-missing',
    notStarted('training', `${runc}exec: "train": executable file not found in $PATH: unknown`),
  ],
  [
    'T15',
    'the platform',
    'train-program-missing',
    training('', {
      failureFile:
        'ClientError: Artifact upload failed:API error (400): OCI runtime create failed: exec: "train": executable file not found in $PATH: unknown',
    }),
  ],
  [
    'T15',
    'a shell entry point',
    'train-program-missing',
    training('/entrypoint.sh: 3: exec: train: not found', { exitCode: 127 }),
  ],
  [
    'E03',
    'Docker',
    'serve-program-missing',
    notStarted('hosting', `${runc}exec: "serve": executable file not found in $PATH: unknown`),
  ],
  [
    'E03',
    'bash',
    'serve-program-missing',
    hosting('/entrypoint.sh: line 3: serve: command not found', { exitCode: 127 }),
  ],
  [
    'T17',
    'not executable',
    'tini-entry-point',
    training('[FATAL tini (7)] exec train failed: Permission denied', { exitCode: 126 }),
  ],
  [
    'T17',
    'not there',
    'tini-entry-point',
    hosting('[FATAL tini (7)] exec serve failed: No such file or directory', { exitCode: 127 }),
  ],
  [
    'P04',
    'python',
    'interpreter-runs-argument',
    training("python: can't open file '/opt/ml/code/train': [Errno 2] No such file or directory", {
      exitCode: 2,
    }),
  ],
  [
    'P04',
    'node',
    'interpreter-runs-argument',
    hosting("node:internal/modules/cjs/loader:1228\n  throw err;\nError: Cannot find module '/app/serve'"),
  ],
  [
    'P04',
    'bash',
    'interpreter-runs-argument',
    training('bash: train: No such file or directory', { exitCode: 127 }),
  ],
  [
    'P04',
    'dash',
    'interpreter-runs-argument',
    training("sh: 0: Can't open train: No such file", { exitCode: 2 }),
  ],
  [
    'T16',
    'Docker',
    'exec-format-error',
    training('exec /usr/local/bin/train: exec format error', { exitCode: 255 }),
  ],
  [
    'T16',
    'a shell',
    'exec-format-error',
    training('/entrypoint.sh: line 2: /opt/program/train: cannot execute binary file: Exec format error', {
      exitCode: 126,
    }),
  ],
  [
    'T16',
    'at start',
    'exec-format-error',
    notStarted('hosting', `${runc}exec: "/usr/local/bin/serve": exec format error: unknown`),
  ],
  [
    'P05',
    'env',
    'windows-line-endings',
    training("env: 'python3\\r': No such file or directory", { exitCode: 127 }),
  ],
  [
    'P05',
    'env of busybox, the return itself',
    'windows-line-endings',
    training("env: can't execute 'python3\r': No such file or directory", { exitCode: 127 }),
  ],
  [
    'P05',
    'bash',
    'windows-line-endings',
    training("/usr/local/bin/train: line 2: $'\\r': command not found", { exitCode: 127 }),
  ],
  [
    'P05',
    'the interpreter of a script',
    'windows-line-endings',
    training(
      '/entrypoint.sh: /usr/local/bin/train: /bin/bash^M: bad interpreter: No such file or directory',
      { exitCode: 126 },
    ),
  ],
  [
    'P06',
    'Docker',
    'interpreter-missing',
    training('exec /usr/local/bin/train: no such file or directory', { exitCode: 255 }),
  ],
  [
    'P06',
    'env',
    'interpreter-missing',
    training('env: ‘python3.9’: No such file or directory', { exitCode: 127 }),
  ],
  [
    'P06',
    'bash',
    'interpreter-missing',
    training('bash: /usr/local/bin/train: /usr/bin/python2: bad interpreter: No such file or directory', {
      exitCode: 126,
    }),
  ],
  [
    'T03',
    'Docker',
    'entry-point-not-executable',
    notStarted('training', `${runc}exec: "/opt/program/train": permission denied: unknown`),
  ],
  [
    'T03',
    'a shell',
    'entry-point-not-executable',
    training('/bin/sh: 1: /opt/program/train: Permission denied', { exitCode: 126 }),
  ],
  ['T03', 'the exit code alone', 'entry-point-not-executable', training('', { exitCode: 126 })],
  [
    'T02',
    'Docker',
    'entry-point-not-found',
    notStarted(
      'training',
      `${runc}exec: "/opt/program/run.py": stat /opt/program/run.py: no such file or directory: unknown`,
    ),
  ],
  [
    'T02',
    'Docker, on PATH',
    'entry-point-not-found',
    notStarted('training', `${runc}exec: "python3.11": executable file not found in $PATH: unknown`),
  ],
  [
    'T02',
    'a shell',
    'entry-point-not-found',
    training('/entrypoint.sh: line 5: torchrun: command not found', { exitCode: 127 }),
  ],
  [
    'T02',
    'python',
    'entry-point-not-found',
    training("python3: can't open file '/opt/program/main.py': [Errno 2] No such file or directory", {
      exitCode: 2,
    }),
  ],
  ['T02', 'the exit code alone', 'entry-point-not-found', training('', { exitCode: 127 })],
  [
    'P07',
    'Docker',
    'image-user-missing',
    notStarted(
      'training',
      `${runc.slice(0, -2)} unable to find user trainer: no matching entries in passwd file`,
    ),
  ],
  [
    'T06',
    'the toolkit',
    'toolkit-user-script-failed',
    training('', {
      failureFile:
        'ExecuteUserScriptError:\nExitCode 1\nErrorMessage ""\nCommand "/usr/bin/python3 train.py --epochs 3"',
    }),
  ],
  [
    'T07',
    'the toolkit',
    'toolkit-framework-error',
    training('', {
      failureFile:
        'framework error: \nTraceback (most recent call last):\n  File "/usr/lib/python3/dist-packages/sagemaker_training/trainer.py", line 85, in train\n    entrypoint()\nValueError: no entry point',
    }),
  ],
  [
    'E02',
    'the platform',
    'server-not-started',
    {
      phase: 'hosting',
      logTail: [
        "CannotStartContainerError. Please ensure the model container for variant AllTraffic starts correctly when invoked with 'docker run <image> serve'",
      ],
    },
  ],
  [
    'E02',
    'Docker, for another reason',
    'server-not-started',
    notStarted('hosting', 'failed to set up container networking: driver failed'),
  ],
  [
    'T34',
    'Docker, for another reason',
    'container-not-started',
    notStarted('training', 'failed to set up container networking: driver failed'),
  ],

  // The contract.
  ['T27', 'os.environ', 'toolkit-environment-missing', training(raised("KeyError: 'SM_CHANNEL_TRAINING'"))],
  [
    'T27',
    'bash',
    'toolkit-environment-missing',
    training('/usr/local/bin/train: line 4: SM_MODEL_DIR: unbound variable'),
  ],
  [
    'T27',
    'dash',
    'toolkit-environment-missing',
    training('/usr/local/bin/train: 4: SM_NUM_GPUS: parameter not set', { exitCode: 2 }),
  ],
  [
    'T27',
    'a program in its own words',
    'toolkit-environment-missing',
    training('Environment variable SM_HOSTS is not set'),
  ],
  [
    'T27',
    'in the failure file only',
    'toolkit-environment-missing',
    training('', { failureFile: raised("KeyError: 'SM_MODEL_DIR'") }),
  ],
  [
    'T27',
    'before the report of a launcher',
    'toolkit-environment-missing',
    training(
      `${raised("KeyError: 'SM_MODEL_DIR'")}\n${raised("subprocess.CalledProcessError: Command '['python', 'real.py']' returned non-zero exit status 1.")}`,
    ),
  ],
  ['T27', 'a server', 'toolkit-environment-missing', hosting(raised("KeyError: 'SM_MODEL_DIR'"))],
  [
    'P08',
    'os.path.join',
    'path-not-set',
    training(raised('TypeError: expected str, bytes or os.PathLike object, not NoneType')),
  ],
  [
    'P08',
    'pathlib',
    'path-not-set',
    training(
      raised(
        "TypeError: argument should be a str or an os.PathLike object where __fspath__ returns a str, not 'NoneType'",
      ),
    ),
  ],
  [
    'P08',
    'json.loads',
    'path-not-set',
    training(raised('TypeError: the JSON object must be str, bytes or bytearray, not NoneType')),
  ],
  [
    'E11',
    'python',
    'model-folder-read-only',
    hosting(raised("OSError: [Errno 30] Read-only file system: '/opt/ml/model/cache'")),
  ],
  [
    'E11',
    'a shell',
    'model-folder-read-only',
    hosting("mkdir: cannot create directory '/opt/ml/model/cache': Read-only file system"),
  ],
  [
    'E11',
    'node',
    'model-folder-read-only',
    hosting("Error: EROFS: read-only file system, mkdir '/opt/ml/model/cache'"),
  ],
  [
    'E11',
    'a server that lives on',
    'model-folder-read-only',
    notReady("OSError: [Errno 30] Read-only file system: '/opt/ml/model/.lock'"),
  ],
  [
    'P09',
    'python',
    'input-folder-read-only',
    training(raised("OSError: [Errno 30] Read-only file system: '/opt/ml/input/data/train/cache.db'")),
  ],
  [
    'P09',
    'a shell',
    'input-folder-read-only',
    training("touch: cannot touch '/opt/ml/input/data/train/.lock': Read-only file system"),
  ],
  [
    'T36',
    'python',
    'opt-ml-not-permitted',
    training(raised("PermissionError: [Errno 13] Permission denied: '/opt/ml/model/model.joblib'")),
  ],
  [
    'T36',
    'a shell',
    'opt-ml-not-permitted',
    training('/usr/local/bin/train: line 9: /opt/ml/output/failure: Permission denied'),
  ],
  [
    'T36',
    'node',
    'opt-ml-not-permitted',
    training("Error: EACCES: permission denied, open '/opt/ml/model/model.json'"),
  ],
  [
    'T39',
    'python',
    'channel-file-missing',
    training(
      raised("FileNotFoundError: [Errno 2] No such file or directory: '/opt/ml/input/data/train/rows.csv'"),
    ),
  ],
  [
    'T39',
    'a shell',
    'channel-file-missing',
    training('cat: /opt/ml/input/data/train/rows.csv: No such file or directory'),
  ],
  [
    'T39',
    'torchvision',
    'channel-file-missing',
    training(raised("FileNotFoundError: Couldn't find any class folder in /opt/ml/input/data/train.")),
  ],
  [
    'T39',
    'spark',
    'channel-file-missing',
    training('AnalysisException: Path does not exist: file:/opt/ml/input/data/training/x'),
  ],
  [
    'T39',
    'node',
    'channel-file-missing',
    training("Error: ENOENT: no such file or directory, scandir '/opt/ml/input/data/train'"),
  ],
  [
    'P10',
    'python',
    'checkpoint-folder-missing',
    training(raised("FileNotFoundError: [Errno 2] No such file or directory: '/opt/ml/checkpoints/last.pt'")),
  ],
  [
    'P11',
    'python',
    'model-file-missing',
    hosting(raised("FileNotFoundError: [Errno 2] No such file or directory: '/opt/ml/model/model.joblib'")),
  ],
  [
    'P11',
    'a library',
    'model-file-missing',
    hosting(raised('OSError: Error no file named pytorch_model.bin found in directory /opt/ml/model/bert.')),
  ],
  [
    'T41',
    'float',
    'hyperparameter-quoted-twice',
    training(raised('ValueError: could not convert string to float: \'"0.1"\'')),
  ],
  [
    'T41',
    'int',
    'hyperparameter-quoted-twice',
    training(raised('ValueError: invalid literal for int() with base 10: \'"10"\'')),
  ],
  [
    'T41',
    'argparse',
    'hyperparameter-quoted-twice',
    training('train.py: error: argument --epochs: invalid int value: \'"10"\'', { exitCode: 2 }),
  ],
  [
    'P12',
    'comparison',
    'hyperparameter-is-a-string',
    training(raised("TypeError: '<' not supported between instances of 'int' and 'str'")),
  ],
  [
    'P12',
    'range',
    'hyperparameter-is-a-string',
    training(raised("TypeError: 'str' object cannot be interpreted as an integer")),
  ],
  [
    'P12',
    'division',
    'hyperparameter-is-a-string',
    training(raised("TypeError: unsupported operand type(s) for /: 'str' and 'int'")),
  ],
  [
    'P12',
    'concatenation',
    'hyperparameter-is-a-string',
    training(raised('TypeError: can only concatenate str (not "int") to str')),
  ],
  [
    'P12',
    'scikit-learn',
    'hyperparameter-is-a-string',
    training(
      raised(
        "sklearn.utils._param_validation.InvalidParameterError: The 'max_depth' parameter of DecisionTreeClassifier must be an int in the range [1, inf) or None. Got '5' instead.",
      ),
    ),
  ],
  [
    'P12',
    'int of a decimal',
    'hyperparameter-is-a-string',
    training(raised("ValueError: invalid literal for int() with base 10: '10.0'")),
  ],

  // The network.
  [
    'T40',
    'python',
    'peer-unreachable',
    training(raised('socket.gaierror: [Errno -2] Name or service not known (algo-2)')),
  ],
  [
    'T40',
    'a shell',
    'peer-unreachable',
    training('ssh: Could not resolve hostname algo-2: Name or service not known', { exitCode: 255 }),
  ],
  [
    'T40',
    'ssh',
    'peer-unreachable',
    training('ssh: connect to host algo-2 port 22: Connection refused', { exitCode: 255 }),
  ],
  [
    'T40',
    'c10d',
    'peer-unreachable',
    training(
      '[W socket.cpp:601] [c10d] The client socket has failed to connect to [algo-1]:29500 (errno: 110 - Connection timed out).',
    ),
  ],
  [
    'T40',
    'a rendezvous that nobody joined',
    'peer-unreachable',
    training(
      raised(
        'torch.distributed.DistStoreError: Timed out after 1801 seconds waiting for clients. 1/2 clients joined.',
      ),
    ),
  ],
  [
    'T40',
    'a peer, in isolation',
    'peer-unreachable',
    training(
      raised(
        'requests.exceptions.ConnectionError: HTTPConnectionPool(host=\'algo-2\', port=8000): Max retries exceeded with url: / (Caused by NewConnectionError(": Failed to establish a new connection: [Errno 111] Connection refused"))',
      ),
      { networkIsolated: true },
    ),
  ],
  [
    'T38',
    'boto3, in isolation',
    'credentials-missing',
    training(raised('botocore.exceptions.NoCredentialsError: Unable to locate credentials'), {
      networkIsolated: true,
    }),
  ],
  [
    'T38',
    'boto3',
    'credentials-missing',
    hosting(raised('botocore.exceptions.NoCredentialsError: Unable to locate credentials')),
  ],
  [
    'T38',
    'the SDK of JavaScript',
    'credentials-missing',
    training('CredentialsProviderError: Could not load credentials from any providers'),
  ],
  [
    'P19',
    'boto3',
    'aws-region-missing',
    training(raised('botocore.exceptions.NoRegionError: You must specify a region.')),
  ],
  [
    'T37',
    'pip, in isolation',
    'network-unreachable',
    training(
      "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f>: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')': /simple/numpy/",
      { networkIsolated: true },
    ),
  ],
  [
    'T37',
    'pip',
    'network-unreachable',
    training('Could not fetch URL https://packages.example/simple/: Connection timed out'),
  ],
  [
    'T37',
    'urllib3',
    'network-unreachable',
    training(
      raised(
        "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='huggingface.co', port=443): Max retries exceeded with url: /bert/resolve/main/config.json",
      ),
    ),
  ],
  [
    'T37',
    'curl',
    'network-unreachable',
    training('curl: (6) Could not resolve host: data.example.com', { exitCode: 6 }),
  ],
  [
    'T37',
    'transformers',
    'network-unreachable',
    hosting(
      raised(
        "OSError: We couldn't connect to 'https://huggingface.co' to load this file, couldn't find it in the cached files.",
      ),
    ),
  ],
  [
    'T37',
    'boto3',
    'network-unreachable',
    training(
      raised(
        'botocore.exceptions.EndpointConnectionError: Could not connect to the endpoint URL: "https://bucket.s3.amazonaws.com/"',
      ),
    ),
  ],
  ['T37', 'node', 'network-unreachable', hosting('Error: getaddrinfo EAI_AGAIN api.example.com')],

  // Resources.
  [
    'T28',
    'PyTorch',
    'shared-memory-too-small',
    training(
      raised(
        "RuntimeError: DataLoader worker (pid 123) is killed by signal: Bus error. It is possible that dataloader's workers are out of shared memory. Please try to raise your shared memory limit.",
      ),
    ),
  ],
  [
    'T28',
    'the file itself',
    'shared-memory-too-small',
    training(raised('RuntimeError: unable to write to file </torch_29_1_0>: No space left on device (28)')),
  ],
  ['T28', 'the signal alone', 'shared-memory-too-small', training('', { exitCode: 135 })],
  [
    'T35',
    'python',
    'disk-full',
    training(raised("OSError: [Errno 28] No space left on device: '/tmp/cache'")),
  ],
  ['T35', 'node', 'disk-full', training('Error: ENOSPC: no space left on device, write')],
  [
    'T29',
    'PyTorch',
    'gpu-out-of-memory',
    training(raised('torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB')),
  ],
  [
    'T29',
    'TensorFlow',
    'gpu-out-of-memory',
    training(
      raised(
        'tensorflow.python.framework.errors_impl.ResourceExhaustedError: OOM when allocating tensor with shape[64,512]',
      ),
    ),
  ],
  [
    'E12',
    'the NVIDIA hook',
    'cuda-driver-too-old',
    notStarted(
      'hosting',
      `${runc}error during container init: nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.9, please update your driver to a newer version`,
    ),
  ],
  [
    'P13',
    'PyTorch',
    'gpu-missing',
    training(
      raised(
        'RuntimeError: Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU and installed a driver',
      ),
    ),
  ],
  [
    'P13',
    'a model saved on a GPU',
    'gpu-missing',
    hosting(
      raised(
        'RuntimeError: Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False.',
      ),
    ),
  ],
  [
    'T42',
    'Docker',
    'nvidia-driver-in-image',
    notStarted('training', 'could not select device driver "" with capabilities: [[gpu]]'),
  ],
  [
    'T42',
    'the loader',
    'nvidia-driver-in-image',
    training(raised('ImportError: libcuda.so.1: cannot open shared object file: No such file or directory')),
  ],
  ['T09', "the kernel's kill", 'out-of-memory', training('epoch 1', { exitCode: 137, oomKilled: true })],
  ['T09', 'python', 'out-of-memory', training(raised('MemoryError'))],
  [
    'T09',
    'numpy',
    'out-of-memory',
    training(
      raised(
        'numpy._core._exceptions._ArrayMemoryError: Unable to allocate 7.28 TiB for an array with shape (1000000, 1000000)',
      ),
    ),
  ],
  [
    'T09',
    'java',
    'out-of-memory',
    training('Exception in thread "main" java.lang.OutOfMemoryError: Java heap space'),
  ],
  [
    'T09',
    'the toolkit',
    'out-of-memory',
    training('', { failureFile: 'OutOfMemory: Process killed by SIGKILL (signal 9)' }),
  ],
  ['P14', 'the signal alone', 'illegal-instruction', training('', { exitCode: 132 })],
  [
    'P14',
    'a shell',
    'illegal-instruction',
    training('/usr/local/bin/train: line 3: 9 Illegal instruction     (core dumped) python train.py'),
  ],
  ['T05', 'the signal alone', 'segmentation-fault', training('epoch 1', { exitCode: 139 })],
  [
    'T05',
    'faulthandler',
    'segmentation-fault',
    training(
      'Fatal Python error: Segmentation fault\n\nCurrent thread 0x00007f1 (most recent call first):\n  File "/opt/program/train", line 9 in main',
      { exitCode: 139 },
    ),
  ],
  ['P15', 'the signal alone', 'aborted', training('', { exitCode: 134 })],
  [
    'P15',
    'C++',
    'aborted',
    training("terminate called after throwing an instance of 'std::runtime_error'\n  what():  bad file", {
      exitCode: 134,
    }),
  ],
  [
    'P16',
    'the smoke test',
    'training-timed-out',
    training('epoch 1\nepoch 2', { exitCode: 137, timedOut: true }),
  ],
  ['T04', 'the signal alone', 'killed', training('epoch 1', { exitCode: 137 })],
  [
    'T04',
    'a shell',
    'killed',
    training('/usr/local/bin/train: line 3:     9 Killed                  python train.py', { exitCode: 1 }),
  ],
  ['P17', 'the signal alone', 'terminated', training('epoch 1', { exitCode: 143 })],

  // Python.
  [
    'P21',
    'import',
    'python-module-missing',
    training(raised("ModuleNotFoundError: No module named 'sklearn'")),
  ],
  ['P21', '-m', 'python-module-missing', hosting('/usr/bin/python3: No module named gunicorn')],
  [
    'P21',
    'before the report of gunicorn',
    'python-module-missing',
    hosting(
      `${raised("ModuleNotFoundError: No module named 'wsgi'")}\n[INFO] Worker exiting (pid: 9)\n[ERROR] Worker (pid:9) exited with code 3\n[ERROR] Reason: Worker failed to boot.`,
      { exitCode: 3 },
    ),
  ],
  [
    'P22',
    'import',
    'python-import-mismatch',
    training(
      raised(
        "ImportError: cannot import name 'escape' from 'jinja2' (/usr/lib/python3/site-packages/jinja2/__init__.py)",
      ),
    ),
  ],
  [
    'P23',
    'numpy',
    'numpy-abi-mismatch',
    training(
      raised(
        'ValueError: numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, got 88 from PyObject',
      ),
    ),
  ],
  [
    'P24',
    'the loader',
    'shared-library-missing',
    training(raised('ImportError: libgomp.so.1: cannot open shared object file: No such file or directory')),
  ],
  [
    'P24',
    'glibc',
    'shared-library-missing',
    training(
      "/usr/local/bin/train: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by /usr/local/bin/train)",
    ),
  ],
  [
    'P24',
    'musl',
    'shared-library-missing',
    training(
      'Error loading shared library libstdc++.so.6: No such file or directory (needed by /usr/local/bin/train)',
      { exitCode: 127 },
    ),
  ],
  [
    'P25',
    'the program',
    'python-syntax-error',
    training(
      '  File "/opt/program/train", line 3\n    print "x"\n    ^^^^^^^^^\nSyntaxError: Missing parentheses in call to \'print\'. Did you mean print(...)?',
    ),
  ],
  [
    'P25',
    'indentation',
    'python-syntax-error',
    training('  File "/opt/program/train", line 3\n    x = 1\nIndentationError: unexpected indent'),
  ],

  // Servers.
  [
    'P34',
    'a file of a channel',
    'training-input-missing',
    hosting(
      raised("FileNotFoundError: [Errno 2] No such file or directory: '/opt/ml/input/data/train/data.csv'"),
    ),
  ],
  [
    'P34',
    'in words of its own',
    'training-input-missing',
    hosting(raised('ValueError: no rows in /opt/ml/input/data/train/*.csv')),
  ],
  [
    'P34',
    'a shell',
    'training-input-missing',
    hosting('cat: /opt/ml/input/config/hyperparameters.json: No such file or directory'),
  ],
  ['E13', 'and a folder of training, named before', 'server-crashed', hosting('no /opt/ml/input here\nbye')],
  ['P26', 'python', 'address-in-use', hosting(raised('OSError: [Errno 98] Address already in use'))],
  ['P26', 'gunicorn', 'address-in-use', hosting("[ERROR] Connection in use: ('0.0.0.0', 8080)")],
  ['P27', 'gunicorn', 'worker-timed-out', notReady('[CRITICAL] WORKER TIMEOUT (pid:9)')],
  [
    'E10',
    'Flask',
    'server-on-loopback',
    notReady(' * Serving Flask app "server"\n * Running on http://127.0.0.1:5000\nPress CTRL+C to quit'),
  ],
  [
    'E10',
    'gunicorn',
    'server-on-loopback',
    notReady('[2026-02-03 10:11:52 +0000] [7] [INFO] Listening at: http://127.0.0.1:8080 (7)'),
  ],
  [
    'E10',
    'uvicorn',
    'server-on-loopback',
    notReady('INFO:     Uvicorn running on http://127.0.0.1:8080 (Press CTRL+C to quit)'),
  ],
  ['E10', 'TorchServe', 'server-on-loopback', notReady('Inference address: http://127.0.0.1:8080')],
  ['P28', 'gunicorn', 'server-on-wrong-port', notReady('[INFO] Listening at: http://0.0.0.0:5000 (7)')],
  ['P28', 'express', 'server-on-wrong-port', notReady('Listening on port 3000')],
  [
    'P28',
    "Python's own server",
    'server-on-wrong-port',
    notReady('Serving HTTP on 0.0.0.0 port 8000 (http://0.0.0.0:8000/) ...'),
  ],
  [
    'I01',
    'the platform',
    'invocation-timed-out',
    notReady(
      'Received server error (0) from primary with message "Your invocation timed out while waiting for a response from container primary."',
    ),
  ],
  [
    'I02',
    'the platform',
    'invocation-failed',
    notReady('ModelError: Received server error (500) from primary with message "boom"', {
      timedOut: false,
      exitCode: 1,
    }),
  ],
  [
    'E04',
    'the platform',
    'model-archive-invalid',
    hosting(
      'Failed to extract model data archive from URL "s3://b/k/model.tar.gz". Please ensure that the object located at the URL is a valid tar.gz archive.',
    ),
  ],
  ['E04', 'python', 'model-archive-invalid', hosting(raised('tarfile.ReadError: not a gzip file'))],
  [
    'E14',
    'gunicorn',
    'gunicorn-worker-failed-to-boot',
    hosting('[ERROR] Reason: Worker failed to boot.', { exitCode: 3 }),
  ],
  [
    'E14',
    'gunicorn, its module',
    'gunicorn-worker-failed-to-boot',
    hosting("Failed to find attribute 'app' in 'server'.", { exitCode: 4 }),
  ],
  [
    'P29',
    'gunicorn',
    'worker-killed',
    hosting('[ERROR] Worker (pid:9) was sent SIGKILL! Perhaps out of memory?'),
  ],
  [
    'P30',
    'nginx',
    'upstream-down',
    notReady(
      '2026/02/03 10:11:52 [error] 9#9: *1 connect() to unix:/tmp/gunicorn.sock failed (2: No such file or directory) while connecting to upstream',
    ),
  ],
  ['E01', 'the time alone', 'ping-not-answered', notReady('Loading the model')],
  [
    'E01',
    'the platform',
    'ping-not-answered',
    hosting(
      'The primary container for production variant AllTraffic did not pass the ping health check. Please check CloudWatch logs for this endpoint.',
    ),
  ],
  ['P31', 'the exit code alone', 'server-ended', hosting('done', { exitCode: 0 })],
  ['E13', 'the exit code alone', 'server-crashed', hosting('bye', { exitCode: 3 })],
  [
    'T08',
    'the platform, of old',
    'exit-code-without-reason',
    training('', { failureFile: 'AlgorithmError: Exit Code: 1', exitCode: 2 }),
  ],
  ['T01', 'the exit code alone', 'exit-without-failure-file', training('starting\nbye')],
  [
    'T01',
    'the platform',
    'exit-without-failure-file',
    training('', { failureFile: 'AlgorithmError: , exit code: 1' }),
  ],

  // Exceptions of which no line says more than the type.
  [
    'P43',
    'a slip of the fingers',
    'python-name-undefined',
    training(raised("NameError: name 'modle' is not defined. Did you mean: 'model'?")),
  ],
  [
    'P43',
    'before assignment',
    'python-name-undefined',
    training(
      raised(
        "UnboundLocalError: cannot access local variable 'loss' where it is not associated with a value",
      ),
    ),
  ],
  [
    'P44',
    'a script that imports like a package',
    'python-import-failed',
    training(raised('ImportError: attempted relative import with no known parent package')),
  ],
  [
    'P45',
    'a file of the repository',
    'program-file-missing',
    training(raised("FileNotFoundError: [Errno 2] No such file or directory: 'config.yaml'")),
  ],
  [
    'P46',
    'a folder of root',
    'program-file-not-permitted',
    training(raised("PermissionError: [Errno 13] Permission denied: '/root/.cache'")),
  ],
  [
    'P46',
    'a folder that is read-only',
    'program-file-not-permitted',
    training(raised("OSError: [Errno 30] Read-only file system: '/opt/ml/model/x'")),
  ],
  [
    'P47',
    'json.load of hyperparameters.json',
    'hyperparameter-missing',
    training(raised("KeyError: 'epochs'", 'epochs = int(hyperparameters["epochs"])')),
  ],
  [
    'P48',
    'os.environ',
    'environment-variable-missing',
    training(
      [
        'Traceback (most recent call last):',
        '  File "/opt/program/train", line 7, in main',
        '    host = os.environ["SMTP_HOST"]',
        '           ~~~~~~~~~~^^^^^^^^^^^^^',
        '  File "<frozen os>", line 717, in __getitem__',
        "KeyError: 'SMTP_HOST'",
      ].join('\n'),
    ),
  ],
  [
    'P49',
    'a column',
    'python-key-missing',
    training(raised("KeyError: 'diagnosis'", "y = table['diagnosis']")),
  ],
  [
    'P50',
    'an older package',
    'python-attribute-missing',
    training(raised("AttributeError: module 'numpy' has no attribute 'float'")),
  ],
  [
    'P51',
    'a call that does not fit',
    'python-type-error',
    training(raised("TypeError: fit() missing 1 required positional argument: 'y'")),
  ],
  ['P52', 'scikit-learn', 'python-value-error', training(raised('ValueError: Input contains NaN.'))],
  [
    'P52',
    'JSON',
    'python-value-error',
    training(raised('json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)')),
  ],
  ['P53', 'an assertion', 'python-assertion-failed', training(raised('AssertionError'))],
  ['P54', 'any other', 'python-exception', training(raised('my.module.BadThing: broken'))],
];
