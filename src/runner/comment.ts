import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { reasonOf } from './errno.js';
import { connectGitHub, type GitHubApi, GitHubError } from './github-api.js';

/** Pages of a hundred comments that are searched for the one of an earlier run. */
const MOST_PAGES = 20;

/**
 * Names the comment of this step of this job of this workflow: hex digits, the same in every run. A pull request
 * has one comment for each. Jobs of a matrix, and calls of one reusable workflow, have the same names of GitHub: what
 * they are about tells them apart.
 */
export const commentKey = (env: NodeJS.ProcessEnv, subject: readonly string[]): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        env['GITHUB_WORKFLOW'] ?? '',
        env['GITHUB_JOB'] ?? '',
        env['GITHUB_ACTION'] ?? '',
        ...subject,
      ]),
    )
    .digest('hex')
    .slice(0, 16);

/**
 * Creates the pull request's comment that begins with this marker, or brings it up to date. Only a comment of the
 * token's own author is changed: anybody can write a marker into his.
 *
 * Never rejects: a comment is worth no red step.
 *
 * @returns what kept the comment from being written, as a notice; undefined when it was, or there is no pull
 *   request to write it to
 */
export async function writeComment(
  body: string,
  marker: string,
  token: string,
  env: NodeJS.ProcessEnv,
  sleep: (milliseconds: number) => Promise<unknown>,
): Promise<string | undefined> {
  const pull = pullRequestOf(env);
  if (pull === undefined) return undefined;
  if (pull.fromFork) {
    return 'No comment was written: a pull request from a fork has a token that may only read. The job summary has the report.';
  }
  try {
    const api = connectGitHub(token, env, sleep);
    const id = await findComment(api, pull, marker);
    const comments = `${pull.api}/repos/${pull.repository}/issues`;
    await (id === undefined
      ? api.call('POST', `${comments}/${pull.number}/comments`, { body }, false)
      : api.call('PATCH', `${comments}/comments/${id}`, { body }, true));
    return undefined;
  } catch (error) {
    if (error instanceof GitHubError && [401, 403, 404].includes(error.status)) {
      return `No comment was written: GitHub refuses it: ${error.message}. Give the job \`permissions: pull-requests: write\`, or another \`github-token\`.`;
    }
    return `No comment was written: ${reasonOf(error)}.`;
  }
}

interface PullRequest {
  readonly number: number;
  /** `owner/name` of the repository that it is a request to. */
  readonly repository: string;
  /** GitHub's API, without a slash at the end. */
  readonly api: string;
  readonly graphql: string;
  /** Its token may only read. */
  readonly fromFork: boolean;
}

/** The pull request that the workflow runs for; undefined for pushes, tags, schedules. */
function pullRequestOf(env: NodeJS.ProcessEnv): PullRequest | undefined {
  const repository = env['GITHUB_REPOSITORY'] ?? '';
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) return undefined;
  const number = eventOf(env)?.pull_request?.number;
  if (!Number.isSafeInteger(number) || number === undefined) return undefined;
  const head = eventOf(env)?.pull_request?.head?.repo?.full_name;
  const api = (env['GITHUB_API_URL'] ?? 'https://api.github.com').replace(/\/$/, '');
  return {
    number,
    repository,
    api,
    graphql: env['GITHUB_GRAPHQL_URL'] ?? `${api}/graphql`,
    // Workflows of pull_request_target run with the base's token.
    fromFork: env['GITHUB_EVENT_NAME'] === 'pull_request' && head !== repository,
  };
}

interface Event {
  readonly pull_request?: {
    readonly number?: number;
    readonly head?: { readonly repo?: { readonly full_name?: string } | null };
  };
}

function eventOf(env: NodeJS.ProcessEnv): Event | undefined {
  try {
    return JSON.parse(readFileSync(env['GITHUB_EVENT_PATH'] ?? '', 'utf8')) as Event;
  } catch {
    return undefined;
  }
}

/** REST does not say who the token is; GraphQL does, for every kind of token. */
const QUERY = `query($owner: String!, $name: String!, $number: Int!, $before: String) {
  viewer { login }
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      comments(last: 100, before: $before) {
        nodes { databaseId body author { login } }
        pageInfo { hasPreviousPage startCursor }
      }
    }
  }
}`;

interface Found {
  readonly data?: {
    readonly viewer?: { readonly login?: string };
    readonly repository?: {
      readonly pullRequest?: {
        readonly comments?: {
          readonly nodes?: readonly ({
            readonly databaseId?: number;
            readonly body?: string;
            readonly author?: { readonly login?: string } | null;
          } | null)[];
          readonly pageInfo?: { readonly hasPreviousPage?: boolean; readonly startCursor?: string | null };
        };
      } | null;
    } | null;
  };
  readonly errors?: readonly { readonly message?: string }[];
}

/** An app is `github-actions[bot]` to some fields and `github-actions` to others. */
const plain = (login: string | undefined): string | undefined => login?.replace(/\[bot\]$/, '');

/** The newest one; undefined when there is none. */
async function findComment(
  api: GitHubApi,
  { repository, number, graphql }: PullRequest,
  marker: string,
): Promise<number | undefined> {
  const [owner, name] = repository.split('/');
  let before: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const variables = { owner, name, number, before };
    const { data, errors } = (await api.call('POST', graphql, { query: QUERY, variables }, true)) as Found;
    const comments = data?.repository?.pullRequest?.comments;
    if (comments === undefined) {
      throw new GitHubError(403, errors?.[0]?.message?.slice(0, 200) ?? 'the pull request cannot be read');
    }
    const self = plain(data?.viewer?.login);
    const own = (comments.nodes ?? []).findLast(
      (comment) => comment?.body?.startsWith(marker) === true && plain(comment.author?.login) === self,
    );
    if (own?.databaseId !== undefined) return own.databaseId;
    if (comments.pageInfo?.hasPreviousPage !== true) return undefined;
    before = comments.pageInfo.startCursor ?? undefined;
  }
  return undefined;
}
