import { errorResult, type ToolResult } from '../tool.ts';
import { Refusal } from './workspace-path.ts';

/** Messages for the model, by the code of a system error. */
const SYSTEM_ERRORS: Record<string, string> = {
  ENOENT: 'There is no such file or folder.',
  ENOTDIR: 'A component of the path is not a folder.',
  EISDIR: 'It is a folder.',
  EACCES: 'Permission denied.',
  EPERM: 'Permission denied.',
  ENAMETOOLONG: 'The name is too long.',
  ENOSPC: 'The disk is full.',
  EDQUOT: 'The disk is full.',
  EROFS: 'The disk is read-only.',
  EMFILE: 'Too many files are open. Try again.',
  ENFILE: 'Too many files are open. Try again.',
};

/** Runs a file tool. Turns a `Refusal` or a system error into a result that the model can act on. */
export async function runFileTool(run: () => Promise<ToolResult>): Promise<ToolResult> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Refusal) return errorResult(error.message);
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return errorResult(SYSTEM_ERRORS[code] ?? `The operation failed (${code}).`);
  }
}
