/**
 * The direction of imports: every arrow points down this list.
 * main/post → inputs → pipeline | publish → stages → contract | aws | diagnosis | report → runner → docker →
 * visible → plan (types).
 */
const rooms = ['contract', 'diagnosis', 'report'];

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, pathNot: '\\.d\\.ts$' }, to: {} },
    ...rooms.map((room) => ({
      name: `${room}-stands-alone`,
      comment: 'contract, diagnosis and report import neither each other nor the AWS, GitHub or stage code',
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: `^src/(?!${room}/|plan\\.ts|visible\\.ts${room === 'contract' ? '|docker/' : ''})` },
    })),
    {
      name: 'contract-knows-no-github',
      severity: 'error',
      from: { path: '^src/(contract|docker|diagnosis|report)/' },
      to: { path: 'node_modules/@actions/' },
    },
    {
      name: 'runner-is-below-the-stages',
      severity: 'error',
      from: { path: '^src/(runner|docker)/' },
      to: { path: '^src/(stages|inputs|pipeline|publish|run\\.ts|main|post|contract|diagnosis|report)' },
    },
    {
      name: 'stages-read-no-inputs',
      severity: 'error',
      from: { path: '^src/stages/' },
      to: { path: '^src/(inputs|pipeline|publish|run\\.ts|main|post)' },
    },
    {
      name: 'a-plan-is-only-nouns',
      severity: 'error',
      from: { path: '^src/plan\\.ts' },
      to: { path: '^src/' },
    },
    {
      name: 'only-inputs-reads-inputs',
      severity: 'error',
      from: { path: '^src/(?!main|post|index|run\\.ts|pipeline|inputs)' },
      to: { path: '^src/inputs(\\.ts|/)' },
    },
    {
      name: 'inputs-know-only-the-plan',
      severity: 'error',
      from: { path: '^src/inputs(\\.ts|/)' },
      to: { path: '^src/(?!plan\\.ts|inputs)' },
    },
    {
      name: 'no-dev-dependency-in-the-product',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
