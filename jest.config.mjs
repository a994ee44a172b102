// The sources are TypeScript in ES modules, and @actions/* are published as ES modules only; both go
// through swc to CommonJS, which jest runs without experimental flags. The export condition `import`, all that
// @actions/* have, would choose the ES modules of every other package too: so they are mapped by hand.
const project = (name, more = {}) => ({
  displayName: name,
  rootDir: '.',
  testEnvironment: 'node',
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^@actions/http-client$': '<rootDir>/node_modules/@actions/http-client/lib/index.js',
    '^@actions/([^/]+)$': '<rootDir>/node_modules/@actions/$1/lib/$1.js',
    '^@actions/([^/]+)/lib/([^/]+)$': '<rootDir>/node_modules/@actions/$1/lib/$2.js',
    '^@actions/([^/]+)/([^/]+)$': '<rootDir>/node_modules/@actions/$1/lib/$2.js',
  },
  transform: {
    '\\.[jt]s$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: ['/node_modules/(?!@actions/|marked/)'],
  ...more,
});

// These tests share one local AWS, which the first that needs it starts.
const localAws = {
  globalSetup: '<rootDir>/test/integration/local-aws/set-up.mjs',
  globalTeardown: '<rootDir>/test/integration/local-aws/tear-down.mjs',
};

export default {
  projects: [project('unit'), project('integration', localAws), project('end-to-end', localAws)],
  testTimeout: 10_000,
  // Tests that start containers run so many at a time, where they are `test.concurrent`.
  maxConcurrency: 3,
};
