import { limits } from '@it0/contracts/limits';
import { notAllowed, type ToolCall, type ToolResult } from '../tool.ts';
import { classifyPath } from './protected-paths.ts';
import { requireText } from './text-file.ts';
import { replaceFile } from './workspace-file.ts';
import { absolutePath, type Place, Refusal, requireWritable } from './workspace-path.ts';

/** Returns the policy for writing to a place. Throws a `Refusal` for a place that no file tool writes to. */
export function requireFree(place: Place): 'free' | 'ask' {
  requireWritable(place);
  const policy = classifyPath(place.names.join('/'));
  if (policy !== 'refuse') return policy;
  throw new Refusal(
    'This file would change how agents or version control behave, so no tool writes it. Ask the user to do it, or write to another name.',
  );
}

/**
 * Writes a file, after an approval of its whole content where the policy requires one. Returns a result if it was not
 * allowed. Throws a `Refusal` when `version` is given and the file has another one.
 */
export async function writeContent(
  call: ToolCall,
  { place, content, version }: { place: Place; content: string; version?: string },
): Promise<ToolResult | undefined> {
  const policy = requireFree(place);
  requireText(content);
  await call.workspace.requireSpace();
  if (policy === 'ask') {
    if (content.length > limits.toolArgs) throw new Refusal(TOO_LONG);
    const { status } = await call.requestApproval({ kind: 'write', command: absolutePath(place), content });
    if (status !== 'ALLOWED') return notAllowed(status);
    // The disk may have filled up while the approval was pending.
    await call.workspace.requireSpace();
  }
  if (call.signal.aborted) return notAllowed('CANCELLED');
  await replaceFile(place, Buffer.from(content), version);
}

const TOO_LONG = `The user must approve this file, and more than ${limits.toolArgs} characters cannot be shown to them. Use a command instead.`;
