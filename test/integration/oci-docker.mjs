#!/usr/bin/env node
/**
 * A `docker` whose engine keeps images in containerd's store, as far as the push stage can tell: it says so in
 * `docker info`, and what it pushes are OCI manifests. All else is the real docker, whose push sends the layers.
 *
 * REAL_DOCKER: path of the real one. OCI_SHAPE: `manifest`, `index` (with an attestation, as buildx makes it by
 * default), `zstd` (a layer that says it is packed so), or `schema2` (what was pulled as such stays such).
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const args = process.argv.slice(2);
const real = process.env.REAL_DOCKER;

if (args[0] === 'info') {
  console.log('[["driver-type","io.containerd.snapshotter.v1"]]');
} else if (args[0] === 'push') {
  await push(args[1]);
} else {
  const { status } = spawnSync(real, args, { stdio: 'inherit' });
  process.exit(status ?? 1);
}

async function push(name) {
  const output = execFileSync(real, ['push', name], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [, host, repository, tag] = /^([^/]+)\/(.+):([^:]+)$/.exec(name);
  const { auths } = JSON.parse(readFileSync(join(process.env.DOCKER_CONFIG, 'config.json'), 'utf8'));
  const url = `http://${host}/v2/${repository}`;
  const headers = { authorization: `Basic ${auths[host].auth}` };
  const shape = process.env.OCI_SHAPE ?? 'manifest';
  console.log(output.replace(/digest: .*/, '').trim());
  const pushed = await fetch(`${url}/manifests/${tag}`, { headers });
  const text = await pushed.text();
  if (shape === 'schema2') {
    console.log(`${tag}: digest: ${digestOf(text)} size: ${text.length}`);
    return;
  }
  const { config, layers } = JSON.parse(text);
  const manifest = await put('application/vnd.oci.image.manifest.v1+json', {
    config: { ...config, mediaType: 'application/vnd.oci.image.config.v1+json' },
    layers: layers.map((layer) => ({
      ...layer,
      mediaType: `application/vnd.oci.image.layer.v1.tar+${shape === 'zstd' ? 'zstd' : 'gzip'}`,
    })),
    annotations: { 'org.opencontainers.image.base.name': 'scratch' },
  });
  if (shape !== 'index') return;
  const attestation = await put('application/vnd.oci.image.manifest.v1+json', {
    config: { ...config, mediaType: 'application/vnd.oci.image.config.v1+json' },
    layers: [],
  });
  await put('application/vnd.oci.image.index.v1+json', {
    manifests: [
      {
        ...attestation,
        platform: { os: 'unknown', architecture: 'unknown' },
        annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
      },
      { ...manifest, platform: JSON.parse(process.env.OCI_PLATFORM) },
    ],
  });

  async function put(mediaType, content) {
    const body = JSON.stringify({ schemaVersion: 2, mediaType, ...content });
    const answer = await fetch(`${url}/manifests/${tag}`, {
      method: 'PUT',
      headers: { ...headers, 'content-type': mediaType },
      body,
    });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    console.log(`${tag}: digest: ${digestOf(body)} size: ${body.length}`);
    return { mediaType, digest: digestOf(body), size: body.length };
  }
}

function digestOf(text) {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
