import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';

export const HELP = `Runs an IT0 agent on this machine.

  --server URL    URL of the IT0 server; required for the first start
  --enroll CODE   enrollment code from the page of the agent; it may be used again with the same folder
  --dir DIR       folder for the agent's data (default: ~/.it0-bridge); use one folder per agent
  --url URL       URL at which the server reaches this machine; without it, the bridge connects to the server
  --port PORT     port to listen on; required with --url
  --host HOST     address to listen on with --url (default: 0.0.0.0)
  --no-sandbox    run the agent's commands on this machine without a sandbox
  --version       print the version
  --help          print this help

Once the bridge is enrolled, it needs no code. The model is configured on the page of the agent, or by environment
variables such as ANTHROPIC_API_KEY and OPENAI_API_KEY. BRIDGE_ENGINE is openclaw (default) or claude-api.`;

const HttpUrl = z.url({ protocol: /^https?$/, error: 'must start with http:// or https://' }).max(2_000);

const Arguments = z
  .object({
    server: HttpUrl.transform((server) => new URL(server).origin).optional(),
    enroll: z.string().min(1).max(200).optional(),
    dir: z
      .string()
      .min(1)
      .default(join(homedir(), '.it0-bridge'))
      .transform((dir) => resolve(dir)),
    url: HttpUrl.optional(),
    port: z.coerce.number().int().min(1).max(65_535).optional(),
    host: z.string().min(1).optional(),
    'no-sandbox': z.boolean().default(false),
  })
  .refine(({ enroll, server }) => !enroll || server, { path: ['enroll'], message: 'requires --server' })
  .refine(({ url, port }) => !url || port, { path: ['url'], message: 'requires --port, the port to listen on' })
  .refine(({ url, port, host }) => url || !(port || host), {
    path: ['url'],
    message: 'required with --port and --host, since the bridge does not listen without it',
  });
export type Arguments = z.infer<typeof Arguments>;

const string = { type: 'string' } as const;
const boolean = { type: 'boolean' } as const;
const OPTIONS = {
  ...{ server: string, enroll: string, dir: string, url: string, port: string, host: string },
  ...{ 'no-sandbox': boolean, help: boolean, version: boolean },
};

/** Parses the command line. Throws an error of one line that names the invalid options. */
export function parseArguments(argv: string[]): Arguments | 'help' | 'version' {
  const { help, version, ...values } = parse(argv);
  if (help) return 'help';
  if (version) return 'version';
  const parsed = Arguments.safeParse(values);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`);
  throw new Error(problems.join('; '));
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS }).values;
  } catch (error) {
    // Node's message goes on with advice about escaping.
    throw new Error(String(error instanceof Error ? error.message : error).split(/\. |\n/, 1)[0]);
  }
}
