import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** What the runner's variables name, on 127.0.0.1. */
export interface GitHubApi {
  /** `GITHUB_API_URL`, `GITHUB_GRAPHQL_URL`. */
  readonly env: Readonly<Record<string, string>>;
  /** Variables of a job that may ask for an OIDC token. */
  readonly oidc: Readonly<Record<string, string>>;
  /** In the order in which they came: `issues/create-comment`. */
  readonly calls: readonly string[];
  /** What is wrong with them by GitHub's description; the call was answered with 422. */
  readonly mistakes: readonly string[];
  readonly comments: readonly Comment[];
  close(): Promise<void>;
}

export interface Comment {
  readonly id: number;
  readonly issue: number;
  body: string;
}

/** The token that may write; any other one gets 401. */
export const TOKEN = 'ghs_16C7e42F292c6912E7710c838347Ae178B4a';
/** The token with which a job may ask for its OIDC token. */
export const OIDC_REQUEST_TOKEN = 'oidc-request-5d1f';

interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly nullable?: boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: boolean | Schema;
  readonly oneOf?: readonly Schema[];
  readonly maxLength?: number;
}

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody: { readonly schema: Schema };
}

const { paths } = JSON.parse(readFileSync(join(__dirname, 'openapi.json'), 'utf8')) as {
  paths: Record<string, Record<string, Operation>>;
};

/**
 * GitHub's API as far as the action calls it: comments and deployments, checked by GitHub's published description
 * (openapi.json), and the one GraphQL query for comments, which is checked by hand: that description has no GraphQL.
 * And the provider of OIDC tokens.
 */
export async function startGitHubApi(): Promise<GitHubApi> {
  const calls: string[] = [];
  const mistakes: string[] = [];
  const comments: Comment[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { status, value } = answer(request, body);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    });
  });

  function answer(request: IncomingMessage, body: string): { status: number; value: unknown } {
    const path = request.url ?? '';
    const bearer = request.headers.authorization;
    if (path.startsWith('/oidc?')) {
      if (bearer !== `Bearer ${OIDC_REQUEST_TOKEN}`) return { status: 401, value: {} };
      return { status: 200, value: { value: 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJyZXBvIn0.c2lnbmF0dXJl' } };
    }
    if (bearer !== `Bearer ${TOKEN}`) {
      calls.push(`${request.method} ${path}: bad credentials`);
      return { status: 401, value: { message: 'Bad credentials' } };
    }
    if (path === '/graphql') return { status: 200, value: graphql(JSON.parse(body) as Query) };
    return rest(request.method ?? '', path, body);
  }

  function rest(method: string, path: string, body: string): { status: number; value: unknown } {
    const found = operation(method, path);
    if (found === undefined) {
      mistakes.push(`${method} ${path}: not in openapi.json`);
      return { status: 404, value: { message: 'Not Found' } };
    }
    const value = JSON.parse(body) as Record<string, unknown>;
    const wrong = [
      ...found.operation.parameters
        .filter((parameter) => parameter.in === 'path')
        .flatMap(({ name, schema }) => problems(typed(found.values[name], schema), schema, name)),
      ...problems(value, found.operation.requestBody.schema, 'body'),
    ];
    calls.push(found.operation.operationId);
    if (wrong.length > 0) {
      mistakes.push(...wrong.map((problem) => `${found.operation.operationId}: ${problem}`));
      return { status: 422, value: { message: 'Validation Failed' } };
    }
    switch (found.operation.operationId) {
      case 'issues/create-comment': {
        const id = 1_000_000_001 + comments.length;
        comments.push({ id, issue: Number(found.values['issue_number']), body: String(value['body']) });
        return { status: 201, value: { id } };
      }
      case 'issues/update-comment': {
        const comment = comments.find(({ id }) => String(id) === found.values['comment_id']);
        if (comment === undefined) return { status: 404, value: { message: 'Not Found' } };
        comment.body = String(value['body']);
        return { status: 200, value: { id: comment.id } };
      }
      default:
        return { status: 201, value: { id: calls.length } };
    }
  }

  interface Query {
    readonly query: string;
    readonly variables: { readonly owner: string; readonly name: string; readonly number: number };
  }

  function graphql({ query, variables }: Query): unknown {
    calls.push('graphql');
    for (const name of ['owner', 'name', 'number'] as const) {
      if (variables[name] === undefined) mistakes.push(`graphql: no variable ${name}`);
    }
    for (const field of [
      'viewer { login }',
      'pullRequest(number: $number)',
      'databaseId body author { login }',
    ]) {
      if (!query.includes(field)) mistakes.push(`graphql: the query lacks ${field}`);
    }
    const nodes = comments
      .filter(({ issue }) => issue === variables.number)
      .map(({ id, body }) => ({ databaseId: id, body, author: { login: 'github-actions' } }));
    const page = { nodes, pageInfo: { hasPreviousPage: false, startCursor: null } };
    return {
      data: { viewer: { login: 'github-actions[bot]' }, repository: { pullRequest: { comments: page } } },
    };
  }

  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    env: { GITHUB_API_URL: url, GITHUB_GRAPHQL_URL: `${url}/graphql` },
    oidc: {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/oidc?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: OIDC_REQUEST_TOKEN,
    },
    calls,
    mistakes,
    comments,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function operation(
  method: string,
  path: string,
): { operation: Operation; values: Readonly<Record<string, string>> } | undefined {
  for (const [template, methods] of Object.entries(paths)) {
    const pattern = new RegExp(`^${template.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
    const match = pattern.exec(path);
    const found = methods[method.toLowerCase()];
    if (match !== null && found !== undefined) return { operation: found, values: match.groups ?? {} };
  }
  return undefined;
}

const typed = (value: string | undefined, { type }: Schema): unknown =>
  type === 'integer' && /^\d+$/.test(value ?? '') ? Number(value) : value;

/** Where a value is not as JSON Schema wants it, as far as openapi.json uses it. */
export function problems(value: unknown, schema: Schema, where: string): readonly string[] {
  if (value === null) return schema.nullable === true ? [] : [`${where} is null`];
  if (schema.oneOf !== undefined) {
    const fits = schema.oneOf.some((each) => problems(value, each, where).length === 0);
    return fits ? [] : [`${where} is none of what it may be`];
  }
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    return [`${where} is ${JSON.stringify(value)}, not one of ${schema.enum.join(', ')}`];
  }
  const type = Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value;
  const fits = type === schema.type || (type === 'integer' && schema.type === 'number');
  if (schema.type !== undefined && !fits) return [`${where} is of type ${type}, not ${schema.type}`];
  if (schema.maxLength !== undefined && typeof value === 'string' && value.length > schema.maxLength) {
    return [`${where} is longer than ${schema.maxLength}`];
  }
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => problems(item, schema.items ?? {}, `${where}[${index}]`));
  }
  if (type !== 'object') return [];
  const fields = value as Record<string, unknown>;
  const { properties = {}, required = [] } = schema;
  return [
    ...required.filter((name) => !(name in fields)).map((name) => `${where}.${name} is missing`),
    // GitHub ignores a field that it does not know, which is a mistake of the caller's all the same.
    ...Object.keys(fields)
      .filter((name) => !(name in properties) && Object.keys(properties).length > 0)
      .map((name) => `${where}.${name} is not known`),
    ...Object.entries(properties).flatMap(([name, each]) =>
      name in fields ? problems(fields[name], each, `${where}.${name}`) : [],
    ),
  ];
}
