import { overload } from './overload.ts';

// Attacks a server from a process of its own, and prints what that came to. `node floods.fixture.ts URL COOKIE EMAIL`
const [url = '', cookie = '', email = ''] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(await overload(url, { cookie, email }))}\n`);
// Sockets are left to themselves.
process.exit(0);
