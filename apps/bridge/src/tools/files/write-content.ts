import { limits } from '@it0/contracts/limits';
import { notAllowedResult, type ToolCall, type ToolResult } from '../tool.ts';
import { classifyPath } from './protected-paths.ts';
import { requireText } from './text-file.ts';
import { replaceFile } from './workspace-file.ts';
import { Refusal, requireWritable, toAbsolutePath, type WorkspacePath } from './workspace-path.ts';

/** Returns the policy for writing to a path. Throws a `Refusal` for a path that no file tool writes to. */
export function requireWritePolicy(path: WorkspacePath): 'free' | 'ask' {
  requireWritable(path);
  const policy = classifyPath(path.names.join('/'));
  if (policy !== 'refuse') return policy;
  throw new Refusal(
    'This file would change how agents or version control behave, so no tool writes it. Ask the user to write it, or ' +
      'use another name.',
  );
}

/**
 * Writes a file, after an approval of its whole content where the policy requires one. Returns a result if it was not
 * allowed. Throws a `Refusal` when `version` is given and the file has another one.
 */
export async function writeContent(
  call: ToolCall,
  { target, content, version }: { target: WorkspacePath; content: string; version?: string },
): Promise<ToolResult | undefined> {
  const policy = requireWritePolicy(target);
  requireText(content);
  await call.workspace.requireSpace();
  if (policy === 'ask') {
    if (content.length > limits.toolArgs) throw new Refusal(TOO_LONG);
    const { status } = await call.requestApproval({ kind: 'write', command: toAbsolutePath(target), content });
    if (status !== 'ALLOWED') return notAllowedResult(status);
    // The disk may have filled up while the approval was pending.
    await call.workspace.requireSpace();
  }
  if (call.signal.aborted) return notAllowedResult('CANCELLED');
  await replaceFile(target, Buffer.from(content), version);
}

const TOO_LONG =
  `The user must approve this file, and more than ${limits.toolArgs} characters cannot be shown to them. ` +
  'Use a command instead.';
