// A fake gateway that prints SAYS with its secrets filled in, and exits. If HANGS is set, it runs without listening:
// `idle` or `busy`.
import { readFileSync } from 'node:fs';

const { HANGS, SAYS = '', OPENCLAW_CONFIG_PATH: config = '', IT0_MODEL_TOKEN: key = '' } = process.env;
const { token } = JSON.parse(readFileSync(config, 'utf8')).gateway.auth;
process.stderr.write(SAYS.replaceAll('<token>', token).replaceAll('<key>', key));
if (HANGS === 'busy') for (;;);
if (HANGS) setInterval(() => {}, 60_000);
else process.exit(78);
