import { PING_LIMIT_SECONDS } from '../hosting-limits.js';
import type { HostingRun, HostRun, PingAnswer, TrainingRun } from '../observations.js';

/**
 * One failure has one red check: the most telling one. A container that ran out of memory also has a
 * non-zero exit code, and a red line for each would bury the cause. These functions say which check a failed
 * run belongs to; the others are skipped and point to it.
 */
export type TrainingFault =
  | 'train-starts'
  | 'train-memory'
  | 'train-time'
  | 'train-environment'
  | 'train-network-isolation'
  | 'train-hosts'
  | 'train-pipe-mode'
  | 'train-exit-code';

export function trainingFault(run: TrainingRun): TrainingFault | undefined {
  const broken = failedHosts(run);
  if (broken.length === 0) {
    return undefined;
  }
  if (broken.some((host) => host.startError !== undefined || neverRan(host))) {
    return 'train-starts';
  }
  // The process that was killed need not be the one that failed for it.
  if (run.hosts.some((host) => host.oomKilled)) {
    return 'train-memory';
  }
  if (run.diagnosis?.class === 'toolkit-environment-missing' && !run.toolkitEnvironment) {
    return 'train-environment';
  }
  if (run.networkIsolation && isNetworkFault(run.diagnosis?.class)) {
    return 'train-network-isolation';
  }
  if (run.hosts.length > 1 && (differ(run) || run.diagnosis?.id === 'T40')) {
    return 'train-hosts';
  }
  if (run.pipes.some(({ epochsOpened, channel }) => epochsOpened === 0 && missedFiles(run, channel))) {
    return 'train-pipe-mode';
  }
  return broken.some((host) => host.timedOut) ? 'train-time' : 'train-exit-code';
}

/** Whether the program failed for the files of a channel, which Pipe mode has none of. */
function missedFiles({ diagnosis }: TrainingRun, channel: string): boolean {
  return (
    diagnosis?.id === 'T39' ||
    // In words of its own, of which no row knows more than the exception's type.
    ((diagnosis?.id === 'unknown' || diagnosis?.class.startsWith('python-') === true) &&
      diagnosis.evidence.includes(`/opt/ml/input/data/${channel}`))
  );
}

/** Some hosts did what others did not: one fails, and its peers go on, or wait for it until the time limit. */
function differ({ hosts }: TrainingRun): boolean {
  const ends = hosts.map((host) => (host.timedOut ? 'timed out' : host.exitCode === 0 ? 'ended' : 'failed'));
  return new Set(ends).size > 1;
}

/** Those that ended by themselves come first: the ones that were stopped may only have waited for them. */
export function failedHosts(run: TrainingRun): readonly HostRun[] {
  const failed = run.hosts.filter(
    (host) => host.startError !== undefined || host.timedOut || host.exitCode !== 0,
  );
  return [...failed.filter(({ timedOut }) => !timedOut), ...failed.filter(({ timedOut }) => timedOut)];
}

/**
 * The program itself was never reached: 126 and 127 with no output but the complaint are how a shell or `env`
 * say so; runc, from 1.1 on, prints one line and ends with 1 or 255.
 */
export function neverRan(host: HostRun): boolean {
  const [line = '', ...more] = host.logTail;
  return (
    ((host.exitCode === 126 || host.exitCode === 127) && host.logTail.length <= 5) ||
    (more.length === 0 && RUNTIME_COMPLAINT.test(line.trim()))
  );
}

const RUNTIME_COMPLAINT = /^exec \S+: (?:exec format error|no such file or directory|permission denied)$/;

export type HostingFault =
  | 'serve-starts'
  | 'serve-memory'
  | 'serve-read-only-model'
  | 'serve-network-isolation'
  | 'serve-port'
  | 'serve-ping';

/** Why the container never became ready; undefined when it did. */
export function hostingFault(run: HostingRun): HostingFault | undefined {
  if (run.readyAfterSeconds !== undefined) {
    return undefined;
  }
  if (run.end?.startError !== undefined) {
    return 'serve-starts';
  }
  if (run.oomKilled) {
    return 'serve-memory';
  }
  if (run.diagnosis?.class === 'model-folder-read-only') {
    return 'serve-read-only-model';
  }
  if (run.networkIsolation && isNetworkFault(run.diagnosis?.class)) {
    return 'serve-network-isolation';
  }
  if (run.end !== undefined && !run.end.timedOut) {
    return 'serve-starts';
  }
  return run.portOpen ? 'serve-ping' : 'serve-port';
}

export type LossFault =
  | 'serve-memory'
  | 'serve-invocations'
  | 'serve-time'
  | 'serve-ping-load'
  | 'serve-survives'
  | 'serve-starts';

/**
 * What took a server that had become ready: the first thing that it did not outlive. Undefined while it lives,
 * or when it never became ready ({@link hostingFault}).
 */
export function lossFault(run: HostingRun): LossFault | undefined {
  if (run.readyAfterSeconds === undefined) {
    return undefined;
  }
  if (run.oomKilled) {
    return 'serve-memory';
  }
  if (run.end === undefined && run.aliveAfterBadPayload !== false) {
    return undefined;
  }
  const unanswered = run.invocations.find(({ status }) => status === undefined);
  if (unanswered !== undefined) {
    return unanswered.error === 'time-out' ? 'serve-time' : 'serve-invocations';
  }
  if (run.pingsUnderLoad.some((ping) => !inTime(ping))) {
    return 'serve-ping-load';
  }
  // Just before the bad payload /execution-parameters is asked for. Whoever answered that, with any status, lived.
  const livedUntilThen = run.end === undefined || run.executionParameters !== undefined;
  return run.aliveAfterBadPayload === false && livedUntilThen ? 'serve-survives' : 'serve-starts';
}

/** A health check that SageMaker would count. */
export const inTime = (ping: PingAnswer): boolean =>
  ping.status === 200 && ping.seconds <= PING_LIMIT_SECONDS;

/** The classes of the failure catalogue's rows T37 and T38. */
function isNetworkFault(diagnosisClass: string | undefined): boolean {
  return diagnosisClass === 'network-unreachable' || diagnosisClass === 'credentials-missing';
}
