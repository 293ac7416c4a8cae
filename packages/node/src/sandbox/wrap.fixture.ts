// Prints the command prefix of a sandbox as JSON, for the account that runs this. Arguments: METHOD SPEC PROBE.
import { findSandbox } from './find-sandbox.ts';
import type { SandboxSpec } from './sandbox.ts';

const [method, spec, probe] = process.argv.slice(2) as ['bubblewrap' | 'namespaces', string, string];
const sandbox = await findSandbox({ probe, methods: [method] });
const prefix = sandbox.wrap([], JSON.parse(spec) as SandboxSpec);
process.stdout.write(JSON.stringify({ prefix, account: sandbox.account, detail: sandbox.detail }));
