import { type CatalogueRow, isHosting, isTraining } from '../row.js';
import { named } from '../text.js';

/** A server that was stopped by the smoke test, or still runs, rather than having ended by itself. */
const stillServed = (failure: { readonly timedOut?: boolean; readonly exitCode?: number }): boolean =>
  failure.timedOut === true || failure.exitCode === undefined;

/** Servers and requests, and at the end what is left when only the way the container ended is known. */
export const SERVING_ROWS: readonly CatalogueRow[] = [
  {
    id: 'P26',
    class: 'address-in-use',
    where: 'endpoint log',
    pattern: /[Aa]ddress already in use|EADDRINUSE|Connection in use: \(/,
    cause: 'Two servers in the container want the same port.',
    fix: 'Let one program listen on 8080 (nginx, or the application server, not both), and start it once: not from both the `ENTRYPOINT` and a script it runs.',
    source: '[inf] message of the operating system',
  },
  {
    id: 'P27',
    class: 'worker-timed-out',
    where: 'endpoint log',
    pattern: /\[CRITICAL\] WORKER TIMEOUT|Worker timeout|worker timed out/,
    cause:
      'gunicorn killed a worker that took longer than its `--timeout` (30 seconds by default), to load the model or to answer a request.',
    fix: 'Raise `--timeout` to at least 60, the time SageMaker allows a request, and load the model in the background or with `--preload`.',
    source: '[doc] 60 s for /invocations; gunicorn settings',
  },
  {
    id: 'E10',
    class: 'server-on-loopback',
    where: 'endpoint log',
    rank: 'state',
    pattern:
      /(?:[Rr]unning (?:at|on)|Listening (?:at|on)|[Ll]istening (?:at|on)|Serving(?: HTTP)? on|Inference address)[: ]*(?:https?:\/\/)?(127\.0\.0\.1|localhost|\[::1\])(?::| port )?(\d{2,5})?/,
    // Flask names its loopback address too when it listens on all; behind nginx loopback is right.
    unless: /all addresses|\b0\.0\.0\.0\b|\[::\]:|nginx/i,
    applies: (failure) => isHosting(failure) && stillServed(failure),
    cause:
      'The server listens on the loopback address, which nothing outside of the container can reach. SageMaker calls port 8080 on all interfaces.',
    fix: 'Bind the server to 0.0.0.0:8080 (Flask: `app.run(host="0.0.0.0", port=8080)`; gunicorn: `--bind 0.0.0.0:8080`; uvicorn: `--host 0.0.0.0 --port 8080`).',
    specific: (groups) => ({
      cause: `The server listens on ${named(groups[1], 20)}${groups[2] === undefined ? '' : `:${groups[2]}`}, which nothing outside of the container can reach. SageMaker calls port 8080 on all interfaces.`,
    }),
    source: '[doc] your-algorithms-inference-code.md; [obs] sdk#155',
  },
  {
    id: 'P28',
    class: 'server-on-wrong-port',
    where: 'endpoint log',
    rank: 'state',
    pattern:
      /(?:[Rr]unning (?:at|on)|[Ll]istening (?:at|on)|Serving(?: HTTP)? on|Started HTTPService at|Inference address)[: ]*(?:port |https?:\/\/)?(?:[\w.[\]:-]{0,60}(?::| port ))?(?!8080\b)(\d{2,5})\b/,
    unless: /[: ]8080\b|nginx/i,
    applies: (failure) => isHosting(failure) && stillServed(failure),
    cause: 'The server listens on another port than 8080, the one that SageMaker calls.',
    fix: 'Let the server listen on 0.0.0.0:8080, or on `SAGEMAKER_BIND_TO_PORT` where that is set.',
    specific: (groups) => ({
      cause: `The server listens on port ${named(groups[1], 6)}; SageMaker calls port 8080.`,
    }),
    source: '[doc] your-algorithms-inference-code.md',
  },
  {
    id: 'I01',
    class: 'invocation-timed-out',
    where: 'invoke error',
    pattern: /Received server error \(0\) from .{0,2000}timed out/,
    cause: 'The model took longer than the 60 seconds that SageMaker allows a request to /invocations.',
    fix: 'Make the answer faster (smaller model, larger instance, GPU), or use an asynchronous endpoint.',
    source: '[doc] 60 s for /invocations',
  },
  {
    id: 'I02',
    class: 'invocation-failed',
    where: 'invoke error',
    rank: 'summary',
    pattern: /Received (?:server|client) error \((\d{3})\) from (\S+)/,
    cause: 'The container answered a request to /invocations with an error.',
    fix: 'Read the container’s log at the time of the request, and send the same body to the container by hand.',
    specific: (groups) => ({
      cause: `The container answered a request to /invocations with status ${named(groups[1], 3)}.`,
    }),
    source: '[doc] sagemaker-runtime model: ModelError',
  },
  {
    id: 'E04',
    class: 'model-archive-invalid',
    where: 'endpoint FailureReason',
    pattern:
      /Failed to extract model data archive.{0,2000}valid tar\.gz|tarfile\.ReadError: (?:not a gzip file|file could not be opened)|gzip: stdin: not in gzip format/,
    cause:
      'The model archive is not a gzip-compressed tar file that can be extracted: another format, cut off, or with links or absolute paths inside.',
    fix: 'Make it with `tar -czf model.tar.gz -C folder .`, without symbolic links.',
    source: '[doc] deploy-model-troubleshoot.md',
  },
  {
    id: 'E14',
    class: 'gunicorn-worker-failed-to-boot',
    where: 'endpoint log',
    rank: 'summary',
    pattern:
      /Worker failed to boot|HaltServer|App failed to load|Failed to find attribute ['"](\w+)['"] in ['"]([\w.]+)/,
    cause: 'gunicorn could not import the application: its module raised an error, or has no such attribute.',
    fix: 'Import the module by itself in the image (`python -c "import wsgi"`), correct what it says, and pin gunicorn and its worker class.',
    specific: (groups) =>
      groups[1] === undefined
        ? {}
        : {
            cause: `gunicorn found the module \`${named(groups[2], 80)}\` and no \`${named(groups[1], 60)}\` in it.`,
            fix: 'Name the application’s variable in gunicorn’s argument (`gunicorn module:variable`).',
          },
    source: '[obs] examples#1113',
  },
  {
    id: 'P29',
    class: 'worker-killed',
    where: 'endpoint log',
    rank: 'summary',
    pattern: /was sent SIGKILL! Perhaps out of memory\?|Worker \(pid:\d+\) exited with code (?:137|9)\b/,
    cause: 'gunicorn’s worker was killed: for lack of memory, or by gunicorn itself after a time-out.',
    fix: 'Start fewer workers (each loads the model), use `--preload`, or choose an instance type with more memory; raise `--timeout` when the log has WORKER TIMEOUT.',
    source: '[inf] gunicorn’s message',
  },
  {
    id: 'P30',
    class: 'upstream-down',
    where: 'endpoint log',
    rank: 'summary',
    pattern: /while connecting to upstream|no live upstreams/,
    applies: isHosting,
    cause:
      'nginx runs and the application server behind it does not answer: it failed to start, or has ended.',
    fix: 'Read what the application server printed, check that both use the same socket or port, and end the container when either process ends.',
    source: '[inf] nginx’s message',
  },
  {
    id: 'E01',
    class: 'ping-not-answered',
    where: 'endpoint FailureReason',
    rank: 'summary',
    pattern: /did not pass the ping health check/,
    applies: isHosting,
    // Not of a server that runs: it became ready, and failed at a request.
    outcome: ({ timedOut }) => timedOut === true,
    cause: '`GET /ping` on port 8080 did not answer with 200 in the time that a container has to start.',
    fix: 'Bind the server to 0.0.0.0:8080, answer /ping as soon as the server runs (503 until the model is loaded), and load the model in the background.',
    source: '[doc] your-algorithms-inference-code.md; [obs] examples#210, #1113, #3062; sdk#155, #4115',
  },
  {
    id: 'P31',
    class: 'server-ended',
    where: 'endpoint log',
    applies: isHosting,
    outcome: (failure) => failure.exitCode === 0,
    cause:
      'The container ended with exit code 0 in place of serving: the entry point ignores the argument `serve`, or the server was started in the background.',
    fix: 'Let the entry point start the server when its first argument is `serve`, and run the server in the foreground (`exec gunicorn …`).',
    source: '[doc] docker run <image> serve',
  },
  {
    id: 'E13',
    class: 'server-crashed',
    where: 'endpoint log',
    applies: isHosting,
    outcome: (failure, traceback) => failure.exitCode !== undefined && traceback === undefined,
    cause:
      'The server ended with an error. On SageMaker it would be started again and again until the endpoint fails.',
    fix: 'Read the last lines of its log; run `docker run --rm <image> serve` to see all of them.',
    specific: (_groups, failure) => ({
      cause: `The server ended with exit code ${failure.exitCode ?? '?'}. On SageMaker it would be started again and again until the endpoint fails.`,
    }),
    source: '[obs] endpoints stay Creating while the container restarts',
  },
  {
    id: 'T08',
    class: 'exit-code-without-reason',
    where: 'training FailureReason',
    rank: 'summary',
    pattern: /AlgorithmError:\s{0,4}Exit Code:\s{0,4}\d+/,
    cause: 'The container ended with an error and left no text in /opt/ml/output/failure.',
    fix: 'Write the error to /opt/ml/output/failure: its first 1,024 characters become the job’s failure reason.',
    source: '[obs] amazon-sagemaker-examples#739',
  },
  {
    id: 'T01',
    class: 'exit-without-failure-file',
    where: 'training FailureReason',
    rank: 'summary',
    pattern: /AlgorithmError:\s{0,4},?\s{0,4}exit code:\s{0,4}1\b/,
    applies: isTraining,
    outcome: (failure, traceback) =>
      failure.exitCode === 1 && traceback === undefined && (failure.failureFile ?? '').trim() === '',
    cause:
      'The container ended with exit code 1 and left nothing in /opt/ml/output/failure, so that SageMaker could give no reason but `AlgorithmError: , exit code: 1`.',
    fix: 'Read the last lines of the log, and let the program write its traceback to /opt/ml/output/failure: its first 1,024 characters become the job’s failure reason.',
    source: '[obs] FailureReason without a failure file; [doc] signal-success-failure',
  },
];
