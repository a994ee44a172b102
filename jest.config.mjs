// The sources are TypeScript in ES modules, and @actions/* are published as ES modules only; both go
// through swc to CommonJS, which jest runs without experimental flags.
const project = (name) => ({
  displayName: name,
  rootDir: '.',
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['node', 'import', 'default'] },
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '\\.[jt]s$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: ['/node_modules/(?!@actions/)'],
});

export default {
  projects: [project('unit'), project('integration')],
  testTimeout: 10_000,
};
