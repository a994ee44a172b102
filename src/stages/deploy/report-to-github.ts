import type { EndpointRecord } from '../../plan.js';
import type { GithubDeployment, GithubDeployments } from '../../runner/deployment.js';
import type { StageResult } from '../stage-result.js';

/** A deployment to an endpoint, as far as GitHub is told of it. */
export interface ReportedDeployment<Result> {
  readonly endpointName: string;
  readonly signal: AbortSignal;
  readonly onKnown: (record: EndpointRecord) => void;
  readonly deploy: (onKnown: (record: EndpointRecord) => void) => Promise<Result>;
}

type Deployed = StageResult & { readonly endpoint?: EndpointRecord };

/** How each outcome is called on GitHub: only what is known to be bad is a failure. */
const STATUSES = { passed: 'success', failed: 'failure', canceled: 'error', unknown: 'error' } as const;

/**
 * Deploys, and has GitHub show it: in progress, and then how it went, with the endpoint's page in AWS's console.
 *
 * @param github absent: GitHub is not told
 */
export async function reportToGithub<Result extends Deployed>(
  github: GithubDeployments | undefined,
  { endpointName, signal, onKnown, deploy }: ReportedDeployment<Result>,
): Promise<Result> {
  if (github === undefined) return deploy(onKnown);
  const deployment = await github.begin(endpointName);
  const withUrl = (record: EndpointRecord): EndpointRecord =>
    deployment === undefined || github.url === undefined ? record : { ...record, deploymentUrl: github.url };
  const result = await deploy((record) => onKnown(withUrl(record))).catch(async (error: unknown) => {
    await tell(deployment, signal, 'error', 'Nothing was deployed');
    throw error;
  });
  const { outcome, detail, endpoint, notices = [] } = result;
  await tell(deployment, signal, STATUSES[outcome], detail, endpoint?.consoleUrl);
  return {
    ...result,
    ...(endpoint && { endpoint: withUrl(endpoint) }),
    ...(github.notices.length > 0 && { notices: [...notices, ...github.notices] }),
  };
}

/** After a cancel there is no time to wait for GitHub's answer. */
async function tell(
  deployment: GithubDeployment | undefined,
  signal: AbortSignal,
  ...status: Parameters<GithubDeployment['set']>
): Promise<void> {
  const told = deployment?.set(...status);
  if (!signal.aborted) await told;
}
