import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';

export const help = `Runs an IT0 agent on this machine.

  --server URL    the IT0 server; needed the first time
  --enroll CODE   the code that its page shows for a new agent; the same command may be repeated
  --dir DIR       where everything is kept (~/.it0-bridge); one folder for each agent
  --url URL       where the server reaches this machine; without it the bridge fetches what it is asked
  --port PORT     where it then listens
  --host HOST     on which address it then listens (0.0.0.0)
  --no-sandbox    runs the agent's commands on this machine as they are: nothing isolates them
  --version       the version
  --help          this text

Once enrolled, no code is needed any more. What the model asks for is taken from the environment: ANTHROPIC_API_KEY,
OPENAI_API_KEY and so on, unless the agent was given a model of its own. BRIDGE_ENGINE is openclaw, or claude-api.`;

const address = z.url({ protocol: /^https?$/, error: 'it must begin with http:// or https://' }).max(2_000);

const Arguments = z
  .object({
    server: address.transform((server) => new URL(server).origin).optional(),
    enroll: z.string().min(1).max(200).optional(),
    dir: z
      .string()
      .min(1)
      .default(join(homedir(), '.it0-bridge'))
      .transform((dir) => resolve(dir)),
    url: address.optional(),
    port: z.coerce.number().int().min(1).max(65_535).optional(),
    host: z.string().min(1).optional(),
    'no-sandbox': z.boolean().default(false),
  })
  .refine(({ enroll, server }) => !enroll || server, { path: ['enroll'], message: 'it needs --server' })
  .refine(({ url, port }) => !url || port, { path: ['url'], message: 'it needs --port, where the bridge listens' })
  .refine(({ url, port, host }) => url || !(port || host), {
    path: ['url'],
    message: 'without it the bridge listens on no address of its own, so --port and --host have no use',
  });
export type Arguments = z.infer<typeof Arguments>;

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const options = {
  ...{ server: text, enroll: text, dir: text, url: text, port: text, host: text, 'no-sandbox': flag },
  ...{ help: flag, version: flag },
};

/** What a person asked for. Throws one line that says what is wrong with it. */
export function readArguments(argv: string[]): Arguments | 'help' | 'version' {
  const { help, version, ...values } = parse(argv);
  if (help) return 'help';
  if (version) return 'version';
  const parsed = Arguments.safeParse(values);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`);
  throw new Error(wrong.join('; '));
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    // Node says in further sentences how to escape things.
    throw new Error(String(error instanceof Error ? error.message : error).split(/\. |\n/, 1)[0]);
  }
}
