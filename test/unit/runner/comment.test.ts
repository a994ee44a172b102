import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { commentKey, writeComment } from '../../../src/runner/comment.js';

const MARKER = '<!-- sagemaker-byoc 0123456789abcdef -->';
const TOKEN = 'ghs_0123456789';

interface Comment {
  readonly databaseId: number;
  body: string;
  readonly author: { readonly login: string } | null;
}

/** GitHub as far as a comment needs it. */
let server: Server;
let folder: string;
let env: NodeJS.ProcessEnv;
let comments: Comment[];
let calls: string[];
/** Statuses with which the next calls are refused. */
let refusals: number[];
let self: string;
const waits: number[] = [];
const sleep = async (milliseconds: number) => {
  waits.push(milliseconds);
};
const write = (body: string) => writeComment(`${MARKER}\n${body}`, MARKER, TOKEN, env, sleep);

function answer(method: string, url: string, body: string): [status: number, body: unknown] {
  const refused = refusals.shift();
  if (refused !== undefined && refused !== 200)
    return [refused, { message: 'Resource not accessible by integration' }];
  const sent = JSON.parse(body) as { body?: string; variables?: { number: number; before?: string } };
  if (url === '/graphql') {
    if (sent.variables?.number !== 42) return [200, { data: { repository: { pullRequest: null } } }];
    const end = Number(sent.variables.before ?? comments.length);
    const start = Math.max(0, end - 100);
    const page = {
      nodes: comments.slice(start, end),
      pageInfo: { hasPreviousPage: start > 0, startCursor: String(start) },
    };
    const viewer = { login: self };
    return [200, { data: { viewer, repository: { pullRequest: { comments: page } } } }];
  }
  if (method === 'POST' && url === '/repos/octo-org/churn/issues/42/comments') {
    comments.push({
      databaseId: 1_000 + comments.length,
      body: sent.body ?? '',
      author: { login: 'github-actions' },
    });
    return [201, {}];
  }
  const id = /^\/repos\/octo-org\/churn\/issues\/comments\/(\d+)$/.exec(url)?.[1];
  const found = comments.find(({ databaseId }) => databaseId === Number(id));
  if (method !== 'PATCH' || found === undefined) return [404, { message: 'Not Found' }];
  found.body = sent.body ?? '';
  return [200, {}];
}

const event = (value: unknown): void => writeFileSync(join(folder, 'event.json'), JSON.stringify(value));
const pull = (head: string) => ({ pull_request: { number: 42, head: { repo: { full_name: head } } } });

beforeEach(async () => {
  comments = [];
  calls = [];
  refusals = [];
  waits.length = 0;
  self = 'github-actions[bot]';
  folder = mkdtempSync(join(tmpdir(), 'byoc-comment-'));
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      calls.push(`${method} ${url}`);
      if (headers.authorization !== `Bearer ${TOKEN}` || headers['user-agent'] === undefined) {
        response.writeHead(401).end('{"message":"Bad credentials"}');
        return;
      }
      const [status, body] = answer(method, url, Buffer.concat(chunks).toString());
      if (status === 0) {
        request.socket.destroy();
        return;
      }
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  env = {
    GITHUB_API_URL: api,
    GITHUB_GRAPHQL_URL: `${api}/graphql`,
    GITHUB_REPOSITORY: 'octo-org/churn',
    GITHUB_EVENT_NAME: 'pull_request',
    GITHUB_EVENT_PATH: join(folder, 'event.json'),
    GITHUB_WORKFLOW: 'container',
    GITHUB_JOB: 'check',
  };
  event(pull('octo-org/churn'));
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

describe('the comment', () => {
  test('is created once and then brought up to date', async () => {
    expect(await write('one')).toBeUndefined();
    expect(await write('two')).toBeUndefined();
    expect(comments.map(({ body }) => body)).toEqual([`${MARKER}\ntwo`]);
    expect(calls).toEqual([
      'POST /graphql',
      'POST /repos/octo-org/churn/issues/42/comments',
      'POST /graphql',
      'PATCH /repos/octo-org/churn/issues/comments/1000',
    ]);
  });

  test('is found behind hundreds of others', async () => {
    await write('one');
    for (let index = 0; index < 250; index++) {
      comments.push({ databaseId: index, body: `talk ${index}`, author: { login: 'octocat' } });
    }
    await write('two');
    expect(comments[0]?.body).toBe(`${MARKER}\ntwo`);
    expect(comments).toHaveLength(251);
  });

  test('of another job, of another author or with the marker in its middle stays as it is', async () => {
    const others = [
      { databaseId: 1, body: `${MARKER}\nmine`, author: { login: 'mallory' } },
      { databaseId: 2, body: `> ${MARKER}`, author: { login: 'github-actions' } },
      { databaseId: 3, body: MARKER.replace('0', 'f'), author: { login: 'github-actions' } },
      { databaseId: 4, body: `${MARKER}\ndeleted user`, author: null },
    ];
    comments = structuredClone(others);
    expect(await write('new')).toBeUndefined();
    expect(comments.slice(0, 4)).toEqual(others);
    expect(comments).toHaveLength(5);
  });

  test('of a person’s token is found as well', async () => {
    self = 'octocat';
    comments = [{ databaseId: 7, body: `${MARKER}\none`, author: { login: 'octocat' } }];
    await write('two');
    expect(comments).toEqual([{ databaseId: 7, body: `${MARKER}\ntwo`, author: { login: 'octocat' } }]);
  });
});

describe('no comment', () => {
  test('is written for a pull request from a fork, with a notice and without a call', async () => {
    event(pull('mallory/churn'));
    expect(await write('one')).toContain('a pull request from a fork');
    event({ pull_request: { number: 42, head: { repo: null } } });
    expect(await write('one')).toContain('a pull request from a fork');
    expect(calls).toEqual([]);
  });

  test('is missing for a fork whose workflow runs with the base’s token', async () => {
    event(pull('mallory/churn'));
    env['GITHUB_EVENT_NAME'] = 'pull_request_target';
    expect(await write('one')).toBeUndefined();
    expect(comments).toHaveLength(1);
  });

  test.each<[string, () => void]>([
    ['a push', () => event({ ref: 'refs/heads/main' })],
    ['an event that is no JSON', () => writeFileSync(join(folder, 'event.json'), 'x')],
    ['no event', () => delete env['GITHUB_EVENT_PATH']],
    ['no repository', () => delete env['GITHUB_REPOSITORY']],
  ])('is written for %s, in silence', async (_what, arrange) => {
    arrange();
    expect(await write('one')).toBeUndefined();
    expect(calls).toEqual([]);
  });

  test.each([401, 403, 404])('and a notice with the fix comes of status %d', async (status) => {
    refusals = [status];
    const notice = await write('one');
    expect(notice).toContain('`permissions: pull-requests: write`');
    expect(notice).not.toContain(TOKEN);
    expect(comments).toEqual([]);
  });

  test('and a notice comes of a pull request that cannot be read', async () => {
    event({ pull_request: { number: 41, head: { repo: { full_name: 'octo-org/churn' } } } });
    expect(await write('one')).toContain('the pull request cannot be read');
  });

  test('and a notice comes of a server that is not there', async () => {
    env['GITHUB_GRAPHQL_URL'] = 'http://127.0.0.1:1/graphql';
    expect(await write('one')).toMatch(/^No comment was written: .*ECONNREFUSED/);
    expect(waits).toEqual([1_000, 4_000]);
  });
});

describe('a call that fails', () => {
  test('is made again when that cannot do harm', async () => {
    comments = [{ databaseId: 7, body: `${MARKER}\none`, author: { login: 'github-actions' } }];
    refusals = [502, 0, 200, 500, 429];
    expect(await write('two')).toBeUndefined();
    expect(comments.map(({ body }) => body)).toEqual([`${MARKER}\ntwo`]);
    expect(calls).toHaveLength(6);
  });

  test('is not made again when it creates the comment', async () => {
    refusals = [200, 502];
    expect(await write('one')).toContain('HTTP 502');
    expect(calls).toHaveLength(2);
  });
});

describe('the key', () => {
  test('is the same in every run, and another for each workflow, job and subject', () => {
    const key = commentKey(env, ['models/churn']);
    expect(key).toMatch(/^[0-9a-f]{16}$/);
    expect(commentKey({ ...env, GITHUB_RUN_ID: '2', GITHUB_SHA: 'x' }, ['models/churn'])).toBe(key);
    expect(commentKey({ ...env, GITHUB_JOB: 'train' }, ['models/churn'])).not.toBe(key);
    expect(commentKey({ ...env, GITHUB_WORKFLOW: 'release' }, ['models/churn'])).not.toBe(key);
    expect(commentKey(env, ['models/forecast'])).not.toBe(key);
    expect(commentKey({ GITHUB_WORKFLOW: 'ab', GITHUB_JOB: 'c' }, [])).not.toBe(
      commentKey({ GITHUB_WORKFLOW: 'a', GITHUB_JOB: 'bc' }, []),
    );
  });
});
