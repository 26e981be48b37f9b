/** Who may import whom (see CONTRIBUTING). Tests beside the code, and what they share, may reach for drivers to run against. */
const TEST =
  '(\\.test(-debian|-kernel|-vcan|-emulated)?|/kernel-(test-bus|burst-node|holder|iso-tp)|/fixtures/[^/]+|/test-[^/]+)\\.ts$'
const PARTY = '^reference/(wechat|cloud|platform|vehicle|lock)/'

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'domain-imports-nothing',
      severity: 'error',
      from: { path: '^reference/domain/', pathNot: TEST },
      to: { pathNot: '^reference/domain/' },
    },
    {
      name: 'ports-know-only-the-domain',
      severity: 'error',
      from: { path: '^reference/ports/', pathNot: TEST },
      to: { pathNot: '^reference/(domain|ports)/' },
    },
    {
      name: 'codecs-are-pure',
      severity: 'error',
      from: { path: '^reference/can/', pathNot: TEST },
      to: { pathNot: '^reference/(domain|ports|can)/' },
    },
    {
      name: 'parties-never-import-each-other',
      severity: 'error',
      from: { path: PARTY },
      to: { path: PARTY, pathNot: '^reference/$1/' },
    },
    {
      name: 'the-system-runs-without-the-harness',
      severity: 'error',
      from: { path: '^reference/', pathNot: TEST },
      to: { path: '^(rigs|step-definitions)/' },
    },
    {
      name: 'drivers-and-stand-ins-know-ports-and-codecs-only',
      severity: 'error',
      from: { path: '^rigs/(drivers|simulated)/', pathNot: TEST },
      to: { path: `${PARTY}|^rigs/(bench|cli|evidence|conformance)/|^step-definitions/` },
    },
    {
      name: 'drivers-never-import-each-other',
      severity: 'error',
      from: { path: '^rigs/(drivers|simulated)/([^/]+)/', pathNot: TEST },
      to: { path: '^rigs/(drivers|simulated)/[^/]+/', pathNot: '^rigs/$1/$2/' },
    },
    {
      name: 'evidence-knows-no-party',
      severity: 'error',
      from: { path: '^rigs/evidence/' },
      to: { path: `${PARTY}|^rigs/(bench|cli|drivers|simulated)/` },
    },
    {
      name: 'steps-talk-to-the-bench',
      severity: 'error',
      from: { path: '^step-definitions/' },
      to: { path: `${PARTY}|^rigs/(drivers|simulated)/` },
    },
    {
      name: 'what-judges-a-party-knows-no-party',
      comment: 'A constant or a word that a scenario takes from our own party fails those that others bring.',
      severity: 'error',
      from: {
        path: '^rigs/bench/(people|external)/|^rigs/bench/stage/(stage|guess-pause|guesses|lock-station)\\.ts$',
        pathNot: TEST,
      },
      to: { path: PARTY },
    },
    {
      name: 'only-the-bench-and-the-command-line-compose',
      severity: 'error',
      from: { pathNot: '^rigs/(bench|cli|conformance|fleet)/|\\.test\\.ts$' },
      to: { path: PARTY, pathNot: PARTY },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|node_modules)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js'], conditionNames: ['import', 'node', 'default'] },
  },
}
