#!/usr/bin/env node
/**
 * Builds dist/, the code that GitHub runs, from src/:
 *
 *   node script/build-dist.mjs            writes dist/
 *   node script/build-dist.mjs --check    compares dist/ with what src/ gives, byte for byte, and changes nothing
 *   node script/build-dist.mjs --out DIR  writes there instead, into a folder that it empties first
 *
 * TypeScript → build/ by tsc, build/ → bundle by ncc: index.js and a chunk for each part that is loaded when it
 * is needed. ncc minifies its entry only, so swc does that, for the chunks too. The same sources and
 * package-lock.json give the same bytes.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { minify } from '@swc/core';
import ncc from '@vercel/ncc';

const root = resolve(import.meta.dirname, '..');
const { values: options } = parseArgs({
  options: { check: { type: 'boolean', default: false }, out: { type: 'string' } },
});
const build = join(root, 'build');
const dist = resolve(options.out ?? join(root, 'dist'));

/**
 * Packages that the bundle goes without. @actions/core loads @actions/http-client for getIDToken alone, and that
 * brings undici: 400 kB, and half of the time that a step takes to start. Nothing here asks for an OIDC token. In
 * its place stands a small module of Node's, so that getIDToken would fail and all else is as it was.
 */
const LEFT_OUT = { '@actions/http-client': 'node:events' };
const NEEDS_WHAT_IS_LEFT_OUT = /getIDToken|@actions\/(?:http-client|github|cache|tool-cache|artifact)/;

compile();
const files = await bundle();
if (options.check) {
  compare(files);
} else {
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  for (const [name, content] of files) writeFileSync(join(dist, name), content);
  report(files);
}

function compile() {
  rmSync(build, { recursive: true, force: true });
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(1);
  const needing = readdirSync(build, { recursive: true })
    .filter((name) => name.endsWith('.js'))
    .filter((name) => NEEDS_WHAT_IS_LEFT_OUT.test(readFileSync(join(build, name), 'utf8')));
  if (needing.length > 0) {
    fail(
      `src/${needing[0].replace(/js$/, 'ts')} needs @actions/http-client. Take it out of LEFT_OUT in this script.`,
    );
  }
}

/** @returns {Promise<Map<string, string>>} content by file name */
async function bundle() {
  // ncc names modules by their path from here.
  process.chdir(root);
  const { code, assets } = await ncc(join(build, 'index.js'), {
    cache: false,
    quiet: true,
    externals: LEFT_OUT,
    license: 'licenses.txt',
  });
  const sources = new Map([
    ['index.js', code],
    // Post is the same bundle under another name: src/index.ts tells them apart by it.
    ['post.js', "import './index.js';\n"],
    ...Object.entries(assets).map(([name, { source }]) => [name, source.toString()]),
  ]);
  const files = new Map();
  for (const [name, source] of [...sources].sort(([a], [b]) => (a < b ? -1 : 1))) {
    files.set(name, name.endsWith('.js') ? await minified(source) : source);
  }
  return files;
}

async function minified(source) {
  const { code } = await minify(source, { module: true, ecma: 2022, compress: true, mangle: true });
  return code.endsWith('\n') ? code : `${code}\n`;
}

function compare(files) {
  const there = new Set(existsSync(dist) ? readdirSync(dist, { recursive: true }) : []);
  const wrong = [
    ...[...files]
      .filter(([name, content]) => !there.has(name) || read(name) !== content)
      .map(([name]) => name),
    ...[...there].filter((name) => !files.has(name)),
  ];
  if (wrong.length > 0) {
    fail(`Not what src/ gives: ${wrong.map((name) => `dist/${name}`).join(', ')}. Run: npm run build`);
  }
  console.log(`dist/ is what src/ gives: ${files.size} files.`);
}

function read(name) {
  return readFileSync(join(dist, name), 'utf8');
}

function report(files) {
  let total = 0;
  for (const [name, content] of files) {
    total += Buffer.byteLength(content);
    console.log(`${String(Math.ceil(Buffer.byteLength(content) / 1000)).padStart(6)} kB  dist/${name}`);
  }
  console.log(`${String(Math.ceil(total / 1000)).padStart(6)} kB  in all`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
