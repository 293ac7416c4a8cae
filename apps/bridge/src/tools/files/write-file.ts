import { z } from 'zod';
import { defineTool } from '../tool.ts';
import { runFileTool } from './run-file-tool.ts';
import { hashText, MAX_TEXT_BYTES, splitLines } from './text-file.ts';
import { statFile } from './workspace-file.ts';
import { formatPath, parsePath, requireFilePath } from './workspace-path.ts';
import { requireWritePolicy, writeContent } from './write-content.ts';

/** Writes a whole file. */
export const writeFile = defineTool({
  description:
    'Write a whole text file in the workspace: a new one, or one that replaces an existing file. Missing folders are ' +
    'created. To change a part of a file use edit_file. For configuration, such as dotfiles, package.json or a ' +
    'Makefile, the user is asked first; files that instruct agents, and files in .git, are refused.',
  input: z.strictObject({
    path: z.string().describe('Relative to the workspace, or "shared/…".'),
    content: z.string().max(MAX_TEXT_BYTES).describe('The complete content of the file.'),
  }),
  title: ({ path }) => formatPath(path),
  run: ({ path, content }, call) =>
    runFileTool(async () => {
      const target = requireFilePath(parsePath(call.workspace, path), path);
      requireWritePolicy(target);
      const existing = await statFile(target);
      const refusal = await writeContent(call, { target, content });
      if (refusal) return refusal;
      const [lines, bytes] = [splitLines(content).length, Buffer.byteLength(content)];
      const summary = `${lines} ${lines === 1 ? 'line' : 'lines'}, ${bytes} bytes (hash ${hashText(content)})`;
      return { text: `${existing ? 'Replaced' : 'Created'} ${formatPath(path)}: ${summary}.` };
    }),
});
