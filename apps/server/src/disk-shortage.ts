import { existsSync } from 'node:fs';
import { measureFreeSpace } from '@it0/node/free-space';

/** Returns a warning when the disk of the data folder has less free space than agents leave; null otherwise. */
export async function findDiskShortage(dataDir: string, floor?: number): Promise<string | null> {
  if (!existsSync(dataDir)) return null;
  const { isLow, freeMb, floorMb } = await measureFreeSpace(dataDir, floor);
  return isLow ? `${freeMb} MB are free, and agents run no command below ${floorMb} MB.` : null;
}
