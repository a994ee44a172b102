import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { AwsError } from './service.js';

/** What the signature says of a request: whose it is, and for which service and region. */
export interface Signature {
  readonly accessKeyId: string;
  readonly region: string;
  /** Signing name: `sagemaker`, `ecr`, `s3`, `logs`, `sts` … */
  readonly service: string;
}

/** How a service's requests and errors are written. */
export type Protocol = 'json' | 'rest-json' | 'query' | 's3';

const SCOPE = /^([^/]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request$/;

/**
 * Signature version 4 of a request, from its header or (presigned) its query. Its form is checked, its value is
 * not: local AWS takes any key.
 * @returns undefined when there is none
 * @throws AwsError IncompleteSignatureException
 */
export function readSignature(headers: IncomingHttpHeaders, query: URLSearchParams): Signature | undefined {
  const presigned = query.get('X-Amz-Credential');
  if (presigned !== null) {
    const missing = ['X-Amz-Algorithm', 'X-Amz-Signature', 'X-Amz-SignedHeaders', 'X-Amz-Date'].filter(
      (name) => !query.get(name),
    );
    if (missing.length > 0) throw incomplete(`Query-string authentication requires ${missing.join(', ')}.`);
    return readScope(presigned);
  }
  const header = headers.authorization;
  if (header === undefined || header === '') return undefined;
  const [, algorithm = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(header) ?? [];
  if (algorithm !== 'AWS4-HMAC-SHA256') {
    throw incomplete(`Unsupported AWS 'algorithm': '${algorithm}'.`);
  }
  const parts = new Map<string, string>();
  for (const part of rest.split(',')) {
    const [, name, value] = /^\s*([A-Za-z]+)=(.*?)\s*$/.exec(part) ?? [];
    if (name !== undefined && value !== undefined) parts.set(name, value);
  }
  const missing = ['Credential', 'Signature', 'SignedHeaders'].filter((name) => !parts.get(name));
  const needs = missing.map((name) => `Authorization header requires '${name}' parameter.`);
  if (headers['x-amz-date'] === undefined && headers.date === undefined) {
    needs.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  }
  if (needs.length > 0) throw incomplete(`${needs.join(' ')} Authorization=${algorithm}`);
  if (!/^[0-9a-f]{64}$/.test(parts.get('Signature') ?? '')) {
    throw new AwsError(
      'InvalidSignatureException',
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
      403,
    );
  }
  return readScope(parts.get('Credential') ?? '');
}

function readScope(credential: string): Signature {
  const [, accessKeyId, , region, service] = SCOPE.exec(credential) ?? [];
  if (accessKeyId === undefined || region === undefined || service === undefined) {
    throw incomplete(
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`,
    );
  }
  return { accessKeyId, region, service };
}

const incomplete = (message: string): AwsError => new AwsError('IncompleteSignatureException', message);

/** The operation that a request asks for, as AWS's models name it; `Unknown` where that cannot be told. */
export function nameOperation(
  protocol: Protocol,
  request: Pick<IncomingMessage, 'method' | 'headers'>,
  url: URL,
  form: string | undefined,
): string {
  if (protocol === 'json')
    return (
      String(request.headers['x-amz-target'] ?? '')
        .split('.')
        .at(-1) || 'Unknown'
    );
  if (protocol === 'query') {
    return new URLSearchParams(form ?? '').get('Action') ?? url.searchParams.get('Action') ?? 'Unknown';
  }
  return nameS3Operation(request.method ?? 'GET', url, request.headers);
}

function nameS3Operation(method: string, url: URL, headers: IncomingHttpHeaders): string {
  const query = url.searchParams;
  const [bucket = '', ...key] = url.pathname.slice(1).split('/');
  const verb = method === 'GET' ? 'Get' : method === 'DELETE' ? 'Delete' : 'Put';
  if (bucket === '') return 'ListBuckets';
  if (key.join('/') === '') {
    if (query.has('list-type')) return 'ListObjectsV2';
    if (query.has('uploads')) return 'ListMultipartUploads';
    if (query.has('versions')) return 'ListObjectVersions';
    if (method === 'POST' && query.has('delete')) return 'DeleteObjects';
    const part = BUCKET_PARTS.find(([name]) => query.has(name));
    if (part !== undefined) return `${verb}Bucket${part[1]}`;
    return { HEAD: 'HeadBucket', PUT: 'CreateBucket', DELETE: 'DeleteBucket' }[method] ?? 'ListObjects';
  }
  const copies = headers['x-amz-copy-source'] !== undefined;
  if (query.has('tagging')) return `${verb}ObjectTagging`;
  if (query.has('acl')) return `${verb}ObjectAcl`;
  if (query.has('attributes')) return 'GetObjectAttributes';
  if (query.has('uploads')) return 'CreateMultipartUpload';
  if (query.has('uploadId')) {
    if (method === 'PUT') return copies ? 'UploadPartCopy' : 'UploadPart';
    return { GET: 'ListParts', POST: 'CompleteMultipartUpload' }[method] ?? 'AbortMultipartUpload';
  }
  if (method === 'PUT') return copies ? 'CopyObject' : 'PutObject';
  return { HEAD: 'HeadObject', DELETE: 'DeleteObject' }[method] ?? 'GetObject';
}

const BUCKET_PARTS = [
  ['location', 'Location'],
  ['versioning', 'Versioning'],
  ['tagging', 'Tagging'],
  ['policy', 'Policy'],
  ['encryption', 'Encryption'],
  ['lifecycle', 'LifecycleConfiguration'],
  ['acl', 'Acl'],
  ['cors', 'Cors'],
] as const;

/** The action that an IAM policy must allow for a call. */
export function iamAction(service: string, operation: string): string {
  return `${IAM_PREFIXES[service] ?? service}:${S3_ACTIONS[`${service}:${operation}`] ?? operation}`;
}

/** Services whose name in policies is not the one that they sign with. */
const IAM_PREFIXES: Readonly<Record<string, string>> = { monitoring: 'cloudwatch' };

const S3_ACTIONS: Readonly<Record<string, string>> = {
  's3:ListBuckets': 'ListAllMyBuckets',
  's3:ListObjects': 'ListBucket',
  's3:ListObjectsV2': 'ListBucket',
  's3:ListObjectVersions': 'ListBucketVersions',
  's3:ListMultipartUploads': 'ListBucketMultipartUploads',
  's3:HeadBucket': 'ListBucket',
  's3:HeadObject': 'GetObject',
  's3:CopyObject': 'PutObject',
  's3:UploadPart': 'PutObject',
  's3:UploadPartCopy': 'PutObject',
  's3:CreateMultipartUpload': 'PutObject',
  's3:CompleteMultipartUpload': 'PutObject',
  's3:ListParts': 'ListMultipartUploadParts',
  's3:DeleteObjects': 'DeleteObject',
};
