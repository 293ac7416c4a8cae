import { z } from 'zod';
import { defineTool } from '../tool.ts';
import { type Edit, editText, formatEdit } from './edit-text.ts';
import { runFileTool } from './run-file-tool.ts';
import { decodeText, hashText, MAX_TEXT_BYTES } from './text-file.ts';
import { getFileVersion, openFile, readAll } from './workspace-file.ts';
import { formatPath, parsePath, Refusal, requireFilePath, type WorkspacePath } from './workspace-path.ts';
import { requireWritePolicy, writeContent } from './write-content.ts';

const EditFile = z
  .strictObject({
    path: z.string().describe('Relative to the workspace, or "shared/…".'),
    old_text: z.string().min(1).max(MAX_TEXT_BYTES).optional().describe('Must occur in the file exactly once.'),
    start_line: z.int().min(1).optional().describe('The first line to replace, instead of old_text.'),
    end_line: z
      .int()
      .min(0)
      .optional()
      .describe('The last line to replace; start_line - 1 to insert before start_line without replacing anything.'),
    expected_hash: z
      .string()
      .max(64)
      .optional()
      .describe(
        'The hash that read_file, write_file or the last edit returned. The edit is refused when the hash differs.',
      ),
    new_text: z.string().max(MAX_TEXT_BYTES).describe('The replacement; empty to delete.'),
  })
  .refine(
    ({ old_text, start_line, end_line }) =>
      old_text === undefined
        ? start_line !== undefined && end_line !== undefined && end_line >= start_line - 1
        : start_line === undefined && end_line === undefined,
    'Give either old_text, or start_line and end_line (not before start_line - 1).',
  );

/** Changes a part of a file. */
export const editFile = defineTool({
  description:
    'Change one place in a text file in the workspace: either old_text, which must occur exactly once, or the lines ' +
    'from start_line to end_line. Use lines where the text contains secrets, which may be masked in what you see. ' +
    'Line endings do not change. For configuration the user is asked first, as with write_file.',
  input: EditFile,
  title: ({ path }) => formatPath(path),
  run: ({ path, expected_hash, ...input }, call) =>
    runFileTool(async () => {
      const target = requireFilePath(parsePath(call.workspace, path), path);
      requireWritePolicy(target);
      const { text, version } = await readText(target);
      if (expected_hash !== undefined && expected_hash !== hashText(text))
        throw new Refusal('The file was changed since it was read. Read it again.');
      const edit = editText(text, input as Edit);
      const refusal = await writeContent(call, { target, content: edit.text, version });
      return refusal ?? { text: `Changed ${formatPath(path)} (hash ${hashText(edit.text)}).\n${formatEdit(edit)}` };
    }),
});

async function readText(path: WorkspacePath) {
  await using file = await openFile(path);
  const text = decodeText(await readAll(file, MAX_TEXT_BYTES));
  return { text, version: getFileVersion(file.stats) };
}
