import { statfs } from 'node:fs/promises';

const MB = 1024 ** 2;
/** The default floor: this size, or this share of the file system, whichever is larger. */
const FLOOR = { mb: 1024, share: 0.02 } as const;

/** Free space in MB (2^20 bytes). `isLow` when it is less than the floor. */
export type FreeSpace = { freeMb: number; floorMb: number; isLow: boolean };

/**
 * Measures the space available to ordinary users in the file system of a folder. `floor` is the space to keep free, in
 * MB.
 */
export async function measureFreeSpace(folder: string, floor?: number): Promise<FreeSpace> {
  const { bavail, blocks, bsize } = await statfs(folder);
  const freeMb = Math.floor((bavail * bsize) / MB);
  const floorMb = floor ?? Math.max(FLOOR.mb, Math.floor((blocks * bsize * FLOOR.share) / MB));
  return { freeMb, floorMb, isLow: freeMb < floorMb };
}
