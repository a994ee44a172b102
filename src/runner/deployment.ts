import type { GithubDeploymentPlan, SourceRecord } from '../plan.js';
import { reasonOf } from './errno.js';
import { connectGitHub, type GitHubApi, GitHubError } from './github-api.js';

/** States of a deployment, in GitHub's words, as far as they are set here. */
export type DeploymentStatus = 'in_progress' | 'success' | 'failure' | 'error';

/**
 * GitHub's own deployments of one environment. No call rejects: that a deployment is shown is worth no red step.
 */
export interface GithubDeployments {
  /** Page of the environment's deployments. */
  readonly url?: string;
  /** What GitHub refused, a sentence each; the same refusal once. */
  readonly notices: readonly string[];
  /** @returns undefined when GitHub did not take it, which `notices` says */
  begin(endpointName: string): Promise<GithubDeployment | undefined>;
  /** The deployments of the endpoint that are still shown as live are no more. */
  retire(endpointName: string): Promise<void>;
}

/** One deployment, in progress. */
export interface GithubDeployment {
  /** @param environmentUrl what people open to see what was deployed */
  set(status: DeploymentStatus, description: string, environmentUrl?: string): Promise<void>;
}

/** Longest description of a status. [doc] */
const LONGEST_DESCRIPTION = 140;
/** As many of the newest deployments are looked at when an endpoint goes. */
const LOOKED_AT = 100;

interface Listed {
  readonly id?: number;
  readonly payload?: unknown;
}

/** @param env names GitHub's API (`GITHUB_API_URL`), and the proxy */
export function githubDeployments(
  { environment, token }: GithubDeploymentPlan,
  { repository, serverUrl = 'https://github.com', commit, runUrl }: SourceRecord,
  env: NodeJS.ProcessEnv,
  sleep: (milliseconds: number) => Promise<unknown>,
): GithubDeployments {
  const notices = new Set<string>();
  const api: GitHubApi = connectGitHub(token, env, sleep);
  const root = (env['GITHUB_API_URL'] ?? 'https://api.github.com').replace(/\/$/, '');
  const deployments = `${root}/repos/${repository}/deployments`;
  const log = runUrl === undefined ? {} : { log_url: runUrl };

  async function attempt<Output>(what: string, call: () => Promise<Output>): Promise<Output | undefined> {
    try {
      return await call();
    } catch (error) {
      const refused = error instanceof GitHubError && [401, 403, 404].includes(error.status);
      notices.add(
        refused
          ? `${what}: GitHub refuses it: ${error.message}. Give the job \`permissions: deployments: write\`, or another \`github-token\`.`
          : `${what}: ${reasonOf(error)}.`,
      );
      return undefined;
    }
  }

  const setStatus = (id: number, status: DeploymentStatus | 'inactive', description: string, url?: string) =>
    api.call(
      'POST',
      `${deployments}/${id}/statuses`,
      {
        state: status,
        description: shortened(description),
        ...log,
        ...(url !== undefined && { environment_url: url }),
      },
      // Twice the same status is as good as once.
      true,
    );

  return {
    ...(repository && { url: `${serverUrl}/${repository}/deployments/${encodeURIComponent(environment)}` }),
    get notices() {
      return [...notices];
    },
    async begin(endpointName) {
      if (repository === undefined || commit === undefined) {
        notices.add('No deployment was reported to GitHub: the repository or the commit is not known.');
        return undefined;
      }
      const what = 'The deployment is not shown on GitHub';
      const id = await attempt(what, async () => {
        const made = (await api.call(
          'POST',
          deployments,
          {
            ref: commit,
            auto_merge: false,
            required_contexts: [],
            environment,
            description: shortened(`SageMaker endpoint ${endpointName}`),
            payload: { endpoint: endpointName },
          },
          false,
        )) as { id?: unknown; message?: unknown };
        if (typeof made.id !== 'number') {
          throw new Error(`GitHub's answer has no deployment: ${String(made.message ?? 'no reason given')}`);
        }
        return made.id;
      });
      if (id === undefined) return undefined;
      await attempt(what, () => setStatus(id, 'in_progress', `Deploying to ${endpointName}`));
      return {
        async set(status, description, environmentUrl) {
          await attempt(`The state of the deployment on GitHub (${status}) was not set`, () =>
            setStatus(id, status, description, environmentUrl),
          );
        },
      };
    },
    async retire(endpointName) {
      if (repository === undefined) return;
      await attempt('The deployment on GitHub is still shown as active', async () => {
        const query = `environment=${encodeURIComponent(environment)}&per_page=${LOOKED_AT}`;
        const found = (await api.read(`${deployments}?${query}`)) as readonly Listed[];
        for (const { id, payload } of found) {
          if (typeof id !== 'number' || endpointIn(payload) !== endpointName) continue;
          const [last] = (await api.read(`${deployments}/${id}/statuses?per_page=1`)) as readonly {
            readonly state?: string;
          }[];
          if (last?.state === 'inactive') continue;
          await setStatus(id, 'inactive', `The endpoint ${endpointName} was removed`);
        }
      });
    },
  };
}

/** GitHub gives the payload back as it was sent, or as the text of it. */
function endpointIn(payload: unknown): unknown {
  if (typeof payload !== 'string') return Object(payload).endpoint;
  try {
    return Object(JSON.parse(payload)).endpoint;
  } catch {
    return undefined;
  }
}

const shortened = (text: string): string =>
  text.length <= LONGEST_DESCRIPTION ? text : `${text.slice(0, LONGEST_DESCRIPTION - 1).toWellFormed()}…`;
