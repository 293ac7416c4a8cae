import { limits } from '@it0/contracts/limits';
import { notAllowed, type ToolCall, type ToolResult } from '../tool.ts';
import { classifyPath } from './protected-paths.ts';
import { requireText } from './text-file.ts';
import { replaceFile } from './workspace-file.ts';
import { absolutePath, type Place, Refusal, requireWritable } from './workspace-path.ts';

/** Throws a `Refusal` for what no file tool writes. */
export function requireFree(place: Place): 'free' | 'ask' {
  requireWritable(place);
  const policy = classifyPath(place.names.join('/'));
  if (policy !== 'refuse') return policy;
  throw new Refusal(
    'This file would change how agents or version control behave, so no tool writes it. Ask the user to do it, or write to another name.',
  );
}

/**
 * Writes a file, and asks first where a person may want it or not. They are shown all that it will hold. Returns why
 * when it was not allowed. With `version` the file must be as it was then.
 */
export async function writeContent(
  call: ToolCall,
  { place, content, version }: { place: Place; content: string; version?: string },
): Promise<ToolResult | undefined> {
  const policy = requireFree(place);
  requireText(content);
  if (policy === 'ask') {
    if (content.length > limits.toolArgs) throw new Refusal(TOO_LONG);
    const status = await call.requestApproval({ kind: 'write', command: absolutePath(place), content });
    if (status !== 'ALLOWED') return notAllowed(status);
  }
  if (call.signal.aborted) return notAllowed('CANCELLED');
  await replaceFile(place, Buffer.from(content), version);
}

const TOO_LONG = `The user must approve this file, and more than ${limits.toolArgs} characters cannot be shown to them. Use a command instead.`;
