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
    'Write a whole text file in the workspace: a new one, or in the place of an existing one. Missing folders are made. ' +
    'For a change to a part of a file use edit_file. The user is asked first for configuration, such as dotfiles, ' +
    'package.json or a Makefile; files that instruct agents, and what is in .git, are refused.',
  input: z.strictObject({
    path: z.string().describe('Relative to the workspace, or "shared/…".'),
    content: z.string().max(MAX_TEXT_BYTES).describe('All that the file will hold.'),
  }),
  title: ({ path }) => formatPath(path),
  run: ({ path, content }, call) =>
    runFileTool(async () => {
      const place = requireFilePath(parsePath(call.workspace, path), path);
      requireWritePolicy(place);
      const before = await statFile(place);
      const refused = await writeContent(call, { place, content });
      if (refused) return refused;
      const [lines, bytes] = [splitLines(content).length, Buffer.byteLength(content)];
      const what = `${lines} ${lines === 1 ? 'line' : 'lines'}, ${bytes} bytes (hash ${hashText(content)})`;
      return { text: `${before ? 'Replaced' : 'Created'} ${formatPath(path)}: ${what}.` };
    }),
});
