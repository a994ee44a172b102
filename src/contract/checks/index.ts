import type { CheckDefinition } from './check.js';
import { imageArchitecture } from './image-architecture.js';
import { imageCuda } from './image-cuda.js';
import { imageEntrypoint } from './image-entrypoint.js';
import { imageLabels } from './image-labels.js';
import { imageOptMl } from './image-opt-ml.js';
import { imageSize } from './image-size.js';
import { imageUser } from './image-user.js';
import { serveBadPayload } from './serve-bad-payload.js';
import { serveContent } from './serve-content.js';
import { serveContentType } from './serve-content-type.js';
import { serveExecutionParameters } from './serve-execution-parameters.js';
import { serveInvocations } from './serve-invocations.js';
import { serveMemory } from './serve-memory.js';
import { serveMultiModel } from './serve-multi-model.js';
import { serveNetworkIsolation } from './serve-network-isolation.js';
import { servePing } from './serve-ping.js';
import { servePingLoad } from './serve-ping-load.js';
import { servePort } from './serve-port.js';
import { serveReadOnlyModel } from './serve-read-only-model.js';
import { serveSigterm } from './serve-sigterm.js';
import { serveStarts } from './serve-starts.js';
import { serveSurvives } from './serve-survives.js';
import { serveTime } from './serve-time.js';
import { trainBrokenInput } from './train-broken-input.js';
import { trainEnvironment } from './train-environment.js';
import { trainExitCode } from './train-exit-code.js';
import { trainFailureFile } from './train-failure-file.js';
import { trainHosts } from './train-hosts.js';
import { trainMemory } from './train-memory.js';
import { trainMetrics } from './train-metrics.js';
import { trainModel } from './train-model.js';
import { trainModelArchive } from './train-model-archive.js';
import { trainNetworkIsolation } from './train-network-isolation.js';
import { trainPipeMode } from './train-pipe-mode.js';
import { trainSigterm } from './train-sigterm.js';
import { trainStarts } from './train-starts.js';
import { trainTime } from './train-time.js';

/** Every check, in the order in which the report shows them. */
export const CHECKS: readonly CheckDefinition[] = [
  imageArchitecture,
  imageEntrypoint,
  imageUser,
  imageSize,
  imageOptMl,
  imageCuda,
  imageLabels,
  trainStarts,
  trainEnvironment,
  trainExitCode,
  trainTime,
  trainMemory,
  trainModel,
  trainModelArchive,
  trainMetrics,
  trainBrokenInput,
  trainFailureFile,
  trainSigterm,
  trainNetworkIsolation,
  trainHosts,
  trainPipeMode,
  serveStarts,
  serveReadOnlyModel,
  serveNetworkIsolation,
  serveMemory,
  servePort,
  servePing,
  serveInvocations,
  serveTime,
  serveContentType,
  serveContent,
  servePingLoad,
  serveBadPayload,
  serveSurvives,
  serveExecutionParameters,
  serveMultiModel,
  serveSigterm,
];

export type { CheckDefinition, Verdict } from './check.js';
