// A fake gateway that prints SAYS with its secrets filled in, and exits. If HANGS is set, it runs without listening:
// `idle` or `busy`. If WRITES is set, it writes that file to the folders of its compile cache first.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const {
  HANGS,
  WRITES,
  SAYS = '',
  NODE_COMPILE_CACHE: cache = '',
  OPENCLAW_CONFIG_PATH: config = '',
  IT0_MODEL_TOKEN: key = '',
} = process.env;
const { token } = JSON.parse(readFileSync(config, 'utf8')).gateway.auth;
process.stderr.write(SAYS.replaceAll('<token>', token).replaceAll('<key>', key));
if (WRITES)
  for (const folder of [cache, ...readdirSync(cache).map((name) => join(cache, name))])
    try {
      writeFileSync(join(folder, WRITES), '');
      process.stderr.write(`could write to ${folder}\n`);
    } catch (error) {
      process.stderr.write(`${error}\n`);
    }
if (HANGS === 'busy') for (;;);
if (HANGS) setInterval(() => {}, 60_000);
else process.exit(78);
