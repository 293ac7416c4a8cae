// Stands in for a gateway that refuses to start: it says what it is told to, with its secrets in it, and ends.
import { readFileSync } from 'node:fs';

const { SAYS = '', OPENCLAW_CONFIG_PATH: config = '', IT0_MODEL_TOKEN: key = '' } = process.env;
const { token } = JSON.parse(readFileSync(config, 'utf8')).gateway.auth;
process.stderr.write(SAYS.replaceAll('<token>', token).replaceAll('<key>', key));
process.exit(78);
