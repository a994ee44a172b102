import type { ContainerFailure } from './failure.js';
import type { Traceback } from './traceback.js';

/** Where the failure is seen; of a container on the runner all of it is its exit and output. */
export type Where =
  | 'training FailureReason'
  | 'training log'
  | 'endpoint FailureReason'
  | 'endpoint log'
  | 'container log'
  | 'invoke error'
  | 'training status'
  | 'endpoint status'
  | 'API error'
  | 'CI / ECR / OIDC';

/**
 * One kind of failure. A row is recognised by a line of text (`pattern`), by the way the container ended
 * (`outcome`), or by either; `diagnose` decides which row of several that fit is the answer.
 */
export interface CatalogueRow {
  /** `T…`, `E…`, `I…`: the platform's failures; `P…`: the program's own, as they show in any container. */
  readonly id: string;
  /** Stable kebab-case name. */
  readonly class: string;
  readonly where: Where;
  /** Tried on one line at a time, so without `g`, `m` or `s`. */
  readonly pattern?: RegExp;
  /** No line of the output may match this one, or the row's own match means something else. */
  readonly unless?: RegExp;
  /** Circumstances without which neither text nor outcome counts. */
  readonly applies?: (failure: ContainerFailure) => boolean;
  /**
   * What a match of the pattern is worth. `error` (the default): the error itself. `state`: true since it was
   * printed, even when much was printed after it. `summary`: what a supervisor says about an error that was
   * printed before, so any error wins over it.
   */
  readonly rank?: 'error' | 'state' | 'summary';
  /** Of a summary: the exception beside it is the supervisor's own, so that its type says less. */
  readonly overException?: true;
  /** The way the container ended, for when no text tells more. */
  readonly outcome?: (failure: ContainerFailure, traceback: Traceback | undefined) => boolean;
  /** Full sentences that hold for every failure of the row. */
  readonly cause: string;
  readonly fix: string;
  /** What to say in their place of a container that ran on SageMaker, not in the smoke test. */
  readonly onPlatform?: { readonly cause?: string; readonly fix?: string };
  /** Sentences that know more, from the pattern's groups (empty for an outcome) and the circumstances. */
  readonly specific?: (
    groups: readonly (string | undefined)[],
    failure: ContainerFailure,
  ) => { readonly cause?: string; readonly fix?: string };
  /** Where the knowledge comes from: [doc] documentation, [obs] observed, [code] read, [inf] inferred. */
  readonly source: string;
}

/**
 * A kind of failure that is told by a message of AWS in one piece (`pattern`) or by facts (`holds`): of a job, an
 * endpoint, a call.
 */
export interface MessageRow<Failure> {
  /** `T…`, `A…`, `E…`, `I…`, `C…`: the platform's failures; `P…`: others that such a call or job meets. */
  readonly id: string;
  /** Stable kebab-case name. */
  readonly class: string;
  readonly where: Where;
  /** Tried on one line, so without `g`, `m` or `s`. */
  readonly pattern?: RegExp;
  readonly holds?: (failure: Failure) => boolean;
  /** Full sentences that hold for every failure of the row. */
  readonly cause: string;
  readonly fix: string;
  /** Sentences that know more, from the pattern's groups (empty for facts) and the circumstances. */
  readonly specific?: (
    groups: readonly (string | undefined)[],
    failure: Failure,
  ) => { readonly cause?: string; readonly fix?: string; readonly link?: string };
  /** Where the knowledge comes from: [doc] documentation, [obs] observed, [code] read, [inf] inferred. */
  readonly source: string;
}

/** The exception that ended a program, or that a server printed, as its traceback has it. */
export interface RaisedException {
  /** `ValueError`, `json.decoder.JSONDecodeError`. */
  readonly type: string;
  /** What stands behind the type; may be empty. Untrusted. */
  readonly message: string;
  /** The innermost call's file and source line; empty when Python had none. Untrusted. */
  readonly file: string;
  readonly code: string;
}

/** One kind of Python exception, for when no text tells more. */
export interface ExceptionRow {
  /** `P…`: the program's own failures. */
  readonly id: string;
  /** Stable kebab-case name. */
  readonly class: string;
  readonly where: Where;
  readonly type: RegExp;
  readonly applies?: (raised: RaisedException) => boolean;
  /** Full sentences that hold for every failure of the row. */
  readonly cause: string;
  readonly fix: string;
  /** Sentences that know more, from the message and the circumstances. */
  readonly specific?: (
    raised: RaisedException,
    failure: ContainerFailure,
  ) => { readonly cause?: string; readonly fix?: string };
  /** Where the knowledge comes from: [doc] documentation, [obs] observed, [code] read, [inf] inferred. */
  readonly source: string;
}

export const isTraining = (failure: ContainerFailure): boolean => failure.phase === 'training';
export const isHosting = (failure: ContainerFailure): boolean => failure.phase === 'hosting';

/** The input that gives the container its hyperparameters or channels: the job has its own. */
export const inputOf = (failure: ContainerFailure, what: 'hyperparameters' | 'channels'): string =>
  failure.onPlatform === true ? `\`${what}\`` : `\`smoke-${what}\``;

/** The argument with which the platform starts a container. */
export const argumentOf = (failure: ContainerFailure): 'train' | 'serve' =>
  failure.phase === 'training' ? 'train' : 'serve';
