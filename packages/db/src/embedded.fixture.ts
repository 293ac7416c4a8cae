import { startEmbedded } from './embedded.ts';

const { url } = await startEmbedded(process.argv[2]!);
process.send!(url);
