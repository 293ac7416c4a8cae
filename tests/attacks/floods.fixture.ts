import { overload } from './overload.ts';

// Floods a server from a separate process, and prints the results as JSON.
// Usage: node floods.fixture.ts URL COOKIE EMAIL
const [url = '', cookie = '', email = ''] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(await overload(url, { cookie, email }))}\n`);
// Open sockets would keep the process alive.
process.exit(0);
