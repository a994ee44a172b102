/**
 * Does what aws-actions/configure-aws-credentials does with a role and OIDC: asks the runner for the job's token,
 * gives it to STS (here that of local AWS), masks the credentials and leaves them in the environment of later
 * steps. A job without `id-token: write`, or of a pull request from a fork, has no token to ask for.
 */
import { appendFileSync } from 'node:fs';

const KNOWN = ['role-to-assume', 'aws-region', 'role-duration-seconds'];
const {
  ACTIONS_ID_TOKEN_REQUEST_URL,
  ACTIONS_ID_TOKEN_REQUEST_TOKEN,
  AWS_ENDPOINT_URL,
  GITHUB_ENV,
  CREDENTIALS_FILE,
} = process.env;

const unknown = Object.keys(process.env)
  .filter((name) => name.startsWith('INPUT_'))
  .filter((name) => !KNOWN.includes(name.slice('INPUT_'.length).toLowerCase()));
if (unknown.length > 0) fail(`This stand-in does not know ${unknown.join(', ')}`);
const input = (name) => process.env[`INPUT_${name.toUpperCase()}`] ?? '';
for (const name of ['role-to-assume', 'aws-region']) if (input(name) === '') fail(`Input required: ${name}`);
if (!ACTIONS_ID_TOKEN_REQUEST_TOKEN)
  fail('Could not load credentials from any providers: there is no OIDC token');

const answer = await fetch(`${ACTIONS_ID_TOKEN_REQUEST_URL}&audience=sts.amazonaws.com`, {
  headers: { authorization: `Bearer ${ACTIONS_ID_TOKEN_REQUEST_TOKEN}` },
});
const { value: token } = await answer.json();
if (!answer.ok || !token) fail(`The OIDC provider answered ${answer.status}`);

const now = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
const response = await fetch(AWS_ENDPOINT_URL, {
  method: 'POST',
  headers: {
    'content-type': 'application/x-www-form-urlencoded',
    // What local AWS tells its services by; this call needs no signature.
    authorization: `AWS4-HMAC-SHA256 Credential=ANONYMOUS/${now.slice(0, 8)}/${input('aws-region')}/sts/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`,
    'x-amz-date': now,
  },
  body: new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: input('role-to-assume'),
    RoleSessionName: 'GitHubActions',
    DurationSeconds: input('role-duration-seconds'),
    WebIdentityToken: token,
  }),
});
const text = await response.text();
if (!response.ok) fail(`STS answered ${response.status}: ${text.replaceAll(/\s+/g, ' ')}`);
const element = (name) =>
  new RegExp(`<${name}>([^<]+)</${name}>`).exec(text)?.[1] ?? fail(`no ${name} in ${text}`);

for (const [variable, name] of Object.entries({
  AWS_ACCESS_KEY_ID: 'AccessKeyId',
  AWS_SECRET_ACCESS_KEY: 'SecretAccessKey',
  AWS_SESSION_TOKEN: 'SessionToken',
})) {
  console.log(`::add-mask::${element(name)}`);
  appendFileSync(GITHUB_ENV, `${variable}=${element(name)}\n`);
  // For the test, which looks for them where they must not be.
  appendFileSync(CREDENTIALS_FILE, `${element(name)}\n`);
}
for (const variable of ['AWS_REGION', 'AWS_DEFAULT_REGION']) {
  appendFileSync(GITHUB_ENV, `${variable}=${input('aws-region')}\n`);
}

function fail(why) {
  console.log(`::error::${why}`);
  process.exit(1);
}
