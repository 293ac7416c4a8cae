import { existsSync } from 'node:fs';
import { measureFreeSpace } from '@it0/node/free-space';

/** Returns a warning when the disk of the data folder has less free space than agents require; null otherwise. */
export async function findDiskShortage(dataDir: string, floor?: number): Promise<string | null> {
  if (!existsSync(dataDir)) return null;
  const { isLow, freeMb, floorMb } = await measureFreeSpace(dataDir, floor);
  return isLow ? `Only ${freeMb} MB are free. Below ${floorMb} MB, agents run no commands.` : null;
}
