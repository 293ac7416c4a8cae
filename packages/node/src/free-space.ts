import { statfs } from 'node:fs/promises';

const MB = 1024 ** 2;
/** The default floor: this much, or this share of the file system if that is more. */
const FLOOR = { mb: 1024, share: 0.02 } as const;

export type FreeSpace = { freeMb: number; floorMb: number; isLow: boolean };

/** Returns the space that ordinary users can still fill in the file system of a folder, and the floor to keep free. */
export async function measureFreeSpace(folder: string, floor?: number): Promise<FreeSpace> {
  const { bavail, blocks, bsize } = await statfs(folder);
  const freeMb = Math.floor((bavail * bsize) / MB);
  const floorMb = floor ?? Math.max(FLOOR.mb, Math.floor((blocks * bsize * FLOOR.share) / MB));
  return { freeMb, floorMb, isLow: freeMb < floorMb };
}
