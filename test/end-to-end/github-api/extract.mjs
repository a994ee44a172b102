#!/usr/bin/env node
/**
 * Takes what the action may call out of GitHub's published OpenAPI description, for github-api.ts to check calls by:
 *
 *   npm pack @octokit/openapi@23.0.2 && tar xzf octokit-openapi-23.0.2.tgz
 *   node extract.mjs package/generated/api.github.com.deref.json >openapi.json
 *
 * Parameters and request bodies are as published, without descriptions and examples; of the responses, the statuses.
 */
import { readFileSync } from 'node:fs';

const OPERATIONS = {
  '/repos/{owner}/{repo}/issues/{issue_number}/comments': ['post'],
  '/repos/{owner}/{repo}/issues/comments/{comment_id}': ['patch'],
  '/repos/{owner}/{repo}/deployments': ['post'],
  '/repos/{owner}/{repo}/deployments/{deployment_id}/statuses': ['post'],
};
const WORDS = ['description', 'example', 'examples', 'summary', 'externalDocs', 'title'];

const { openapi, info, paths } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const extract = Object.entries(OPERATIONS).map(([path, methods]) => [
  path,
  Object.fromEntries(
    methods.map((method) => {
      const { operationId, parameters, requestBody, responses } = paths[path][method];
      const body = requestBody.content['application/json'].schema;
      return [
        method,
        {
          operationId,
          parameters: parameters.map(({ name, in: where, required, schema }) => ({
            ...{ name, in: where, required },
            schema: plain(schema),
          })),
          requestBody: { required: requestBody.required, schema: plain(body) },
          responses: Object.keys(responses),
        },
      ];
    }),
  ),
]);
const source = { package: '@octokit/openapi', version: '23.0.2', license: 'MIT', title: info.title };
process.stdout.write(`${JSON.stringify({ openapi, source, paths: Object.fromEntries(extract) }, null, 2)}\n`);

/** Without words; a property may be called `description` all the same. */
function plain(schema) {
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => !WORDS.includes(key))
      .map(([key, value]) => {
        if (key === 'properties') {
          return [key, Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]))];
        }
        if (['oneOf', 'anyOf', 'allOf'].includes(key)) return [key, value.map(plain)];
        return [key, key === 'items' ? plain(value) : value];
      }),
  );
}
