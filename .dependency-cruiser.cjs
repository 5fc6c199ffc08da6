/**
 * The architecture, as rules. The list is the order of dependence: a folder of `src/` imports only folders above it.
 * Run by `npm run check`; CONTRIBUTING.md says it in words.
 */
const ORDER = [
  'sdk',
  'errors',
  'config',
  'telemetry',
  'encryption',
  'http',
  'database',
  'storage',
  'queue',
  'events',
  'sandbox',
  'outbound',
  'limits',
  'mail',
  'auth',
  'idempotency',
  'files',
  'plugins',
  'trials',
  'tools',
  'tasks',
  'worker',
  'connections',
  'queries',
  'pipelines',
  'assistant',
  'mcp',
  'health',
  'metrics',
  'client',
  'authoring',
  'commands',
];

const nothingForward = ORDER.map((folder, index) => ({
  name: `nothing-forward-from-${folder}`,
  severity: 'error',
  comment: 'A folder imports only folders above it in the list.',
  from: { path: `^src/${folder}/` },
  to: { path: `^src/(${ORDER.slice(index + 1).join('|')})/|^src/[^/]+\\.ts$` },
})).filter(({ to }) => to.path);

/** A package (or built-in module) with one door: only the files matching `door` may import it. */
const oneDoor = (name, target, door) => ({
  name: `one-door-to-${name}`,
  severity: 'error',
  comment: `Only ${door} may import ${name}.`,
  from: { path: '^(src|plugins)/', pathNot: door },
  to: target,
});

module.exports = {
  forbidden: [
    ...nothingForward,
    {
      name: 'known-folder',
      severity: 'error',
      comment: 'A new folder in src/ must be given its place in the order of dependence.',
      from: {},
      to: { path: '^src/[^/]+/', pathNot: `^src/(${ORDER.join('|')})/` },
    },
    { name: 'no-circular', severity: 'error', from: { pathNot: '^src/client/generated/' }, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '^src/(main|cli)\\.ts$|^src/sandbox/child\\.ts$|\\.d\\.ts$' },
      to: {},
    },
    {
      name: 'sdk-imports-only-zod',
      severity: 'error',
      from: { path: '^src/sdk/' },
      to: { pathNot: '^src/sdk/|^node_modules/zod/' },
    },
    {
      name: 'client-imports-nothing',
      severity: 'error',
      comment: 'It runs in browsers, too, and brings no package along.',
      from: { path: '^src/client/' },
      to: { pathNot: '^src/client/' },
    },
    {
      name: 'plugins-see-only-the-sdk',
      severity: 'error',
      comment: "A plugin imports toolyard/sdk, its own files, Node's modules and its packages.",
      from: { path: '^plugins/([^/]+)/' },
      to: { path: '^(src|test|bench|faults|plugins)/', pathNot: '^src/sdk/index\\.ts$|^plugins/$1/' },
    },
    {
      name: 'src-never-imports-plugins-or-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(plugins|test|bench|faults|scripts)/' },
    },
    {
      name: 'child-reaches-nothing-of-the-host',
      severity: 'error',
      comment: 'What runs inside a child must not even be able to load configuration, rows, keys or connections.',
      from: { path: '^src/sandbox/child\\.ts$' },
      to: {
        reachable: true,
        path: '^src/(config|database|storage|queue|events|auth|files|tools|tasks|worker|http|telemetry)/',
      },
    },
    {
      name: 'adapter-only-by-its-module',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(storage|queue|events|limits|mail)/[^/]+\\.module\\.ts$' },
      to: { path: '^src/(storage|queue|events|limits|mail)/(local|s3|embedded|bull|redis|memory|smtp|no)\\.' },
    },
    {
      name: 'controllers-never-import-the-orm',
      severity: 'error',
      from: { path: '\\.controller\\.ts$' },
      to: { path: 'node_modules/@mikro-orm/' },
    },
    {
      name: 'no-barrels',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/(?!sdk/|client/).*/index\\.ts$' },
    },
    oneDoor('bull', { path: 'node_modules/(bull|@nestjs/bull)/' }, '^src/queue/'),
    oneDoor('ioredis', { path: 'node_modules/ioredis/' }, '^src/(queue|events|limits)/'),
    oneDoor('passport', { path: 'node_modules/(passport|@nestjs/passport|passport-jwt)/' }, '^src/auth/'),
    oneDoor('jwt', { path: 'node_modules/(@nestjs/jwt|jsonwebtoken)/' }, '^src/auth/'),
    oneDoor('nodemailer', { path: 'node_modules/nodemailer/' }, '^src/mail/'),
    oneDoor('mcp', { path: 'node_modules/@modelcontextprotocol/' }, '^src/mcp/'),
    oneDoor('tus', { path: 'node_modules/@tus/' }, '^src/files/uploads/'),
    oneDoor('duckdb', { path: 'node_modules/@duckdb/' }, '^(src/queries|plugins)/'),
    oneDoor('s3', { path: 'node_modules/@aws-sdk/' }, '^src/storage/s3\\.'),
    {
      name: 'one-door-to-the-network',
      severity: 'error',
      comment:
        'Requests leave the platform by src/outbound only; those of a child are not of the platform. (The metrics want the names of the methods.)',
      from: {
        path: '^src/',
        pathNot: '^src/(outbound/|client/|metrics/metrics\\.registry\\.ts$|sandbox/declared/remote\\.exchange\\.ts$)',
      },
      to: {
        path: '^(node:)?(http|https|http2|tls|dgram|dns|dns/promises)$|node_modules/(undici|axios|got|node-fetch|ws)/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'few-doors-to-sockets',
      severity: 'error',
      comment: 'Pipes to children, the scanner that the operator names, and those who only look at addresses.',
      from: { path: '^src/', pathNot: '^src/(outbound|sandbox|files/scanning|config|limits)/' },
      to: { path: '^(node:)?net$', dependencyTypesNot: ['type-only'] },
    },
    oneDoor('child_process', { path: '^(node:)?child_process$' }, '^src/sandbox/'),
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'dev-dependencies-stay-in-development',
      severity: 'error',
      from: { path: '^(src|plugins)/' },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // What browsers load, and what is copied.
    exclude: { path: '^src/authoring/(page|templates)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js'],
    },
  },
};
